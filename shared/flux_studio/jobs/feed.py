"""The newest state of one job for everybody who watches it in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from ..types import JobState


class Feed:
    """Watchers see the newest state, not every one: a slow watcher never holds up the job or piles up previews."""

    def __init__(self) -> None:
        self._state: JobState | None = None
        self._revision = 0
        self._closed = False
        self._error: Exception | None = None
        self._changed = asyncio.Event()

    @property
    def newest(self) -> JobState | None:
        return self._state

    @property
    def closed(self) -> bool:
        return self._closed

    def publish(self, state: JobState) -> None:
        if state != self._state:
            self._state = state
            self._revision += 1
            self._wake()

    def close(self, error: Exception | None = None) -> None:
        """End the feed once; watchers raise `error` after the last state."""
        if not self._closed:
            self._closed, self._error = True, error
            self._wake()

    async def watch(self) -> AsyncGenerator[JobState, None]:
        seen = 0
        while True:
            if self._state is not None and self._revision > seen:
                seen = self._revision
                yield self._state
            elif self._closed:
                break
            else:
                await self._changed.wait()
        if self._error is not None:
            raise self._error

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
