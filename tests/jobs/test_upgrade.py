"""A database that the second version of the job table made is brought to today's, with nothing but nullable columns."""

from __future__ import annotations

from typing import Any

import pytest

from flux_studio.webui.job_table import SCHEMA_VERSION, make_tables

VERSION_2 = """CREATE TABLE flux_studio_job (
    id VARCHAR(64) NOT NULL PRIMARY KEY, "user" TEXT NOT NULL, request_id TEXT NOT NULL, chat TEXT NOT NULL,
    message TEXT NOT NULL, "index" INTEGER NOT NULL, place VARCHAR(16) NOT NULL, task VARCHAR(32) NOT NULL,
    model TEXT NOT NULL, provider TEXT NOT NULL, account TEXT NOT NULL, phase VARCHAR(16) NOT NULL, request TEXT,
    handle TEXT, outcome TEXT, error TEXT NOT NULL, progress DOUBLE PRECISION, revision INTEGER NOT NULL,
    attempts INTEGER NOT NULL, active_of_model INTEGER, session TEXT, created_at DOUBLE PRECISION NOT NULL,
    updated_at DOUBLE PRECISION NOT NULL, admitted_at DOUBLE PRECISION, lease_owner VARCHAR(64) NOT NULL,
    lease_until DOUBLE PRECISION)"""
"""As the release before limits, costs and cancelling from any worker made it."""

ROW = """INSERT INTO flux_studio_job VALUES ('old', 'ann', 'r', 'chat', 'message', 0, 'message', 'generate', 'flux-2-pro',
    'bfl', 'key', '{phase}', '{{"prompt": "a fox"}}', NULL, NULL, '', NULL, 0, 0, NULL, NULL, {now}, {now}, NULL, '', NULL)"""

ADDED = {"pictures", "amount", "currency", "exact", "cancel_asked_at"}
NOW = 4e9


@pytest.fixture
async def older(database: Any) -> Any:
    """A database as version 2 left it, one job of ann's in its queue."""
    await database.execute(VERSION_2)
    await database.execute("CREATE TABLE flux_studio_meta (name VARCHAR(64) NOT NULL PRIMARY KEY, value TEXT NOT NULL)")
    await database.execute("INSERT INTO flux_studio_meta VALUES ('version', '2')")
    await database.execute(ROW.format(phase="queued", now=NOW))
    return database


async def test_every_column_of_today_is_added_and_the_version_counted_up(older: Any) -> None:
    store = older.open_store()
    row = await store.get("old")
    assert (row.pictures, row.amount, row.currency, row.exact, row.cancel_asked_at) == (0, None, "credits", False, None)
    (raw,) = await older.execute("SELECT * FROM flux_studio_job")
    assert set(raw) == {column.name for column in make_tables(None)[0].columns}
    assert {name for name in ADDED if raw[name] is None} == ADDED, "nothing is made up about old jobs"
    assert (await store.facts()).version == SCHEMA_VERSION == 3


def test_what_was_added_since_is_nullable() -> None:
    columns = {column.name: column for column in make_tables(None)[0].columns}
    assert all(columns[name].nullable and columns[name].server_default is None for name in ADDED)


async def test_old_jobs_can_be_cancelled_counted_and_archived(older: Any) -> None:
    store = older.open_store()
    assert (await store.usage("ann")).pictures_today == 0
    assert await store.ask_cancel("old")
    assert (await store.get("old")).phase == "cancelled"
    assert await store.ledger(after=0) == []
    assert await store.forget(chat="chat") == 1


async def test_the_older_release_still_writes_its_rows(older: Any) -> None:
    """During a rolling update both releases work on the same table."""
    store = older.open_store()
    await store.get("old")
    await older.execute("DELETE FROM flux_studio_job")
    values = ROW.split("VALUES")[1].format(phase="delivered", now=NOW)
    order = '"id", "user", "request_id", "chat", "message", "index", "place", "task", "model", "provider", "account", '
    order += '"phase", "request", "handle", "outcome", "error", "progress", "revision", "attempts", "active_of_model", '
    order += '"session", "created_at", "updated_at", "admitted_at", "lease_owner", "lease_until"'
    await older.execute(f"INSERT INTO flux_studio_job ({order}) VALUES {values}")
    assert (await store.get("old")).phase == "delivered"
