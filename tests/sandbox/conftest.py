"""A sandbox with a clock that only moves when told, and a client that speaks the protocol by hand."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from PIL import Image

from tools.sandbox import Sandbox


class Clock:
    """Epoch seconds that stand still."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Client:
    """Plain HTTP calls; nothing of the provider under test."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession, clock: Clock) -> None:
        self.sandbox, self.session, self.clock = sandbox, session, clock
        self.submit_host = sandbox.endpoint

    async def request(
        self, url: str, method: str = "GET", key: str | None = None, **options: Any
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        headers = {"x-key": key} if key else {}
        async with self.session.request(method, url, headers=headers, allow_redirects=False, **options) as response:
            return response, await response.read()

    async def submit(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        url = f"{self.submit_host}/v1/{path}"
        async with self.session.post(url, json=body, headers={"x-key": self.sandbox.key}) as response:
            return response.status, await response.json()

    async def poll(self, polling_url: str) -> tuple[int, dict[str, Any]]:
        async with self.session.get(polling_url, headers={"x-key": self.sandbox.key}) as response:
            return response.status, await response.json()

    async def result(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        """Submit, let the duration pass, poll once."""
        status, answer = await self.submit(path, **body)
        assert status == 200, answer
        self.clock.advance(self.sandbox.settings.duration)
        return await self.poll(answer["polling_url"])

    async def picture(self, path: str, **body: Any) -> Image.Image:
        """The finished picture of a request."""
        _, answer = await self.result(path, **body)
        assert answer["status"] == "Ready", answer
        response, data = await self.request(answer["result"]["sample"])
        assert response.status == 200
        return Image.open(io.BytesIO(data))


def encoded(image: Image.Image, name: str = "PNG") -> str:
    """Raw base64 of a picture file."""
    buffer = io.BytesIO()
    image.save(buffer, name)
    return base64.b64encode(buffer.getvalue()).decode()


def halves(width: int, height: int) -> Image.Image:
    """A picture with plain structure: light left half, dark right half."""
    image = Image.new("RGB", (width, height), (230, 225, 210))
    image.paste((60, 70, 90), (width // 2, 0, width, height))
    return image


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=clock, duration=4.0) as running:
        yield running


@pytest.fixture
async def client(sandbox: Sandbox, clock: Clock) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        yield Client(sandbox, session, clock)
