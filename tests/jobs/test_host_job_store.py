"""The job store on real databases: making and extending its tables, busy moments, broken rows, cancelled callers."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from typing import Any

import pytest
from sqlalchemy import text

from flux_studio.errors import StorageError
from flux_studio.jobs import JobRecord, Limits, Outcome
from flux_studio.types import JobHandle
from flux_studio.webui.job_table import SCHEMA_VERSION


def record(request_id: str = "r", **fields: Any) -> JobRecord:
    return JobRecord(user="ann", request_id=request_id, account="key", **fields)


async def test_many_workers_make_the_tables_at_once(database: Any) -> None:
    stores = [database.open_store() for _ in range(6)]
    await asyncio.gather(*(store.add(record(f"r{i}"), owner="w", lease=30) for i, store in enumerate(stores)))
    assert len(await database.execute("SELECT id FROM flux_studio_job")) == 6
    assert await database.execute("SELECT name, value FROM flux_studio_meta") == [
        {"name": "version", "value": str(SCHEMA_VERSION)}
    ]


async def test_missing_columns_are_added_by_many_workers_and_old_rows_stay_readable(database: Any) -> None:
    await database.open_store().add(record("old"), owner="w", lease=-1)
    await database.execute("DROP INDEX flux_studio_job_session")
    for column in ("active_of_model", "attempts", "handle", "session", "pictures", "amount", "currency", "exact"):
        await database.execute(f"ALTER TABLE flux_studio_job DROP COLUMN {column}")
    await database.execute("UPDATE flux_studio_meta SET value = '0'")

    stores = [database.open_store() for _ in range(4)]
    found = await asyncio.gather(*(store.find("ann", "old") for store in stores))

    assert {(job.attempts, job.handle, job.active_of_model, job.session) for job in found} == {(0, None, None, "")}
    assert {(job.pictures, job.amount, job.currency, job.exact) for job in found} == {(0, None, "credits", False)}
    assert (await stores[0].usage("ann")).pictures_today == 0
    handle = JobHandle(provider="bfl", remote_id="t")
    claimed = await stores[0].claim(found[0].id, owner="w", lease=30)
    assert claimed is not None
    assert await stores[1].change(claimed.id, owner="w", handle=handle, attempts=1)
    assert (await stores[2].get(claimed.id)).handle == handle
    assert (await database.execute("SELECT value FROM flux_studio_meta"))[0]["value"] == str(SCHEMA_VERSION)


async def test_an_older_release_leaves_a_newer_table_alone(database: Any) -> None:
    await database.open_store().get("x")
    await database.execute("ALTER TABLE flux_studio_job ADD COLUMN invented_later TEXT")
    await database.execute("UPDATE flux_studio_meta SET value = '7'")
    added = await database.open_store().add(record(), owner="w", lease=30)
    assert await database.open_store().get(added.id) == added
    assert (await database.execute("SELECT value FROM flux_studio_meta"))[0]["value"] == "7"


async def test_a_decision_under_way_is_waited_for_by_a_job_that_would_go_first(database: Any) -> None:
    """While one worker decides for ann, who has a job at work already, ben arrives, who has none."""
    first, second = database.open_store(), database.open_store()
    limits = Limits(active=2)
    working, waiting = [await first.add(record(f"a{i}", index=i), owner="w", lease=30) for i in range(2)]
    assert (await first.admit(working.id, owner="w", limits=limits)).admitted
    decided, arrived, decide = asyncio.Event(), asyncio.Event(), first._decide
    looks = itertools.count()

    async def drawn_out(*arguments: Any) -> Any:
        admission = await decide(*arguments)
        if next(looks) == 0:  # the look without a lock
            return admission
        decided.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(arrived.wait(), 0.3)
        return admission

    async def arrive() -> Any:
        await decided.wait()
        added = await second.add(JobRecord(user="ben", request_id="b", account="key"), owner="w", lease=30)
        admission = await second.admit(added.id, owner="w", limits=limits)
        arrived.set()
        return admission

    first._decide = drawn_out
    of_ann, of_ben = await asyncio.gather(first.admit(waiting.id, owner="w", limits=limits), arrive())
    assert (of_ann.admitted, of_ben.admitted) == (True, False)
    assert len(await database.execute("SELECT id FROM flux_studio_job WHERE phase = 'submitting'")) == 2


async def test_rows_that_nobody_can_read_are_read_without_the_broken_part(database: Any) -> None:
    store = database.open_store()
    broken = await store.add(record("broken"), owner="w", lease=-1)
    sound = await store.add(record("sound", request={"prompt": "fox"}), owner="w", lease=-1)
    await database.execute(
        "UPDATE flux_studio_job SET request = '{not json', handle = '{\"provider\": 1}', outcome = '[1]' WHERE id = :id",
        id=broken.id,
    )
    orphans = {orphan.request_id: orphan for orphan in await store.orphans()}
    assert (orphans["broken"].request, orphans["broken"].handle, orphans["broken"].outcome) == (None, None, None)
    assert orphans["sound"].request == sound.request == {"prompt": "fox"}


async def test_hostile_text_is_kept_as_far_as_the_database_can(database: Any) -> None:
    store = database.open_store()
    hostile = "a\0b \ud800 'x'; DROP TABLE flux_studio_job; --"
    added = await store.add(record(request={"prompt": hostile}), owner="w", lease=30)
    assert added.request == {"prompt": hostile}
    assert await store.change(added.id, owner="w", phase="failed", error=hostile, outcome=Outcome(prompt=hostile))
    read = await store.get(added.id)
    assert read.error == "ab ? 'x'; DROP TABLE flux_studio_job; --"
    assert read.outcome == Outcome(prompt=hostile)


async def test_unknown_fields_are_refused(database: Any) -> None:
    store = database.open_store()
    added = await store.add(record(), owner="w", lease=30)
    with pytest.raises(TypeError, match="colour"):
        await store.change(added.id, owner="w", colour="red")


async def test_a_cancelled_caller_breaks_no_connection_and_its_change_is_kept(database: Any) -> None:
    store = database.open_store()
    added = await store.add(record(), owner="w", lease=30)
    for step in range(1, 6):
        caller = asyncio.create_task(store.change(added.id, owner="w", attempts=step))
        for _ in range(step):
            await asyncio.sleep(0)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        await store.settled()
        assert (await store.get(added.id)).attempts == step


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_busy_file_is_waited_for(database: Any) -> None:
    locked, free = asyncio.Event(), asyncio.Event()
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            free.set()
            await writer

    async def write() -> None:
        async with database.engine.connect() as connection:
            await connection.execute(text("BEGIN IMMEDIATE"))
            locked.set()
            await free.wait()
            await connection.rollback()

    store = database.open_store(sleep=sleep, busy_timeout=1)
    added = await store.add(record(), owner="w", lease=30)
    writer = asyncio.create_task(write())
    await locked.wait()
    assert await store.change(added.id, owner="w", phase="submitted")
    assert pauses == sorted(pauses)
    assert len(pauses) == 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_file_that_stays_busy_is_a_storage_error(database: Any) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    store = database.open_store(sleep=sleep, busy_timeout=1)
    added = await store.add(record(), owner="w", lease=30)
    async with database.engine.connect() as connection:
        await connection.execute(text("BEGIN IMMEDIATE"))
        with pytest.raises(StorageError) as caught:
            await store.change(added.id, owner="w", phase="submitted")
        await connection.rollback()
    assert "try again" in caught.value.sentence
    assert "sqlite" not in caught.value.sentence.lower()
    assert 3 <= len(pauses) <= 10
    assert (await store.get(added.id)).phase == "queued"


async def test_a_database_without_our_rights_is_a_storage_error(database: Any) -> None:
    store = database.open_store(schema="no_such_schema")
    with pytest.raises(StorageError):
        await store.get("x")


@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.jobs)], indirect=True)
async def test_the_host_s_schema_is_used(database: Any) -> None:
    await database.execute("CREATE SCHEMA studio")
    store = database.open_store(schema="studio")
    added = await store.add(record(), owner="w", lease=30)
    assert (await store.admit(added.id, owner="w", limits=Limits(active=1))).admitted
    assert [row["id"] for row in await database.execute("SELECT id FROM studio.flux_studio_job")] == [added.id]
    second = database.open_store(schema="studio")
    assert (await second.get(added.id)).phase == "submitting"


@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.jobs)], indirect=True)
async def test_a_dropped_connection_is_made_again(database: Any) -> None:
    store = database.open_store()
    added = await store.add(record(), owner="w", lease=30)
    await database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert await store.change(added.id, owner="w", attempts=1)
