"""Sees that a job of this process was cancelled through another worker, by the mark in its row."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from ..errors import StorageError
from .store import JobStore

log = logging.getLogger("flux_studio.jobs")

LOOK = 2.0
"""Seconds between two looks: one short query for all jobs of the process, while it has any."""

Stop = Callable[[], Coroutine[Any, Any, None]]


class CancelWatch:
    """One background task looks after every job; it runs only while there is one."""

    def __init__(
        self,
        store: JobStore,
        sleep: Callable[[float], Awaitable[None]],
        finish: Callable[[Coroutine[Any, Any, None]], Awaitable[None]],
    ) -> None:
        """`finish` runs one stop to its end and logs what goes wrong with it."""
        self._store = store
        self._sleep = sleep
        self._finish = finish
        self._watched: dict[str, Stop] = {}
        self._task: asyncio.Task[None] | None = None

    def watch(self, job: str, stop: Stop) -> None:
        """Call `stop` once when somebody has asked to cancel `job`."""
        self._watched[job] = stop
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep_looking(), name="flux_studio cancellations")

    def leave(self, job: str) -> None:
        """The job has ended."""
        self._watched.pop(job, None)

    async def look(self) -> None:
        """Look once; a database that does not answer is asked again at the next turn."""
        try:
            unwanted = await self._store.unwanted(list(self._watched))
        except StorageError as error:
            log.warning("cancellations of %d jobs not looked up: %s", len(self._watched), error.detail)
            return
        stops = [stop for job in unwanted if (stop := self._watched.pop(job, None))]
        await asyncio.gather(*(self._finish(stop()) for stop in stops))

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _keep_looking(self) -> None:
        while self._watched:
            await self._sleep(LOOK)
            if self._watched:
                await self.look()
