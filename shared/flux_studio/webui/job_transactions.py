"""Short transactions on the host's own database, SQLite or PostgreSQL, that end whatever happens to their caller."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import StorageError
from ..jobs.record import JobRecord
from .job_table import DatabaseClock, make_tables, prepare, to_record

log = logging.getLogger("flux_studio.jobs")

SessionFactory = Callable[[], AbstractAsyncContextManager[AsyncSession]]

BUSY_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Waits between the tries on a database that is busy, locked or has just dropped the connection."""

PASSING = ("database is locked", "database table is locked", "deadlock", "could not serialize", "database schema has")

KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
"""Databases the host can have, as people write them."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """Which database it is, the version of the job table, and its clock."""

    kind: str
    version: int
    now: float
    """Seconds since the epoch."""


class JobTransactions:
    """The job tables, made on first use, and steps on them; raises StorageError when the database fails."""

    def __init__(
        self,
        sessions: SessionFactory,
        *,
        schema: str | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sessions = sessions
        self._sleep = sleep
        self._jobs, self._meta = make_tables(schema)
        self._prepared = False
        self._preparing = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()

    async def facts(self) -> StoreFacts:
        """What an admin has to know of the database; makes the tables if nobody has yet."""
        version = select(self._meta.c.value).where(self._meta.c.name == "version")

        async def step(session: AsyncSession) -> StoreFacts:
            now = float((await session.execute(select(DatabaseClock()))).scalar_one())
            known = (await session.execute(version)).scalar_one()
            return StoreFacts(kind=KINDS[session.get_bind().dialect.name], version=int(known), now=now)

        return await self._transaction(step, writes=False)

    async def settled(self) -> None:
        """Wait for transactions whose caller was cancelled."""
        while self._running:
            await asyncio.wait(set(self._running))

    # ---- for the stores built on this

    def _touched(self) -> dict[str, Any]:
        return {"revision": self._jobs.c.revision + 1, "updated_at": DatabaseClock()}

    async def _lock(self, session: AsyncSession, subject: str) -> None:
        """PostgreSQL: one decision per account or user at a time. SQLite has its write lock already (_transaction)."""
        if session.get_bind().dialect.name == "postgresql":
            key = {"subject": f"flux_studio:{subject}"}
            await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))"), key)

    async def _one(self, statement: Executable) -> JobRecord | None:
        rows = await self._many(statement)
        return rows[0] if rows else None

    async def _many(self, statement: Executable) -> list[JobRecord]:
        async def step(session: AsyncSession) -> list[JobRecord]:
            return [to_record(row) for row in (await session.execute(statement)).mappings()]

        return await self._transaction(step, writes=not getattr(statement, "is_select", False))

    async def _count(self, statement: Executable) -> int:
        async def step(session: AsyncSession) -> int:
            result = await session.execute(statement)
            return result.rowcount if isinstance(result, CursorResult) else 0

        return await self._transaction(step, writes=True)

    async def _transaction(self, step: Callable[[AsyncSession], Awaitable[T]], *, writes: bool) -> T:
        """Run one step to its end, even if the caller is cancelled: half a transaction would break the connection."""
        task = asyncio.create_task(self._persist(step, writes=writes))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _persist(self, step: Callable[[AsyncSession], Awaitable[T]], *, writes: bool) -> T:
        try:
            await self._prepare()
            return await self._patiently(step, writes=writes)
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise StorageError(
                "The server's database did not answer; please try again in a moment.", detail=f"job store: {error}"
            ) from error

    async def _patiently(self, step: Callable[[AsyncSession], Awaitable[T]], *, writes: bool) -> T:
        for pause in BUSY_PAUSES:
            try:
                return await self._once(step, writes=writes)
            except DBAPIError as error:
                if not _passes(error):
                    raise
                log.info("job store: tried again after: %s", error.orig)
            await self._sleep(pause)
        return await self._once(step, writes=writes)

    async def _once(self, step: Callable[[AsyncSession], Awaitable[T]], *, writes: bool) -> T:
        async with self._sessions() as session:
            if not writes or session.get_bind().dialect.name != "sqlite":
                return await _committed(session, step)
            # writers that queue here wait milliseconds; those that queue in SQLite sleep up to 0.1 s at a time
            async with self._writing:
                # the driver would begin a reading transaction, which cannot always become a writing one
                await session.execute(text("BEGIN IMMEDIATE"))
                return await _committed(session, step)

    async def _prepare(self) -> None:
        async with self._preparing:
            if not self._prepared:
                await self._patiently(self._make_tables, writes=True)
                self._prepared = True

    async def _make_tables(self, session: AsyncSession) -> None:
        connection = await session.connection()
        await connection.run_sync(prepare, self._jobs, self._meta)


async def _committed(session: AsyncSession, step: Callable[[AsyncSession], Awaitable[T]]) -> T:
    result = await step(session)
    await session.commit()
    return result


def _passes(error: DBAPIError) -> bool:
    """Whether the same transaction may simply be run again: nothing of it was committed."""
    return error.connection_invalidated or any(words in str(error.orig).lower() for words in PASSING)
