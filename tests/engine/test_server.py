"""The engine over HTTP: streams, the queue, cancelling by closing, a worker that is killed, memory given back."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tools.engine import RunningEngine, running_engine

from .conftest import opened

pytestmark = pytest.mark.engine

JOB = {"model": "flux-tiny", "prompt": "a red circle on a blue background", "seed": 4}
LONG = {**JOB, "steps": 100, "count": 4}


@pytest.fixture(scope="module")
def engine():
    with running_engine("--device", "cpu") as started:
        yield started


async def events(engine: RunningEngine, job: dict) -> AsyncIterator[dict]:
    async with (
        aiohttp.ClientSession(headers=engine.headers) as session,
        session.post(f"{engine.endpoint}/v1/jobs", json=job) as answer,
    ):
        assert answer.status == 200
        async for line in answer.content:
            if line.strip():
                yield json.loads(line)


async def all_events(engine: RunningEngine, job: dict) -> list[dict]:
    return [event async for event in events(engine, job) if event["event"] != "alive"]


async def asked(engine: RunningEngine, method: str, path: str, **more) -> tuple[int, dict]:
    async with aiohttp.ClientSession() as session:
        answer = await session.request(method, f"{engine.endpoint}{path}", **{"headers": engine.headers, **more})
        return answer.status, await answer.json()


async def test_a_job_streams_from_queue_to_picture(engine):
    told = await all_events(engine, JOB)
    assert [event["event"] for event in told[:3]] == ["queued", "loading", "started"]
    steps = [event for event in told if event["event"] == "step"]
    assert [(event["step"], event["steps"]) for event in steps] == [(number, 8) for number in range(1, 9)]
    assert any("preview" in event for event in steps)
    result = told[-1]
    assert (result["event"], result["seeds"], result["width"], result["exact"]) == ("result", [4], 128, True)
    assert result["peak_memory"] > 0
    assert opened(base64.b64decode(result["pictures"][0])).size == (128, 128)


async def test_the_list_of_models(engine):
    status, told = await asked(engine, "GET", "/v1/models")
    assert status == 200
    assert [model["name"] for model in told["models"]] == ["flux-tiny"]
    assert told["models"][0]["tasks"] == ["generate", "edit", "inpaint"]


@pytest.mark.parametrize("path", ["/v1/models", "/v1/jobs", "/v1/unload"])
async def test_without_the_token_nothing_is_told(engine, path):
    method = "GET" if path == "/v1/models" else "POST"
    status, told = await asked(engine, method, path, headers={"Authorization": "Bearer wrong"})
    assert status == 401
    assert told["error"]["sentence"] == "The engine did not accept the token."


async def test_health_says_more_to_those_with_the_token(engine):
    assert (await asked(engine, "GET", "/v1/health", headers={}))[1] == {"status": "ok"}
    assert (await asked(engine, "GET", "/v1/health"))[1]["devices"][0]["device"] == "cpu"


@pytest.mark.parametrize(
    ("job", "status", "text"),
    [
        ({**JOB, "steps": 500}, 422, "steps"),
        ({**JOB, "model": "nothing"}, 404, "has no model"),
        ({**JOB, "loras": [{"name": "nothing"}]}, 404, "has no LoRA"),
        ([], 422, "JSON object"),
    ],
)
async def test_what_cannot_be_is_refused_before_the_queue(engine, job, status, text):
    answered, told = await asked(engine, "POST", "/v1/jobs", json=job)
    assert answered == status
    assert text in told["error"]["sentence"]


async def test_a_body_that_is_no_json(engine):
    status, told = await asked(engine, "POST", "/v1/jobs", data=b"{")
    assert (status, told["error"]["sentence"]) == (422, "The body is not JSON.")


async def test_a_fault_in_the_worker_is_the_last_event(engine):
    told = await all_events(engine, {**JOB, "prompt": "a red cat"})
    assert told[-1]["error"]["code"] == "invalid"
    assert "does not know “cat”" in told[-1]["error"]["sentence"]


async def test_jobs_wait_in_a_queue_and_know_their_place(engine):
    first = asyncio.create_task(all_events(engine, {**JOB, "steps": 40, "count": 4}))
    await asyncio.sleep(0.3)
    others = [asyncio.create_task(all_events(engine, {**JOB, "seed": seed})) for seed in (1, 2)]
    told = await asyncio.gather(first, *others)
    assert [events[-1]["event"] for events in told] == ["result"] * 3
    places = [[event["position"] for event in events if event["event"] == "queued"] for events in told[1:]]
    assert all(seen == sorted(seen, reverse=True) for seen in places)
    assert sorted(seen[0] for seen in places) == [1, 2]


async def test_closing_the_stream_stops_the_job_at_once(engine):
    stream = events(engine, LONG)
    async for event in stream:
        if event["event"] == "step":
            break
    await stream.aclose()
    told = await asyncio.wait_for(all_events(engine, JOB), timeout=60)
    assert told[-1]["event"] == "result"
    assert (await asked(engine, "GET", "/v1/health"))[1]["queue"] == 0


async def test_a_killed_worker_gives_its_reason_and_the_next_job_works(engine):
    told = []
    async for event in events(engine, LONG):
        told.append(event)
        if event["event"] == "step" and len([seen for seen in told if seen["event"] == "step"]) == 3:
            (worker,) = engine.workers()
            os.kill(worker, signal.SIGKILL)
    assert told[-1]["error"]["code"] == "crashed"
    assert "died while it made this picture" in told[-1]["error"]["sentence"]
    assert (await all_events(engine, JOB))[-1]["event"] == "result"


async def test_unloading_ends_the_idle_worker(engine):
    await all_events(engine, JOB)
    assert engine.workers()
    await asked(engine, "POST", "/v1/unload")
    assert engine.workers() == []
    assert (await all_events(engine, JOB))[-1]["event"] == "result"


async def test_an_idle_worker_ends_by_itself():
    with running_engine("--device", "cpu", "--idle", "0.5") as engine:
        await all_events(engine, JOB)
        for _ in range(100):
            if not engine.workers():
                return
            await asyncio.sleep(0.1)
        pytest.fail("the worker is still there")
