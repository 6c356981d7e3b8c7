"""A POST whose answer is a stream of JSON lines, under the same rules on keys and hosts as every other call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import aiohttp

from ..errors import UnexpectedResponse
from ..settings import Secret
from . import failures
from .answer import read_answer
from .client import MAX_JSON_BYTES, HttpClient
from .failures import CallFailed

LONGEST_STREAM = 256 * 1024 * 1024
"""Bytes of one answer: four results of 2 megapixels in base64 are about 40 MB, previews 10 kB each."""

LONG_LINE = 64 * 1024
"""Bytes of a line from which on it is read in a thread: results are, states are not."""


class LineStream(HttpClient):
    """The client of services that answer line by line."""

    async def lines(
        self, url: str, body: dict[str, Any], key: Secret, *, until: float, silence: float = 30.0
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Send `body` once and yield the JSON objects that come back; leaving the loop closes the connection.

        `until` (seconds since the epoch) ends it; `silence`: seconds without a byte after which the service counts as
        gone. A refusal with a JSON object is yielded as that object with its "status". Raises Unavailable, and
        UnexpectedResponse for other answers.
        """
        headers = {**self._service.key_headers(self._usable(key)), "Content-Type": "application/json"}
        data = await asyncio.to_thread(lambda: json.dumps(body, separators=(",", ":")).encode())
        try:
            async with self.open_paid(url, data, headers, until=until) as response:
                chunks = _without_silence(self.chunks(response, LONGEST_STREAM), silence)
                if response.status != 200:
                    yield await self._refusal(response, chunks)
                    return
                async for line in self._objects(chunks):
                    yield line
        except CallFailed as failed:
            raise failures.final_error(failed, "read", self._service) from failed

    async def _refusal(self, response: aiohttp.ClientResponse, chunks: AsyncIterator[bytes]) -> dict[str, Any]:
        body = bytearray()
        async for chunk in chunks:
            body += chunk
            if len(body) > MAX_JSON_BYTES:
                break
        answer = read_answer(response.status, response.headers.copy(), bytes(body))
        if isinstance(answer.json, dict):
            return {**answer.json, "status": response.status}
        raise UnexpectedResponse(
            f"{self._service.label} answered with HTTP {response.status}.",
            provider=self._service.name,
            status=response.status,
            detail=answer.text,
        )

    async def _objects(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
        """Lines of any length: the library's own reader stops at 512 kB."""
        rest = bytearray()
        async for chunk in chunks:
            seen = len(rest)  # a line of tens of megabytes is not searched again with every piece of it
            rest += chunk
            while (end := rest.find(b"\n", seen)) >= 0:
                line, rest, seen = bytes(rest[:end]), rest[end + 1 :], 0
                if line.strip():
                    yield await self._object(line)
        if rest.strip():
            yield await self._object(bytes(rest))

    async def _object(self, line: bytes) -> dict[str, Any]:
        try:
            value = await asyncio.to_thread(json.loads, line) if len(line) > LONG_LINE else json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise UnexpectedResponse(
                f"{self._service.label} answered something this release does not understand.",
                provider=self._service.name,
                detail=f"a line of {len(line)} bytes that is no JSON object",
            )
        return value


async def _without_silence(chunks: AsyncIterator[bytes], seconds: float) -> AsyncIterator[bytes]:
    """The same chunks; raises CallFailed when none comes for so long."""
    while True:
        try:
            async with asyncio.timeout(seconds):
                chunk = await anext(chunks, None)
        except TimeoutError as error:
            raise CallFailed("broken", f"silent for {seconds:g} seconds") from error
        if chunk is None:
            return
        yield chunk
