"""The way of a provider's own SDK to the network: through our connections, under our rules on keys and hosts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any, Self

import aiohttp

from .client import HttpClient

PASSED = ("accept", "content-type")
"""Headers of the SDK that leave; the others tell about this server's system, or come from its environment."""
KEPT_BACK = frozenset({"transfer-encoding", "connection"})
MAX_BYTES = 256 * 1024 * 1024
"""Four pictures of the largest size in base64, previews included."""


class SdkTransport:
    """A transport for HTTP libraries of the httpx family; `library` is the module the SDK itself uses.

    It adds `headers` (the key), sends each request once and keeps the answer's headers. What the SDK reads from the
    environment (proxies, organisation, base address) never gets here. Close it to close the connections.
    """

    def __init__(self, http: HttpClient, library: Any, headers: Mapping[str, str], *, until: float) -> None:
        self._http, self._library, self._headers, self._until = http, library, headers, until
        self._open = AsyncExitStack()
        self.answered: Mapping[str, str] = {}
        """Headers of the newest answer, names in lower case."""

    async def handle_async_request(self, request: Any) -> Any:
        """Send one request of the SDK; raises CallFailed and UnexpectedResponse, which the SDK wraps or lets pass."""
        body = await request.aread()
        passed = {name: request.headers[name] for name in PASSED if request.headers.get(name)}
        response = await self._open.enter_async_context(
            self._http.open_paid(str(request.url), body, {**passed, **self._headers}, until=self._until)
        )
        self.answered = {name.lower(): value for name, value in response.headers.items()}
        headers = [(name, value) for name, value in response.headers.items() if name.lower() not in KEPT_BACK]
        return self._library.Response(response.status, headers=headers, content=self._body(response))

    async def aclose(self) -> None:
        """Close every answer that is still open."""
        await self._open.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _body(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        async for chunk in self._http.chunks(response, MAX_BYTES):
            yield chunk
