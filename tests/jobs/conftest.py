"""Job stores to test against: in memory, on an SQLite file, on a throw-away PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool

from flux_studio.jobs import JobStore, MemoryJobStore
from flux_studio.webui.job_store import HostJobStore
from tests.jobs.doubles import Studio
from tests.jobs.over_sockets import make_engine

STORES = ["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.jobs)]
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.jobs)]


async def _new_address(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """SQLAlchemy address of an empty database."""
    if kind == "sqlite":
        return f"sqlite+aiosqlite:///{folder}/webui.db"
    server = make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+psycopg")
    name = f"studio_{uuid.uuid4().hex[:12]}"
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


class Database:
    """One database and the stores several workers open on it, each with an engine of its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.engine = make_engine(address)
        self._engines = [self.engine]

    def open_store(self, schema: str | None = None, busy_timeout: int = 5000, **options: Any) -> HostJobStore:
        engine = make_engine(self.address, busy_timeout)
        self._engines.append(engine)
        sessions = async_sessionmaker(bind=engine, class_=AsyncSession, expire_on_commit=False)
        return HostJobStore(sessions, schema=schema, **options)

    async def execute(self, statement: str, **values: Any) -> list[Any]:
        async with self.engine.begin() as connection:
            result = await connection.execute(text(statement), values)
            return list(result.mappings()) if result.returns_rows else []

    async def close(self) -> None:
        for engine in self._engines:
            await engine.dispose()


@pytest.fixture(params=DATABASES)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database of each kind the host can have."""
    opened = Database(await _new_address(request.param, tmp_path, request))
    yield opened
    await opened.close()


class Kind:
    """One kind of store: `open_store` gives another worker's view of the same rows, `age` moves a job into the past."""

    def __init__(self, open_store: Callable[[], JobStore], age: Callable[[str, float], Awaitable[None]]) -> None:
        self.open_store = open_store
        self.age = age


@pytest.fixture(params=STORES)
async def kind(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kind]:
    if request.param == "memory":
        memory = MemoryJobStore()

        async def age_memory(job: str, seconds: float) -> None:
            memory.age(job, seconds)

        yield Kind(lambda: memory, age_memory)
        return
    database = Database(await _new_address(request.param, tmp_path, request))

    async def age_database(job: str, seconds: float) -> None:
        await database.execute(
            "UPDATE flux_studio_job SET admitted_at = admitted_at - :s, created_at = created_at - :s, updated_at = updated_at - :s,"
            " lease_until = lease_until - :s WHERE id = :job",
            s=seconds,
            job=job,
        )

    yield Kind(database.open_store, age_database)
    await database.close()


@pytest.fixture
async def studio() -> AsyncIterator[Callable[..., Studio]]:
    """Makes studios on memory stores whose clock the test moves."""
    made: list[Studio] = []

    def make(*args: Any, **settings: Any) -> Studio:
        made.append(Studio(MemoryJobStore, *args, **settings))
        return made[-1]

    yield make
    for one in made:
        await one.close()
