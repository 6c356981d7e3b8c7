"""The one way to the network: paid calls, repeatable reads and downloads under the rules of this package."""

from __future__ import annotations

import asyncio
import io
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from ..errors import ConfigurationError, UnexpectedResponse
from ..settings import Secret, Settings
from . import failures, origins, policy
from .addresses import AddressRules, is_loopback, literal
from .answer import Answer, read_answer
from .failures import CallFailed, Service, TooLarge
from .proxies import environment_proxies, proxy_for
from .sessions import close_sessions, sessions

MAX_JSON_BYTES = 2 * 1024 * 1024
MAX_DOWNLOAD_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 3
CONNECT_SECONDS = 10.0
"""Upper bound for name resolution, connection and TLS together."""
UPLOAD_RATE = 256 * 1024
"""Bytes a second that even a slow line manages; a large body gets that much more time."""
CHUNK = 64 * 1024

T = TypeVar("T")


class HttpClient:
    """A cheap view on the shared connection pools, made anew for each snapshot of settings.

    `sleep`, `clock` (seconds since the epoch) and `jitter` (0 to 1) are injected by tests.
    """

    def __init__(
        self,
        settings: Settings,
        service: Service | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._service = service or Service(
            name="bfl",
            label="Black Forest Labs",
            endpoint=settings.flux_endpoint,
            further=(settings.flux_finetune_endpoint,),
        )
        self._sleep, self._clock, self._jitter = sleep, clock, jitter
        self._proxies = environment_proxies(settings)
        self._endpoints = tuple(_endpoint(self._service, named) for named in self._service.addresses)
        self._rules = AddressRules(
            named=frozenset(_named(self._endpoints, settings, self._proxies)),
            only_loopback=settings.environment == "test",
        )

    async def post_paid(
        self,
        url: str,
        body: dict[str, Any],
        key: Secret,
        *,
        before: Callable[[], Awaitable[None]] | None = None,
        until: float | None = None,
    ) -> Answer:
        """Send a request that starts a paid job; `until` (seconds since the epoch) bounds the repetitions.

        `before` is awaited directly before each sending, so that a job stopped between two of them is never sent.
        It is repeated only when it surely did not arrive. Raises MaybeSubmitted when that is unknown, RateLimited,
        Unavailable, and UnexpectedResponse when the key may not go there. Answers below 500 are returned, except 429.
        """
        target = self._key_target(url)
        data = await asyncio.to_thread(_encoded, body)
        # Pictures in base64 are large, and from here on only the encoded text is needed.
        del body
        seconds = self._settings.request_timeout + len(data) / UPLOAD_RATE

        async def attempt() -> Answer:
            if before is not None:
                await before()
            answer = await self._call("paid", target, key=key, data=data, seconds=seconds)
            if answer.status == 429 or answer.status >= 500 or policy.may_have_started(answer.status):
                raise self._failed(answer, target)
            return answer

        return await self._repeat("paid", attempt, until=until)

    def to(self, service: Service) -> HttpClient:
        """The same client for another service."""
        return HttpClient(self._settings, service, sleep=self._sleep, clock=self._clock, jitter=self._jitter)

    async def repeat_paid(self, attempt: Callable[[], Awaitable[T]], *, until: float | None = None) -> T:
        """Run an attempt that starts a paid job and raises CallFailed; again only when it surely started nothing."""
        return await self._repeat("paid", attempt, until=until)

    @asynccontextmanager
    async def open_paid(
        self, url: str, data: bytes, headers: Mapping[str, str], *, until: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a paid request once; its answer arrives within the block, whatever its status.

        `headers` carry the key, so the address must be one that may get it. `until` (seconds since the epoch) ends it.
        Raises CallFailed, and UnexpectedResponse for a refused address.
        """
        target = self._key_target(url)
        seconds = max(1.0, until - self._clock())
        pools = await sessions(self._rules)
        try:
            async with pools.paid.post(
                target,
                data=io.BytesIO(data),
                headers={**headers, "Accept-Encoding": "identity"},
                allow_redirects=False,
                timeout=self._timeout(seconds, patience=seconds),
                proxy=proxy_for(target, self._proxies),
            ) as response:
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise failures.translate(error, target, self._service) from error

    async def chunks(self, response: aiohttp.ClientResponse, limit: int) -> AsyncIterator[bytes]:
        """The body of an opened answer as it arrives, up to `limit` bytes; raises CallFailed, UnexpectedResponse."""
        target = URL(str(response.url), encoded=True)
        size = 0
        try:
            async for chunk in response.content.iter_chunked(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise self._unexpected(f"sent more than {limit // 1024**2} MiB", target)
                yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise failures.translate(error, target, self._service) from error

    async def post_once(self, url: str, body: dict[str, Any], key: Secret) -> Answer:
        """Send a change that costs nothing, once: whoever asked sees whether it was done, and may ask again.

        Every answer with a JSON object is returned. Raises RateLimited, Unavailable, and UnexpectedResponse when
        the key may not go there.
        """
        target = self._key_target(url)

        async def attempt() -> Answer:
            seconds = self._settings.request_timeout
            answer = await self._call("read", target, key=key, data=_encoded(body), seconds=seconds)
            if answer.status == 429 or (answer.status >= 500 and not isinstance(answer.json, dict)):
                raise self._failed(answer, target)
            return answer

        return await self._repeat("read", attempt, retries=0, until=None)

    async def get_json(self, url: str, key: Secret, *, repeat: bool = True, until: float | None = None) -> Answer:
        """Read something that may be read again; without `repeat` the caller has a schedule of its own.

        Every status that came with a JSON object is returned, because failed tasks are reported under 422 and 503.
        Raises RateLimited, Unavailable, and UnexpectedResponse when the key may not go there.
        """
        target = self._key_target(url)

        async def attempt() -> Answer:
            answer = await self._call("read", target, key=key, seconds=self._settings.request_timeout)
            if answer.status == 429 or (answer.status >= 500 and not isinstance(answer.json, dict)):
                raise self._failed(answer, target)
            return answer

        return await self._repeat("read", attempt, retries=None if repeat else 0, until=until)

    async def download(
        self,
        url: str,
        max_bytes: int = MAX_DOWNLOAD_BYTES,
        *,
        until: float | None = None,
        at_home: Mapping[str, str] | None = None,
    ) -> bytes:
        """Fetch a result without any key, completely and within `max_bytes`.

        `at_home` are headers for a result that lies at the service's own origin; no other host gets them. Follows up
        to three redirects inside the same origin. Raises Unavailable when it stays incomplete, UnexpectedResponse (with
        .status) for another status, a foreign redirect, a refused address or too many bytes.
        """
        first = self._parse(url)

        async def attempt() -> bytes:
            target = first
            for _ in range(MAX_REDIRECTS + 1):
                data = await self._fetch(target, max_bytes, at_home or {})
                if isinstance(data, bytes):
                    return data
                target = self._redirect(target, data)
            raise self._unexpected("redirected the download too often", first)

        return await self._repeat("read", attempt, until=until)

    def require_key_allowed(self, url: str) -> None:
        """Raise UnexpectedResponse when the key may not be sent to an address."""
        self._key_target(url)

    async def close(self) -> None:
        """Close the connections of the running loop (they are shared with every other client of it)."""
        await close_sessions()

    async def _repeat(
        self,
        method: policy.Method,
        attempt: Callable[[], Awaitable[T]],
        *,
        until: float | None,
        retries: int | None = None,
    ) -> T:
        retries = self._settings.max_retries if retries is None else retries
        count = 0
        while True:
            try:
                return await attempt()
            except CallFailed as failed:
                wait = policy.delay(count, failed.retry_after, self._jitter)
                remaining = None if until is None else until - self._clock()
                if not policy.may_repeat(method, failed.outcome, count, retries, wait=wait, remaining=remaining):
                    raise failures.final_error(failed, method, self._service) from failed
            await self._sleep(wait)
            count += 1

    async def _call(
        self, method: policy.Method, target: URL, *, key: Secret, seconds: float, data: bytes | None = None
    ) -> Answer:
        headers = {**self._service.key_headers(self._usable(key)), "Accept": "application/json"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        pools = await sessions(self._rules)
        try:
            async with (pools.paid if method == "paid" else pools.read).request(
                "POST" if data is not None else "GET",
                target,
                data=None if data is None else io.BytesIO(data),
                headers=headers,
                allow_redirects=False,
                timeout=self._timeout(seconds),
                proxy=proxy_for(target, self._proxies),
            ) as response:
                body = await _read(response, MAX_JSON_BYTES)
                return read_answer(response.status, response.headers.copy(), body)
        except TooLarge as error:
            # Whoever paid for it must not take an endless answer for a refusal.
            raise CallFailed("broken", f"{failures.shown(target)}: {error}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise failures.translate(error, target, self._service) from error

    async def _fetch(self, target: URL, max_bytes: int, at_home: Mapping[str, str]) -> bytes | str:
        """The bytes at an address, or the Location of a redirect."""
        self._check_contact(target)
        trusted = self._settings.trusted_hosts
        if not any(origins.download_allowed(target, endpoint, trusted) for endpoint in self._endpoints):
            raise failures.insecure_download(target, self._service)
        own = dict(at_home) if origins.origin(target) == origins.origin(self._endpoints[0]) else {}
        seconds = self._settings.request_timeout + max_bytes / UPLOAD_RATE
        pools = await sessions(self._rules)
        try:
            async with pools.read.get(
                target,
                # A compressed picture gains nothing, and an expanding body would pass the announced length.
                headers={**own, "Accept-Encoding": "identity"},
                auto_decompress=False,
                allow_redirects=False,
                timeout=self._timeout(seconds),
                proxy=proxy_for(target, self._proxies),
            ) as response:
                if response.status in (301, 302, 303, 307, 308):
                    return str(response.headers.get("Location", ""))
                if response.status != 200:
                    raise self._download_failed(response, target)
                return await _read(response, max_bytes)
        except TooLarge as error:
            raise self._unexpected(str(error), target) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise failures.translate(error, target, self._service) from error

    def _redirect(self, target: URL, location: str) -> URL:
        try:
            address = str(target.join(URL(location, encoded=True)))
        except ValueError:
            address = ""
        following = self._parse(address)
        if origins.origin(following) != origins.origin(target):
            raise self._unexpected("redirected the download to another host", target)
        return following

    def _parse(self, address: str) -> URL:
        url = origins.parse(address)
        if url is None:
            raise failures.malformed_address(address, self._service)
        return url

    def _key_target(self, address: str) -> URL:
        url = self._parse(address)
        trusted = self._settings.trusted_hosts
        if not any(origins.key_allowed(url, endpoint, trusted) for endpoint in self._endpoints):
            raise failures.foreign_address(url, self._service)
        self._check_contact(url)
        return url

    def _check_contact(self, url: URL) -> None:
        """Check addresses spelled out in numbers, which never reach the resolver, and those a proxy would resolve."""
        here = origins.origin(url)
        if self._rules.only_loopback and not is_loopback(here.host):
            raise failures.test_environment(url)
        address = literal(here.host)
        if address is not None and not self._rules.allows(address, here.host, here.port):
            raise failures.address_refused(url, self._service)

    def _timeout(self, seconds: float, patience: float | None = None) -> aiohttp.ClientTimeout:
        patience = patience or self._settings.request_timeout
        # Connecting must give up well before the whole call does, or nobody could tell an unsent call from a lost one.
        connect = min(CONNECT_SECONDS, self._settings.request_timeout / 2, patience / 2)
        return aiohttp.ClientTimeout(total=seconds + connect, connect=connect, sock_read=patience)

    def _usable(self, key: Secret) -> str:
        if not origins.PRINTABLE.fullmatch(key.reveal()):
            raise ConfigurationError(
                f"The API key for {self._service.label} is empty or has blanks or line breaks inside. "
                "An admin should enter it again in the valves of FLUX Studio."
            )
        return key.reveal()

    def _failed(self, answer: Answer, target: URL) -> CallFailed:
        retry_after = policy.parse_retry_after(answer.headers.get("Retry-After"), self._clock())
        detail = f"{failures.shown(target)}: HTTP {answer.status} {answer.text}"
        return CallFailed(answer.status, detail, retry_after=retry_after)

    def _download_failed(self, response: aiohttp.ClientResponse, target: URL) -> Exception:
        if response.status in policy.RETRYABLE_READS:
            retry_after = policy.parse_retry_after(response.headers.get("Retry-After"), self._clock())
            return CallFailed(
                response.status, f"{failures.shown(target)}: HTTP {response.status}", retry_after=retry_after
            )
        return self._unexpected(f"refused the download (HTTP {response.status})", target, status=response.status)

    def _unexpected(self, what: str, target: URL, status: int | None = None) -> UnexpectedResponse:
        return UnexpectedResponse(
            f"{self._service.label} {what}.",
            provider=self._service.name,
            status=status,
            detail=f"{what}: {failures.shown(target)}",
        )


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The whole body; raises TooLarge as soon as it passes `limit` bytes, or says it will."""
    announced = response.content_length or 0
    chunks: list[bytes] = []
    size = 0
    if announced <= limit:
        async for chunk in response.content.iter_chunked(CHUNK):
            size += len(chunk)
            if size > limit:
                break
            chunks.append(chunk)
    if max(announced, size) > limit:
        raise TooLarge(f"sent more than {limit // 1024**2} MiB")
    return b"".join(chunks)


def _encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _endpoint(service: Service, named: str) -> URL:
    url = origins.parse(named)
    if url is None:
        raise ConfigurationError(
            f"The address set for {service.label} cannot be used. An admin should check it in the valves of "
            "FLUX Studio."
        )
    return url


def _named(endpoints: tuple[URL, ...], settings: Settings, proxies: dict[str, URL]) -> set[tuple[str, int]]:
    own = {(here.host, here.port) for here in map(origins.origin, endpoints)}
    trusted = {(host, port or 443) for host, port in map(origins.trusted_origin, settings.trusted_hosts)}
    between = {(proxy.raw_host or "", proxy.port or 0) for proxy in proxies.values()}
    return {*own, *trusted, *between}
