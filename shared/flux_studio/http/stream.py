"""A POST whose answer is a stream of JSON lines, under the same rules on keys and hosts as every other call."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from yarl import URL

from ..errors import UnexpectedResponse
from ..settings import Secret
from . import failures
from .answer import read_answer
from .client import CONNECT_SECONDS, MAX_JSON_BYTES, HttpClient, read_body
from .proxies import proxy_for
from .sessions import sessions

LONGEST_LINE = 256 * 1024 * 1024
"""Bytes of one line: four results of 2 megapixels in base64 are about 40 MB."""


class LineStream(HttpClient):
    """The client of services that answer line by line."""

    async def lines(
        self, url: str, body: dict[str, Any], key: Secret, *, silence: float = 30.0
    ) -> AsyncIterator[dict[str, Any]]:
        """Send `body` once and yield the JSON objects that come back; leaving the loop closes the connection.

        `silence`: seconds without a byte after which the service counts as gone. A refusal with a JSON object is
        yielded as that object with its "status". Raises Unavailable, and UnexpectedResponse for other answers.
        """
        target = self._key_target(url)
        headers = {**self._service.key_headers(self._usable(key)), "Content-Type": "application/json"}
        timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_read=silence)
        pools = await sessions(self._rules)
        try:
            async with pools.paid.post(
                target,
                data=io.BytesIO(json.dumps(body, separators=(",", ":")).encode()),
                headers=headers,
                allow_redirects=False,
                timeout=timeout,
                proxy=proxy_for(target, self._proxies),
            ) as response:
                if response.status != 200:
                    yield await self._refusal(response, target)
                    return
                async for line in self._objects(response):
                    yield line
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failed = failures.translate(error, target, self._service)
            raise failures.final_error(failed, "read", self._service) from error

    async def _refusal(self, response: aiohttp.ClientResponse, target: URL) -> dict[str, Any]:
        body = await read_body(response, MAX_JSON_BYTES)
        answer = read_answer(response.status, response.headers.copy(), body)
        if isinstance(answer.json, dict):
            return {**answer.json, "status": response.status}
        raise UnexpectedResponse(
            f"{self._service.label} answered with HTTP {response.status}.",
            provider=self._service.name,
            status=response.status,
            detail=answer.text,
        )

    async def _objects(self, response: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
        """Lines of any length up to the cap: the library's own reader stops at 512 kB."""
        rest = bytearray()
        async for chunk in response.content.iter_any():
            rest += chunk
            while (end := rest.find(b"\n")) >= 0:
                line, rest = bytes(rest[:end]), rest[end + 1 :]
                if line.strip():
                    yield self._object(line)
            if len(rest) > LONGEST_LINE:
                break
        if rest.strip():
            yield self._object(bytes(rest))

    def _object(self, line: bytes) -> dict[str, Any]:
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise UnexpectedResponse(
                f"{self._service.label} answered something this release does not understand.",
                provider=self._service.name,
                detail=f"a line of {len(line)} bytes that is no JSON object",
            )
        return value
