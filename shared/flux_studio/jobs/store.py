"""What the job runner needs of a database: small atomic steps, all of them safe with several workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..limits import Allowance, Usage
from .ledger import LedgerRow
from .record import JobRecord, Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one account may have at the provider at once; all workers count in the same table."""

    active: int
    """Jobs in ACTIVE phases per account."""
    active_of_model: int | None = None
    """The same, for this job's model only (flux-kontext-max: 6)."""
    per_minute: int = 0
    """Jobs admitted within any 60 s per account, 0 = no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The answer to "may this job start": yes, or how many jobs stand before it."""

    admitted: bool
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Whether an order was taken, and what its user had ordered before."""

    taken: bool
    usage: Usage


class JobStore(Protocol):
    """All times are the store's own clock, in seconds since the epoch."""

    async def add(self, record: JobRecord, *, owner: str, lease: float) -> JobRecord:
        """Insert with a lease of `lease` seconds, or return the record that (user, request_id) already has."""

    async def reserve(
        self, records: Sequence[JobRecord], *, owner: str, lease: float, allowance: Allowance
    ) -> Reservation:
        """Add all new records of one user's order as `add` does, or none when they exceed the allowance.

        Counting and adding are one atomic step per user, also between several workers. Records whose request
        exists already are left alone and do not count again.
        """

    async def usage(self, user: str) -> Usage:
        """What counts towards this user's limits now: everything but what surely was not billed."""

    async def ledger(self, *, after: float, user: str = "") -> Sequence[LedgerRow]:
        """Everything ordered at this time or later that counts, oldest first; of one user, or of all."""

    async def not_billed(self, job: str) -> None:
        """Take a row out of limits and ledger: its order lives on in another row."""

    async def get(self, job: str) -> JobRecord | None:
        """Read one record."""

    async def find(self, user: str, request_id: str) -> JobRecord | None:
        """Read the record that counts for one request of a user."""

    async def of_message(self, chat: str, message: str) -> Sequence[JobRecord]:
        """All records of one message, by index."""

    async def of_session(self, user: str, session: str) -> Sequence[JobRecord]:
        """All records of one editor session of this user, oldest first, then by index."""

    async def show_draft(self, job: str, *, message: str) -> bool:
        """Give a delivered draft its place in a message; False when it is none (any more)."""

    async def admit(self, job: str, *, owner: str, limits: Limits) -> Admission:
        """Move a queued job of `owner` to `submitting` if a slot is free and it is its turn.

        Turn: among the account's queued jobs with a live lease, users with fewer active jobs go first,
        then the older job (turn.decide). One atomic step, also between several workers. A job of `owner`
        that is `submitting` already stays admitted.
        """

    async def change(self, job: str, *, owner: str, phase: Phase | None = None, **fields: Any) -> bool:
        """Set fields of JobRecord and count its revision up while `owner` holds the lease; False when it does not.

        A finished phase ends the lease.
        """

    async def ask_cancel(self, job: str) -> bool:
        """Cancel a job of any worker: a queued one ends at once, any other unfinished one gets a mark for its worker.

        Returns False for a finished or unknown job. What it ends in the queue is never sent, whoever has the lease.
        """

    async def unwanted(self, jobs: Sequence[str]) -> set[str]:
        """Those of these jobs that have the mark of ask_cancel."""

    async def renew(self, jobs: Sequence[str], *, owner: str, lease: float) -> set[str]:
        """Extend leases; returns the jobs this owner still holds."""

    async def claim(self, job: str, *, owner: str, lease: float) -> JobRecord | None:
        """Take an unfinished job whose lease has lapsed; None when somebody else was faster."""

    async def release(self, job: str, *, owner: str, after: float = 0.0) -> None:
        """Give the lease back, so that the first sweep of any worker in `after` seconds or later may take the job."""

    async def orphans(self, limit: int = 50) -> Sequence[JobRecord]:
        """Unfinished jobs without a live lease, oldest first."""

    async def forget(self, *, chat: str = "", user: str = "") -> int:
        """Archive the rows of a deleted chat or user (archived_row), but not those that `drafts` and `temporary`
        still have to bring: without them nobody would delete their files. Returns how many."""

    async def drafts(self, *, before: float) -> Sequence[JobRecord]:
        """Delivered records with place "draft" last changed before this time."""

    async def failures(self, *, after: float) -> Sequence[JobRecord]:
        """Failed records last changed after this time."""

    async def temporary(self, *, before: float) -> Sequence[JobRecord]:
        """Finished records of temporary chats last changed before this time."""

    async def archive(self, job: str) -> None:
        """Archive one row whose files are deleted."""

    async def expire(self, *, before: float) -> int:
        """Remove archived rows that were ordered before this time; returns how many."""
