"""The engine's queue and its door without a model: full, hostile, cancelled while the worker starts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from flux_engine import frames
from flux_engine.catalogue import Catalogue
from flux_engine.pool import Pool, Seat
from flux_engine.server import application
from flux_engine.spec import parse
from flux_engine.worker import Options

JOB = {"model": "flux-tiny", "prompt": "a red circle on a blue background"}
HEADERS = {"Authorization": "Bearer token"}


class Worker:
    """A worker's pipes: it notes what it is told and makes an empty result of every job."""

    returncode = None

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.stdin, self.stdout = self, asyncio.StreamReader()

    def write(self, data: bytes) -> None:
        heard = asyncio.StreamReader()
        heard.feed_data(data)
        heard.feed_eof()
        asyncio.get_running_loop().create_task(self._answer(heard))

    async def drain(self) -> None: ...

    async def _answer(self, heard: asyncio.StreamReader) -> None:
        frame = await frames.read_async(heard)
        assert frame
        self.told.append(frame[0])
        if frame[0]["op"] == "job":
            self.stdout.feed_data(frames.pack({"event": "result", "id": frame[0]["id"], "notes": ["made"]}))


@pytest.fixture
async def starting(monkeypatch) -> tuple[Worker, asyncio.Event]:
    """A worker, and the event until which it is still starting."""
    worker, started = Worker(), asyncio.Event()

    async def slowly(seat: Seat) -> Any:
        await started.wait()
        return worker

    monkeypatch.setattr(Seat, "_worker", slowly)
    return worker, started


async def test_a_job_cancelled_while_the_worker_starts_is_never_given_to_it(starting):
    worker, started = starting
    pool = Pool(Options(), ["cpu"], idle=0)
    gone = pool.submit(parse(JOB))
    assert (await anext(gone))["event"] == "queued"
    await asyncio.sleep(0)
    await gone.aclose()
    started.set()
    (*_, last) = [event async for event in pool.submit(parse({**JOB, "prompt": "a blue circle"}))]
    assert last["event"] == "result"
    assert [(order["op"], order["spec"]["prompt"]) for order in worker.told] == [("job", "a blue circle")]
    await pool.close()


async def test_what_was_rounded_is_told_with_the_result(starting):
    starting[1].set()
    pool = Pool(Options(), ["cpu"], idle=0)
    (*_, last) = [event async for event in pool.submit(parse({**JOB, "width": 100}))]
    assert last["notes"] == ["The width 100 became 96: sides are multiples of 16.", "made"]
    await pool.close()


async def test_a_full_queue_is_a_refusal_with_a_status():
    app = application(Pool(Options(), ["cpu"], longest_queue=0), Catalogue(), "token")
    async with TestClient(TestServer(app)) as client:
        answer = await client.post("/v1/jobs", json=JOB, headers=HEADERS)
        assert answer.status == 503
        assert "queue is full" in (await answer.json())["error"]["sentence"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"[" * 100_000, HEADERS, 422),
        (b'{"model": "flux-tiny", "prompt": "x", "steps": 1' + b"0" * 400 + b"}", HEADERS, 422),
        (b'{"model": "flux-tiny", "prompt": "x", "guidance": NaN}', HEADERS, 422),
        (b'{"model": "flux-tiny", "prompt": "x", "seeds": [1e400]}', HEADERS, 422),
        (b"\xff\xfe", HEADERS, 422),
        (b"{}", {"Authorization": "Bearer t\udcf6ken"}, 401),
    ],
)
async def test_a_hostile_body_or_token_is_refused_in_words(body, headers, status):
    app = application(Pool(Options(), ["cpu"]), Catalogue(), "token")
    async with TestClient(TestServer(app)) as client:
        answer = await client.post("/v1/jobs", data=body, headers=headers)
        assert answer.status == status
        assert (await answer.json())["error"]["sentence"]
