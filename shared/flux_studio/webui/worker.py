"""One job store and one job runner per event loop of this process, with the host's database and files behind it."""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING, Any

from ..http import HttpClient
from ..jobs import JobRunner
from ..providers.pacing import Durations

if TYPE_CHECKING:
    from .job_store import HostJobStore

_STORES: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, HostJobStore] = weakref.WeakKeyDictionary()
_RUNNERS: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, JobRunner] = weakref.WeakKeyDictionary()


def job_store() -> HostJobStore:
    """Return this loop's store: it looks at its tables once, and its writers queue here rather than in SQLite."""
    from .job_store import host_job_store

    loop = asyncio.get_running_loop()
    if loop not in _STORES:
        _STORES[loop] = host_job_store()
    return _STORES[loop]


def runner(app: Any) -> JobRunner:
    """Return this loop's runner; the first call starts the sweep that finishes interrupted jobs."""
    loop = asyncio.get_running_loop()
    if loop not in _RUNNERS:
        from .keeper import HostKeeper

        store = job_store()
        durations = Durations()
        made = JobRunner(
            store,
            HostKeeper(app, store),
            http=HttpClient,
            typical_seconds=lambda card: durations.typical(card.name, card.typical_seconds),
            record_duration=lambda card, seconds: durations.add(card.name, seconds),
        )
        made.start_sweeping()
        _RUNNERS[loop] = made
    return _RUNNERS[loop]
