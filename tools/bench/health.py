"""Run by responsiveness.py with an address: asks `/health` steadily until standard input closes, prints the times.

A process of its own, so that the measuring thread waits for no other. Requests leave on schedule whether or not earlier
ones were answered: a stalled host is seen by every request that falls into the stall.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import aiohttp

INTERVAL = 0.02
"""Seconds between two requests."""
LONGEST = 180.0
"""Seconds after which it ends by itself."""


async def ask(session: aiohttp.ClientSession, url: str, times: list[tuple[float, float]]) -> None:
    started, clock = time.time(), time.perf_counter()
    async with session.get(f"{url}/health") as answer:
        await answer.read()
        answer.raise_for_status()
    times.append((started, time.perf_counter() - clock))


async def probe(url: str) -> list[tuple[float, float]]:
    """(epoch seconds, seconds until the answer) of every request."""
    times: list[tuple[float, float]] = []
    closed = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    timeout = aiohttp.ClientTimeout(total=LONGEST)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:
        begun, tasks = time.perf_counter(), []
        while not closed.done() and (elapsed := time.perf_counter() - begun) < LONGEST:
            tasks.append(asyncio.create_task(ask(session, url, times)))
            await asyncio.sleep(max(0.0, len(tasks) * INTERVAL - elapsed))
        await asyncio.gather(*tasks)
    return times


if __name__ == "__main__":
    print(json.dumps(asyncio.run(probe(sys.argv[1]))))
