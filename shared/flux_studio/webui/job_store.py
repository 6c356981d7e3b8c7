"""The job store on the host's own database, SQLite or PostgreSQL, shared by all workers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import StorageError
from ..jobs.record import ACTIVE, FINISHED, NOT_BILLED, JobRecord, Phase
from ..jobs.store import Admission, Limits
from ..jobs.turn import Waiting, decide
from .job_ledger import JobLedger, new_row
from .job_table import DatabaseClock, to_columns

MINUTE = 60.0


def host_job_store() -> HostJobStore:
    """The store on the database this Open WebUI uses, in its schema."""
    from open_webui.env import DATABASE_SCHEMA
    from open_webui.internal.db import get_async_db

    return HostJobStore(get_async_db, schema=DATABASE_SCHEMA)


class HostJobStore(JobLedger):
    """A JobStore whose every method is one short transaction; raises StorageError when the database fails."""

    async def add(self, record: JobRecord, *, owner: str, lease: float) -> JobRecord:
        row = new_row(record, owner, lease)
        try:
            added = await self._one(insert(self._jobs).values(row).returning(*self._jobs.c))
        except IntegrityError:
            added = await self.find(record.user, record.request_id)
        if added is None:
            raise StorageError("The job could not be stored.", detail=f"job {record.id} collides with a deleted row")
        return added

    async def get(self, job: str) -> JobRecord | None:
        return await self._one(self._select(self._jobs.c.id == job))

    async def find(self, user: str, request_id: str) -> JobRecord | None:
        columns = self._jobs.c
        return await self._one(self._select(columns.user == user, columns.request_id == request_id))

    async def of_message(self, chat: str, message: str) -> Sequence[JobRecord]:
        columns = self._jobs.c
        chosen = self._select(columns.chat == chat, columns.message == message)
        return await self._many(chosen.order_by(columns.index, columns.created_at))

    async def of_session(self, user: str, session: str) -> Sequence[JobRecord]:
        columns = self._jobs.c
        if not session:
            return []
        chosen = self._select(columns.user == user, columns.session == session)
        return await self._many(chosen.order_by(columns.created_at, columns.index))

    async def show_draft(self, job: str, *, message: str) -> bool:
        columns = self._jobs.c
        draft = and_(columns.id == job, columns.phase == "delivered", columns.place == "draft")
        values = {"place": "message", "message": message, **self._touched()}
        return await self._count(update(self._jobs).where(draft).values(**values)) > 0

    async def admit(self, job: str, *, owner: str, limits: Limits) -> Admission:
        mine = and_(self._jobs.c.id == job, self._jobs.c.lease_owner == owner)

        async def look(session: AsyncSession, *, lock: bool = False) -> Admission:
            chosen = select(self._jobs.c.account, self._jobs.c.phase).where(mine)
            found = (await session.execute(chosen)).first()
            if found is not None and lock:
                await self._lock(session, found.account)
                found = (await session.execute(chosen)).first()
            if found is None or found.phase != "queued":
                return Admission(admitted=found is not None and found.phase == "submitting")
            return await self._decide(session, job, found.account, limits)

        async def enter(session: AsyncSession) -> Admission:
            admission = await look(session, lock=True)
            if admission.admitted:
                values = {"phase": "submitting", "admitted_at": DatabaseClock(), **self._touched()}
                await session.execute(update(self._jobs).where(mine, self._jobs.c.phase == "queued").values(**values))
                # a cancel takes no lock: what it ended in this very moment is not admitted
                entered = select(self._jobs.c.id).where(mine, self._jobs.c.phase == "submitting")
                return Admission(admitted=(await session.execute(entered)).first() is not None)
            return admission

        # a long queue asks often and mostly in vain: only a likely yes is worth a lock
        seen = await self._transaction(look, writes=False)
        return await self._transaction(enter, writes=True) if seen.admitted else seen

    async def change(self, job: str, *, owner: str, phase: Phase | None = None, **fields: Any) -> bool:
        if unknown := fields.keys() - set(JobRecord.__slots__):
            raise TypeError(f"no fields of a job record: {', '.join(sorted(unknown))}")
        values = to_columns(fields) | ({"phase": phase} if phase else {})
        if phase in FINISHED:
            values |= {"lease_owner": "", "lease_until": None}
        held = and_(self._jobs.c.id == job, self._jobs.c.lease_owner == owner)
        return bool(owner) and await self._count(update(self._jobs).where(held).values(**values, **self._touched())) > 0

    async def ask_cancel(self, job: str) -> bool:
        columns = self._jobs.c
        asked = {"cancel_asked_at": DatabaseClock(), **self._touched()}
        ended = {"phase": "cancelled", "request": None, "lease_owner": "", "lease_until": None, **NOT_BILLED}
        of_job = update(self._jobs).where(columns.id == job)
        queued = of_job.where(columns.phase == "queued").values(**asked, **ended)
        under_way = of_job.where(columns.phase.not_in(sorted(FINISHED))).values(**asked)
        # in this order: what leaves the queue between the two statements is still marked by the second
        return await self._count(queued) > 0 or await self._count(under_way) > 0

    async def unwanted(self, jobs: Sequence[str]) -> set[str]:
        columns = self._jobs.c
        statement = select(columns.id).where(columns.id.in_(jobs), columns.cancel_asked_at.is_not(None))

        async def step(session: AsyncSession) -> set[str]:
            return set((await session.execute(statement)).scalars())

        return await self._transaction(step, writes=False)

    async def renew(self, jobs: Sequence[str], *, owner: str, lease: float) -> set[str]:
        columns = self._jobs.c
        statement = (
            update(self._jobs)
            .where(columns.id.in_(jobs), columns.lease_owner == owner)
            .values(lease_until=DatabaseClock() + lease)
            .returning(columns.id)
        )

        async def step(session: AsyncSession) -> set[str]:
            return set((await session.execute(statement)).scalars())

        return await self._transaction(step, writes=True)

    async def claim(self, job: str, *, owner: str, lease: float) -> JobRecord | None:
        values = {"lease_owner": owner, "lease_until": DatabaseClock() + lease}
        statement = update(self._jobs).where(self._jobs.c.id == job, self._orphaned())
        return await self._one(statement.values(**values, **self._touched()).returning(*self._jobs.c))

    async def release(self, job: str, *, owner: str, after: float = 0.0) -> None:
        held = and_(self._jobs.c.id == job, self._jobs.c.lease_owner == owner)
        until = DatabaseClock() + after if after else None
        await self._count(update(self._jobs).where(held).values(lease_owner="", lease_until=until))

    async def orphans(self, limit: int = 50) -> Sequence[JobRecord]:
        return await self._many(self._select(self._orphaned()).order_by(self._jobs.c.created_at).limit(limit))

    async def drafts(self, *, before: float) -> Sequence[JobRecord]:
        columns = self._jobs.c
        old = (columns.phase == "delivered", columns.place == "draft", columns.updated_at < before)
        return await self._many(self._select(*old))

    async def failures(self, *, after: float) -> Sequence[JobRecord]:
        columns = self._jobs.c
        return await self._many(self._select(columns.phase == "failed", columns.updated_at > after))

    async def temporary(self, *, before: float) -> Sequence[JobRecord]:
        columns = self._jobs.c
        return await self._many(
            self._select(self._of_temporary_chat(), columns.phase.in_(sorted(FINISHED)), columns.updated_at < before)
        )

    # ---- statements

    def _select(self, *conditions: Any) -> Any:
        return select(self._jobs).where(*conditions)

    def _orphaned(self) -> Any:
        columns = self._jobs.c
        lapsed = or_(columns.lease_until.is_(None), columns.lease_until < DatabaseClock())
        return and_(columns.phase.not_in(sorted(FINISHED)), lapsed)

    async def _decide(self, session: AsyncSession, job: str, account: str, limits: Limits) -> Admission:
        columns = self._jobs.c
        in_line = and_(columns.phase == "queued", columns.lease_owner != "", columns.lease_until >= DatabaseClock())
        asked = ("id", "user", "model", "created_at", "index", "active_of_model")
        queued = select(*(columns[name] for name in asked))
        waiting = await session.execute(queued.where(columns.account == account, or_(in_line, columns.id == job)))
        working = select(columns.user, columns.model).where(
            columns.account == account, columns.phase.in_(sorted(ACTIVE))
        )
        recent = select(func.count()).where(columns.account == account, columns.admitted_at > DatabaseClock() - MINUTE)
        return decide(
            job,
            waiting=[Waiting(**row) for row in waiting.mappings()],
            active=[(user, model) for user, model in await session.execute(working)],
            recent=(await session.execute(recent)).scalar_one() if limits.per_minute else 0,
            limits=limits,
        )
