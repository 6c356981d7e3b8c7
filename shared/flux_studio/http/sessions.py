"""Connection pools: one pair per event loop and set of address rules; loops that are closed are forgotten."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from .. import VERSION
from .addresses import AddressRules

IDLE_SECONDS = 15.0
"""How long an unused connection is kept; pauses between polls are shorter."""
MAX_CONNECTIONS_PER_HOST = 64
"""Reads at once; more wait for a free connection. Above the number of jobs a provider runs for one account."""


class AddressRefused(OSError):
    """A host name led only to addresses that may not be contacted."""


class CheckedResolver(AbstractResolver):
    """Resolves names and drops every address the rules do not allow.

    The connection is made to the very addresses returned here, so a second answer of the
    name service (rebinding) cannot slip past the check.
    """

    def __init__(self, rules: AddressRules, resolver: AbstractResolver) -> None:
        self._rules = rules
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        allowed = [entry for entry in found if self._rules.allows(entry["host"], host, port)]
        if found and not allowed:
            raise AddressRefused(f"{host} leads to an address that may not be contacted")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()


@dataclass(frozen=True, slots=True)
class Sessions:
    """The pools of one event loop.

    Paid requests get a fresh connection each: a kept-alive one that the server has just closed
    breaks while the request is on its way, and then nobody can tell whether it arrived.
    """

    read: aiohttp.ClientSession
    paid: aiohttp.ClientSession

    async def close(self) -> None:
        await self.read.close()
        await self.paid.close()

    async def forget(self) -> None:
        """Drop the pools of a closed loop, whose connections can no longer be closed in an orderly way."""
        for session in (self.read, self.paid):
            connector = session.connector
            session.detach()
            if connector is not None:
                await connector.close()


_SESSIONS: dict[tuple[asyncio.AbstractEventLoop, AddressRules], Sessions] = {}


async def sessions(rules: AddressRules) -> Sessions:
    """The pools of the running loop for these rules, made on first use."""
    for key in [key for key in list(_SESSIONS) if key[0].is_closed()]:
        forgotten = _SESSIONS.pop(key, None)
        if forgotten is not None:
            await forgotten.forget()
    key = (asyncio.get_running_loop(), rules)
    if key not in _SESSIONS:
        _SESSIONS[key] = Sessions(
            read=_session(
                aiohttp.TCPConnector(
                    resolver=CheckedResolver(rules, aiohttp.ThreadedResolver()),
                    limit=0,
                    limit_per_host=MAX_CONNECTIONS_PER_HOST,
                    keepalive_timeout=IDLE_SECONDS,
                )
            ),
            paid=_session(
                aiohttp.TCPConnector(
                    resolver=CheckedResolver(rules, aiohttp.ThreadedResolver()), limit=0, force_close=True
                )
            ),
        )
    return _SESSIONS[key]


async def close_sessions() -> None:
    """Close every pool of the running loop, for an orderly end of a process or a test."""
    loop = asyncio.get_running_loop()
    for key in [key for key in list(_SESSIONS) if key[0] is loop]:
        await _SESSIONS.pop(key).close()


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    # trust_env stays off: it would also send passwords out of ~/.netrc. The client names the proxy per call.
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"flux-studio/{VERSION}"},
        trust_env=False,
    )
