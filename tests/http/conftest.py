"""A scripted server on loopback and a client whose waits are recorded instead of slept."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from flux_studio.http import HttpClient
from flux_studio.http.sessions import close_sessions
from flux_studio.settings import Secret, Settings


class Server:
    """Answers each request with the next step of `script`; the last one repeats."""

    def __init__(self):
        self.script = []
        self.requests = []
        self.bodies = []
        self.url = ""

    async def answer(self, request):
        self.requests.append(request)
        self.bodies.append(await request.read())
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return await step(request)

    @property
    def host(self):
        return self.url.removeprefix("http://")


def says(status=200, *, json=None, body=b"", **headers):
    """A step: one answer; header names have underscores."""

    async def step(request):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if json is not None:
            return web.json_response(json, status=status, headers=named)
        return web.Response(status=status, body=body, headers=named)

    return step


async def resets(request):
    """A step: the connection breaks without an answer."""
    request.transport.abort()
    return web.Response()


def truncates(body, announced):
    """A step: fewer bytes than Content-Length says."""

    async def step(request):
        response = web.StreamResponse(headers={"Content-Length": str(announced)})
        await response.prepare(request)
        await response.write(body)
        request.transport.close()
        return response

    return step


@pytest.fixture
async def start_server() -> AsyncIterator:
    runners = []

    async def start() -> Server:
        server = Server()
        application = web.Application(client_max_size=64 * 1024**2)
        application.router.add_route("*", "/{path:.*}", server.answer)
        runner = web.AppRunner(application, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        runners.append(runner)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return server

    yield start
    await close_sessions()
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def server(start_server):
    return await start_server()


class Waits(list):
    """Stands for asyncio.sleep and for the clock: waiting moves the time."""

    now = 1_800_000_000.0

    async def sleep(self, seconds):
        self.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def clock(self):
        return self.now


@pytest.fixture
def waits():
    return Waits()


@pytest.fixture
def make_client(server, waits):
    def make(**settings):
        defaults = {"flux_endpoint": server.url, "flux_key": Secret("the-key"), "max_retries": 3}
        return HttpClient(
            Settings(**{**defaults, **settings}), sleep=waits.sleep, clock=waits.clock, jitter=lambda: 1.0
        )

    return make


@pytest.fixture
def client(make_client):
    return make_client()
