"""What all jobs of one process share, and the record of one job that changes only together with its row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..types import Timings
from .keeper import Keeper
from .leases import Leases
from .record import NOT_BILLED, JobRecord, Outcome, Phase
from .store import JobStore

if TYPE_CHECKING:
    from ..catalog import ModelCard
    from ..http import HttpClient
    from ..providers.base import Provider
    from ..settings import Settings


class Ended(Exception):
    """The job is no longer this worker's: stopped, taken over or deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """Everything a job needs besides its own record; tests replace clock and sleep."""

    store: JobStore
    keeper: Keeper
    leases: Leases
    owner: str
    http: Callable[[Settings], HttpClient]
    provider: Callable[[str], Provider]
    card: Callable[[str], ModelCard]
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    typical_seconds: Callable[[ModelCard], float]
    record_duration: Callable[[ModelCard, float], None]


class Journal:
    """One job's record, its row in the store, and when it passed each mark."""

    def __init__(self, shop: Workshop, record: JobRecord) -> None:
        self.record = record
        self._shop = shop
        self._times: dict[str, float] = {}

    async def change(self, *, phase: Phase | None = None, **fields: Any) -> None:
        """Commit fields of the record; raises Ended when the lease is somebody else's."""
        if not await self._shop.store.change(self.record.id, owner=self._shop.owner, phase=phase, **fields):
            raise Ended
        self.note(**fields, **({"phase": phase} if phase else {}))

    def note(self, **fields: Any) -> None:
        """Follow a change that the store has made in another way."""
        self.record = replace(self.record, **fields)

    async def end(self, phase: Phase) -> None:
        """Commit a finished phase and forget prompt and request; cost and timings stay.

        What is cancelled was not sent, or was stopped by the provider, and counts for nothing.
        """
        outcome = self.record.outcome
        kept = replace(outcome, prompt=None) if outcome else None
        await self.change(phase=phase, request=None, outcome=kept, **(NOT_BILLED if phase == "cancelled" else {}))

    async def give_back(self, after: float = 0.0) -> None:
        """Leave the job to the first sweep in `after` seconds or later."""
        self._shop.leases.drop(self.record.id)
        await self._shop.store.release(self.record.id, owner=self._shop.owner, after=after)

    def mark(self, name: str, at: float | None = None) -> None:
        """Note that the job has passed `admitted`, `sent`, `ready`, `downloaded` or `stored`, now or at a time."""
        self._times[name] = self._shop.clock() if at is None else at

    def timings(self) -> Timings:
        """Seconds between the marks passed so far."""
        ready = "ready" if "ready" in self._times else "downloaded"
        waiting = self._times.get("admitted", self.record.created_at) - self.record.created_at
        return Timings(
            waiting=max(0.0, waiting),
            provider=self._between("sent", ready),
            download=self._between(ready, "downloaded"),
            storing=self._between("downloaded", "stored"),
        )

    def measured(self, outcome: Outcome) -> Outcome:
        """Complete the keeper's outcome with the times; a temporary chat's prompt is not kept."""
        spent = self.timings()
        named = {name: getattr(spent, name) for name in Timings.__slots__}
        prompt = None if self.record.temporary else outcome.prompt
        return replace(outcome, seconds=self._between("sent", "stored"), timings=named, prompt=prompt)

    def charged(self, outcome: Outcome) -> dict[str, Any]:
        """The fields that count from now on: the pictures that were made, and what is known of their cost."""
        made = {"pictures": len(outcome.files) or self.record.pictures}
        if outcome.cost is None:
            return made
        return {**made, "amount": outcome.cost, "currency": outcome.currency, "exact": outcome.cost_exact}

    def _between(self, start: str, end: str) -> float:
        times = self._times
        return max(0.0, times[end] - times[start]) if start in times and end in times else 0.0
