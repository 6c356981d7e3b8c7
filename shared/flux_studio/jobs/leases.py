"""Keeps the leases of all jobs that this process works on, and says when one is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from ..errors import StorageError
from .store import JobStore

log = logging.getLogger("flux_studio.jobs")

LEASE = 30.0
"""Seconds a job belongs to its worker without a sign of life."""

RENEWAL = 10.0
"""Seconds between two renewals."""

Lost = Callable[[], None]


class Leases:
    """One background task renews every held job; it runs only while something is held."""

    def __init__(self, store: JobStore, owner: str, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._store = store
        self._owner = owner
        self._sleep = sleep
        self._held: dict[str, Lost] = {}
        self._task: asyncio.Task[None] | None = None

    def __contains__(self, job: str) -> bool:
        return job in self._held

    def hold(self, job: str, lost: Lost) -> None:
        """Renew the lease of `job` from now on; `lost` is called once if somebody else has it."""
        self._held[job] = lost
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep_renewing(), name="flux_studio leases")

    def drop(self, job: str) -> None:
        """Stop renewing; the lease itself stays until it lapses, is released or ended by a finished phase."""
        self._held.pop(job, None)

    async def renew(self) -> None:
        """Renew all held leases once; a database that does not answer is tried again at the next turn."""
        asked = list(self._held)
        try:
            kept = await self._store.renew(asked, owner=self._owner, lease=LEASE)
        except StorageError as error:
            log.warning("leases of %d jobs not renewed: %s", len(asked), error.detail)
            return
        for job in asked:
            if job not in kept and job in self._held:
                self._held.pop(job)()

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _keep_renewing(self) -> None:
        while self._held:
            await self._sleep(RENEWAL)
            if self._held:
                await self.renew()
