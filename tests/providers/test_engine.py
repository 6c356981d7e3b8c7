"""The engine's provider against the real engine, and against one that says what no engine should."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from flux_studio.catalog import card
from flux_studio.errors import (
    AuthenticationFailed,
    ConfigurationError,
    EngineError,
    InvalidRequest,
    JobTimeout,
    UnexpectedResponse,
)
from flux_studio.http.sessions import close_sessions
from flux_studio.providers import provider
from flux_studio.settings import Secret, Settings
from flux_studio.types import Mask, Queued, Request, Running, Size, Succeeded

from .conftest import a_picture

TINY = card("flux-tiny")
PROMPT = "a red circle on a blue background"


class Context:
    """What the runner gives a provider."""

    http = None
    typical_seconds = 1.0

    def __init__(self, endpoint: str, key: str = "token", deadline: float = 4e9) -> None:
        self.settings = Settings(engine_endpoint=endpoint, engine_key=Secret(key))
        self.deadline = deadline
        self.marks: list[str] = []

    async def submitting(self) -> None:
        self.marks.append("submitting")

    async def submitted(self, handle) -> None:
        self.marks.append("submitted")

    async def downloading(self) -> None:
        self.marks.append("downloading")


@pytest.fixture(autouse=True)
async def no_connection_stays():
    yield
    await close_sessions()


def wish(**more) -> Request:
    return Request(**{"task": "generate", "model": TINY.name, "prompt": PROMPT, "seed": 4, **more})


async def run(request: Request, context: Context) -> list:
    return [state async for state in provider("engine").run(request, TINY, context)]


@asynccontextmanager
async def scripted(*answers):
    """An engine that answers each POST with the next script: a list of events, a (status, object), or a coroutine."""
    seen: list[dict] = []
    left = list(answers)

    async def jobs(request: web.Request) -> web.StreamResponse:
        seen.append({"body": await request.json(), "authorization": request.headers.get("Authorization")})
        script = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(script, tuple):
            return web.json_response(script[1], status=script[0])
        response = web.StreamResponse()
        await response.prepare(request)
        for event in script:
            if isinstance(event, float):
                await asyncio.sleep(event)
            else:
                await response.write(event if isinstance(event, bytes) else json.dumps(event).encode() + b"\n")
        return response

    app = web.Application()
    app.router.add_post("/v1/jobs", jobs)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    finally:
        await runner.cleanup()


def error(code: str, sentence: str, **more) -> dict:
    return {"event": "error", "error": {"code": code, "sentence": sentence, "advice": "", "field": "", **more}}


async def test_the_job_says_what_the_request_says():
    refused = [error("invalid", "no")]
    picture = a_picture(128, 128)
    mask = Mask(data=bytes([255]) * 128 * 128, width=128, height=128)
    request = wish(
        task="inpaint",
        pictures=(picture,),
        mask=mask,
        options={"steps": 6, "strength": 0.5},
        size=Size(width=128, height=128),
    )
    async with scripted(refused) as (endpoint, seen):
        with pytest.raises(InvalidRequest):
            await run(request, Context(endpoint))
    body = seen[0]["body"]
    assert seen[0]["authorization"] == "Bearer token"
    assert {
        name: body[name] for name in ("task", "model", "prompt", "seed", "count", "steps", "strength", "format")
    } == {
        "task": "inpaint",
        "model": "flux-tiny",
        "prompt": PROMPT,
        "seed": 4,
        "count": 1,
        "steps": 6,
        "strength": 0.5,
        "format": "png",
    }
    assert len(body["pictures"]) == 1
    assert body["mask"]


@pytest.mark.parametrize(
    ("script", "kind", "text"),
    [
        ([error("invalid", "prompt: too odd.", field="prompt")], InvalidRequest, "prompt: too odd."),
        ([error("memory", "The device ran out of memory.", advice="Ask for less.")], EngineError, "Ask for less."),
        ([error("missing", "The engine has no model.")], EngineError, "The engine has no model."),
        ((401, {"error": {"sentence": "no"}}), AuthenticationFailed, "ENGINE_API_KEY"),
        ((404, {"error": {"code": "missing", "sentence": "No such model."}}), EngineError, "No such model."),
        ([b"<html>\n"], UnexpectedResponse, "does not understand"),
        ([b"[1]\n"], UnexpectedResponse, "does not understand"),
        ([{"event": "result", "pictures": []}], UnexpectedResponse, "does not understand"),
        ([{"event": "result", "pictures": ["***"]}], UnexpectedResponse, "does not understand"),
        ([{"event": "result", "pictures": ["aGVsbG8="]}], UnexpectedResponse, "does not understand"),
        ([{"event": "started"}], EngineError, "without a picture"),
        ([], EngineError, "without a picture"),
    ],
)
async def test_every_way_it_can_go_wrong_has_its_sentence(script, kind, text):
    async with scripted(script) as (endpoint, _):
        with pytest.raises(kind) as raised:
            await run(wish(), Context(endpoint))
    assert text in raised.value.sentence


async def test_a_worker_that_died_is_tried_once_more():
    died = error("crashed", "The worker died.")
    async with scripted([{"event": "started"}, died], [died]) as (endpoint, seen):
        with pytest.raises(EngineError, match="The worker died"):
            await run(wish(), Context(endpoint))
    assert len(seen) == 2


async def test_an_engine_that_is_not_there():
    with pytest.raises(EngineError, match=r"studio\.py engine"):
        await run(wish(), Context("http://127.0.0.1:9"))


@pytest.mark.parametrize(("endpoint", "key"), [("", "token"), ("http://127.0.0.1:9", "")])
async def test_what_the_admin_has_to_set(endpoint, key):
    with pytest.raises(ConfigurationError, match="ENGINE_API_KEY"):
        await run(wish(), Context(endpoint, key))


async def test_the_deadline_ends_the_wait():
    async with scripted([{"event": "started"}, 30.0]) as (endpoint, _):
        with pytest.raises(JobTimeout, match="JOB_TIMEOUT"):
            await run(wish(), Context(endpoint, deadline=0))


@pytest.mark.engine
async def test_a_picture_of_the_real_engine():
    from tools.engine import running_engine

    with running_engine("--device", "cpu") as engine:
        context = Context(engine.endpoint, engine.token)
        states = await run(wish(), context)
    assert any(isinstance(state, Queued) for state in states)
    progress = [state.progress for state in states if isinstance(state, Running) and state.progress]
    assert progress == sorted(progress)
    assert any(isinstance(state, Running) and state.preview for state in states)
    assert isinstance(states[-1], Succeeded)
    result = states[-1].result
    assert (result.seed, result.pictures[0].size, result.cost) == (4, Size(width=128, height=128), None)
    assert context.marks == ["submitting", "downloading"]
