"""Watches a job that another worker runs, through its row."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Literal

from ..errors import StudioError
from ..types import Cost, JobState, Queued, Result, Running, Succeeded
from .record import JobRecord
from .store import JobStore

SHORTEST_WAIT, LONGEST_WAIT = 0.1, 1.0


async def follow(
    store: JobStore, job: str, sleep: Callable[[float], Awaitable[None]]
) -> AsyncGenerator[JobState, None]:
    """Yield the states of a row until it is finished; the last Succeeded has no picture bytes.

    Raises a StudioError when the job failed, was cancelled or deleted.
    """
    seen, pause = -1, SHORTEST_WAIT
    while True:
        record = await store.get(job)
        if record is None or record.archived:
            raise StudioError("This picture's job is gone: its chat was deleted.")
        if record.revision != seen:
            seen, pause = record.revision, SHORTEST_WAIT
            state = state_of(record)
            yield state
            if isinstance(state, Succeeded):
                return
        await sleep(pause)
        pause = min(pause * 1.5, LONGEST_WAIT)


def state_of(record: JobRecord) -> JobState:
    """The state a row stands for; raises a StudioError for failed and cancelled jobs."""
    if record.phase == "failed":
        raise StudioError(record.error)
    if record.phase == "cancelled":
        raise StudioError("This picture was cancelled.")
    if record.phase == "queued":
        return Queued()
    if record.phase in ("stored", "delivered") and record.outcome is not None:
        return Succeeded(result=_result(record))
    return Running(progress=record.progress)


def _result(record: JobRecord) -> Result:
    outcome = record.outcome
    if outcome is None:
        return Result(pictures=(), model=record.model)
    currency: Literal["credits", "USD"] = "USD" if outcome.currency == "USD" else "credits"
    known = outcome.cost is not None
    cost = Cost(amount=outcome.cost or 0.0, currency=currency, exact=outcome.cost_exact) if known else None
    return Result(
        pictures=(),
        model=record.model,
        seed=outcome.seed,
        prompt=outcome.prompt,
        cost=cost,
        request_id=outcome.remote_id,
        notes=outcome.notes,
    )
