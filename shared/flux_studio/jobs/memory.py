"""A job store in memory: for tests, and the plainest statement of what every store does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..limits import Allowance, Usage, fits
from .ledger import LedgerRow, counts, row_of, usage_of, wanted
from .record import ACTIVE, FINISHED, NOT_BILLED, JobRecord, Phase, archived_row
from .store import Admission, Limits, Reservation
from .turn import Waiting, decide

MINUTE = 60.0


class MemoryJobStore:
    """Atomic because no method gives up the event loop; `clock` gives seconds since the epoch."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._rows: dict[str, JobRecord] = {}
        self._admitted_at: dict[str, float] = {}

    async def add(self, record: JobRecord, *, owner: str, lease: float) -> JobRecord:
        existing = await self.find(record.user, record.request_id)
        if existing is not None:
            return existing
        now = self._clock()
        self._rows[record.id] = replace(
            record, created_at=now, updated_at=now, lease_owner=owner, lease_until=now + lease
        )
        return self._rows[record.id]

    async def reserve(
        self, records: Sequence[JobRecord], *, owner: str, lease: float, allowance: Allowance
    ) -> Reservation:
        known = {(row.user, row.request_id) for row in self._rows.values()}
        new = [record for record in records if (record.user, record.request_id) not in known]
        usage = self._usage(records[0].user)
        taken = not new or fits(allowance, usage, wanted(new))
        for record in new if taken else ():
            await self.add(record, owner=owner, lease=lease)
        return Reservation(taken=taken, usage=usage)

    async def usage(self, user: str) -> Usage:
        return self._usage(user)

    async def ledger(self, *, after: float, user: str = "") -> Sequence[LedgerRow]:
        rows = [row for row in self._rows.values() if counts(row) and row.created_at >= after]
        chosen = [row for row in rows if not user or row.user == user]
        return [row_of(row) for row in sorted(chosen, key=lambda row: (row.created_at, row.index))]

    async def not_billed(self, job: str) -> None:
        if job in self._rows:
            self._rows[job] = replace(self._rows[job], **NOT_BILLED)

    async def get(self, job: str) -> JobRecord | None:
        return self._rows.get(job)

    async def find(self, user: str, request_id: str) -> JobRecord | None:
        rows = self._rows.values()
        return next((row for row in rows if (row.user, row.request_id) == (user, request_id)), None)

    async def of_message(self, chat: str, message: str) -> Sequence[JobRecord]:
        rows = [row for row in self._rows.values() if (row.chat, row.message) == (chat, message)]
        return sorted(rows, key=lambda row: row.index)

    async def of_session(self, user: str, session: str) -> Sequence[JobRecord]:
        rows = [row for row in self._rows.values() if session and (row.user, row.session) == (user, session)]
        return sorted(rows, key=lambda row: (row.created_at, row.index))

    async def show_draft(self, job: str, *, message: str) -> bool:
        row = self._rows.get(job)
        if row is None or (row.phase, row.place) != ("delivered", "draft"):
            return False
        self._set(row, place="message", message=message)
        return True

    async def admit(self, job: str, *, owner: str, limits: Limits) -> Admission:
        row = self._rows.get(job)
        if row is None or row.phase != "queued" or row.lease_owner != owner:
            return Admission(admitted=row is not None and row.phase == "submitting" and row.lease_owner == owner)
        now = self._clock()
        of_account = [other for other in self._rows.values() if other.account == row.account]
        admission = decide(
            job,
            waiting=[_waiting(other) for other in of_account if _in_line(other, now) or other.id == job],
            active=[(other.user, other.model) for other in of_account if other.phase in ACTIVE],
            recent=sum(now - self._admitted_at.get(other.id, 0.0) < MINUTE for other in of_account),
            limits=limits,
        )
        if admission.admitted:
            self._admitted_at[job] = now
            self._set(row, phase="submitting")
        return admission

    async def change(self, job: str, *, owner: str, phase: Phase | None = None, **fields: Any) -> bool:
        row = self._rows.get(job)
        if row is None or not owner or row.lease_owner != owner:
            return False
        if phase is not None:
            fields["phase"] = phase
        if phase in FINISHED:
            fields |= {"lease_owner": "", "lease_until": 0.0}
        self._set(row, **fields)
        return True

    async def ask_cancel(self, job: str) -> bool:
        row = self._rows.get(job)
        if row is None or row.finished:
            return False
        asked = {"cancel_asked_at": self._clock()}
        ended = {"phase": "cancelled", "request": None, "lease_owner": "", "lease_until": 0.0, **NOT_BILLED}
        self._set(row, **asked, **(ended if row.phase == "queued" else {}))
        return True

    async def unwanted(self, jobs: Sequence[str]) -> set[str]:
        return {job for job in jobs if job in self._rows and self._rows[job].cancel_asked_at is not None}

    async def renew(self, jobs: Sequence[str], *, owner: str, lease: float) -> set[str]:
        until = self._clock() + lease
        held = {job for job in jobs if job in self._rows and self._rows[job].lease_owner == owner}
        for job in held:
            self._rows[job] = replace(self._rows[job], lease_until=until)
        return held

    async def claim(self, job: str, *, owner: str, lease: float) -> JobRecord | None:
        row, now = self._rows.get(job), self._clock()
        if row is None or row.finished or row.lease_until >= now:
            return None
        self._set(row, lease_owner=owner, lease_until=now + lease)
        return self._rows[job]

    async def release(self, job: str, *, owner: str, after: float = 0.0) -> None:
        row = self._rows.get(job)
        if row is not None and row.lease_owner == owner:
            until = self._clock() + after if after else 0.0
            self._rows[job] = replace(row, lease_owner="", lease_until=until)

    async def orphans(self, limit: int = 50) -> Sequence[JobRecord]:
        now = self._clock()
        rows = [row for row in self._rows.values() if not row.finished and row.lease_until < now]
        return sorted(rows, key=lambda row: row.created_at)[:limit]

    async def forget(self, *, chat: str = "", user: str = "") -> int:
        rows = [row for row in self._rows.values() if not row.files_pass and not row.archived]
        chosen = [row for row in rows if (chat and row.chat == chat) or (user and row.user == user)]
        for row in chosen:
            await self.archive(row.id)
        return len(chosen)

    async def drafts(self, *, before: float) -> Sequence[JobRecord]:
        rows = self._rows.values()
        return [row for row in rows if row.phase == "delivered" and row.place == "draft" and row.updated_at < before]

    async def failures(self, *, after: float) -> Sequence[JobRecord]:
        return [row for row in self._rows.values() if row.phase == "failed" and row.updated_at > after]

    async def temporary(self, *, before: float) -> Sequence[JobRecord]:
        return [row for row in self._rows.values() if row.temporary and row.finished and row.updated_at < before]

    async def archive(self, job: str) -> None:
        if job in self._rows:
            self._rows[job] = replace(archived_row(self._rows[job]), updated_at=self._clock())

    async def expire(self, *, before: float) -> int:
        old = [row.id for row in self._rows.values() if row.archived and row.created_at < before]
        for job in old:
            del self._rows[job]
        return len(old)

    def age(self, job: str, seconds: float) -> None:
        """Move what has happened to a job `seconds` into the past."""
        row = self._rows[job]
        self._rows[job] = replace(
            row,
            created_at=row.created_at - seconds,
            updated_at=row.updated_at - seconds,
            lease_until=row.lease_until - seconds,
        )
        if job in self._admitted_at:
            self._admitted_at[job] -= seconds

    def _set(self, row: JobRecord, **fields: Any) -> None:
        self._rows[row.id] = replace(row, revision=row.revision + 1, updated_at=self._clock(), **fields)

    def _usage(self, user: str) -> Usage:
        return usage_of((row_of(row) for row in self._rows.values() if row.user == user), self._clock())


def _in_line(row: JobRecord, now: float) -> bool:
    return row.phase == "queued" and row.lease_owner != "" and row.lease_until >= now


def _waiting(row: JobRecord) -> Waiting:
    return Waiting(
        id=row.id,
        user=row.user,
        model=row.model,
        created_at=row.created_at,
        index=row.index,
        active_of_model=row.active_of_model,
    )
