"""Limits and the cost report in the job table: taking orders, counting them, and what stays of deleted ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, case, delete, func, insert, literal, not_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import StorageError
from ..jobs.ledger import LedgerRow, wanted
from ..jobs.record import ARCHIVE, FINISHED, NOT_BILLED, JobRecord
from ..jobs.store import Reservation
from ..limits import CREDITS_PER_USD, Allowance, Usage, day_start, fits, month_start
from .job_table import DatabaseClock, to_columns, with_defaults
from .job_transactions import JobTransactions


class JobLedger(JobTransactions):
    """The part of a JobStore that counts; every method is one transaction."""

    async def reserve(
        self, records: Sequence[JobRecord], *, owner: str, lease: float, allowance: Allowance
    ) -> Reservation:
        user, columns = records[0].user, self._jobs.c
        asked = [record.request_id for record in records]
        existing = select(columns.request_id).where(columns.user == user, columns.request_id.in_(asked))

        async def step(session: AsyncSession) -> Reservation:
            await self._lock(session, f"user:{user}")
            known = set((await session.execute(existing)).scalars())
            new = [record for record in records if record.request_id not in known]
            usage = await self._usage(session, user)
            taken = not new or fits(allowance, usage, wanted(new))
            for record in new if taken else ():
                await session.execute(insert(self._jobs).values(new_row(record, owner, lease)))
            return Reservation(taken=taken, usage=usage)

        try:
            return await self._transaction(step, writes=True)
        except IntegrityError as error:  # the same request was added without a limit at this very moment
            raise StorageError(
                "This request is being ordered already; please look again in a moment.", detail=f"{asked}: {error}"
            ) from error

    async def usage(self, user: str) -> Usage:
        async def step(session: AsyncSession) -> Usage:
            return await self._usage(session, user)

        return await self._transaction(step, writes=False)

    async def ledger(self, *, after: float, user: str = "") -> Sequence[LedgerRow]:
        columns = self._jobs.c
        chosen = [columns[name] for name in LedgerRow.__slots__]
        counts = or_(columns.pictures > 0, columns.amount > 0)
        query = select(*chosen).where(counts, columns.created_at >= after)
        query = query.where(columns.user == user) if user else query

        async def step(session: AsyncSession) -> list[LedgerRow]:
            rows = await session.execute(query.order_by(columns.created_at, columns.index))
            return [LedgerRow(**with_defaults(dict(row))) for row in rows.mappings()]

        return await self._transaction(step, writes=False)

    async def not_billed(self, job: str) -> None:
        await self._count(update(self._jobs).where(self._jobs.c.id == job).values(**NOT_BILLED))

    async def forget(self, *, chat: str = "", user: str = "") -> int:
        columns = self._jobs.c
        chosen = [column == value for column, value in ((columns.chat, chat), (columns.user, user)) if value]
        files_pass = and_(columns.phase == "delivered", or_(columns.place == "draft", self._of_temporary_chat()))
        return await self._archive(or_(*chosen), not_(files_pass)) if chosen else 0

    async def archive(self, job: str) -> None:
        await self._archive(self._jobs.c.id == job)

    async def expire(self, *, before: float) -> int:
        archived = self._jobs.c.request_id.startswith(ARCHIVE)
        return await self._count(delete(self._jobs).where(archived, self._jobs.c.created_at < before))

    # ---- statements

    def _of_temporary_chat(self) -> Any:
        return or_(self._jobs.c.chat.startswith("temporary:"), self._jobs.c.chat.startswith("local:"))

    async def _usage(self, session: AsyncSession, user: str) -> Usage:
        columns = self._jobs.c
        now = float((await session.execute(select(DatabaseClock()))).scalar_one())
        of_today = case((columns.created_at >= day_start(now), columns.pictures), else_=0)
        credits = columns.amount * case((columns.currency == "USD", CREDITS_PER_USD), else_=1.0)
        sums = select(func.coalesce(func.sum(of_today), 0), func.coalesce(func.sum(credits), 0.0))
        current = sums.where(columns.user == user, columns.created_at >= month_start(now))
        pictures, spent = (await session.execute(current)).one()
        return Usage(pictures_today=int(pictures), credits_this_month=float(spent), now=now)

    async def _archive(self, *conditions: Any) -> int:
        """What archived_row does, to all rows these conditions name."""
        columns = self._jobs.c
        unsent, emptied = columns.phase == "queued", dict.fromkeys(("chat", "message", "session", "error"), "")
        values = {
            **{name: case((unsent, literal(free)), else_=columns[name]) for name, free in NOT_BILLED.items()},
            **emptied,
            **dict.fromkeys(("request", "handle", "outcome", "lease_until")),
            "request_id": literal(ARCHIVE) + columns.id,
            "phase": case((columns.phase.in_(sorted(FINISHED)), columns.phase), else_="cancelled"),
            "place": "message",
            "lease_owner": "",
            **self._touched(),
        }
        fresh = not_(columns.request_id.startswith(ARCHIVE))
        return await self._count(update(self._jobs).where(*conditions, fresh).values(**values))


def new_row(record: JobRecord, owner: str, lease: float) -> dict[str, Any]:
    """The columns of a record that is stored first, by the database's own clock."""
    now = DatabaseClock()
    fields = {name: getattr(record, name) for name in JobRecord.__slots__}
    new = {"created_at": now, "updated_at": now, "lease_owner": owner, "lease_until": now + lease}
    return to_columns(fields) | new
