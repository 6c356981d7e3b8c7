"""The tables of the job store in the host's database: made on first use, later releases only add columns."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Double,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    inspect,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from ..jobs.record import JobRecord, Outcome
from ..types import JobHandle

log = logging.getLogger("flux_studio.jobs")

SCHEMA_VERSION = 3
"""Counts the releases of these tables; a higher one only has more nullable columns."""

DEFAULTS: Mapping[str, Any] = {
    "attempts": 0,
    "revision": 0,
    "lease_until": 0.0,
    "session": "",
    "pictures": 0,
    "currency": "credits",
    "exact": False,
}
"""What a column counts as that an earlier release has left empty."""

CREATION_LOCK = 0x666C7578
"""Key of the advisory lock under which PostgreSQL workers make the tables ("flux")."""


class DatabaseClock(FunctionElement[float]):
    """Now by the database's own clock, seconds since the epoch."""

    type = Double()
    inherit_cache = True


@compiles(DatabaseClock, "sqlite")
def _clock_of_sqlite(element: DatabaseClock, compiler: SQLCompiler, **_: Any) -> str:
    # unixepoch('subsec') needs SQLite 3.42; 2440587.5 is the Julian day of 1970-01-01
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DatabaseClock, "postgresql")
def _clock_of_postgresql(element: DatabaseClock, compiler: SQLCompiler, **_: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"


def make_tables(schema: str | None) -> tuple[Table, Table]:
    """Return flux_studio_job and flux_studio_meta in a schema of the host's database."""
    metadata = MetaData(schema=schema)
    jobs = Table(
        "flux_studio_job",
        metadata,
        Column("id", String(64), primary_key=True),
        Column("user", Text, nullable=False),
        Column("request_id", Text, nullable=False),
        Column("chat", Text, nullable=False),
        Column("message", Text, nullable=False),
        Column("index", Integer, nullable=False),
        Column("place", String(16), nullable=False),
        Column("task", String(32), nullable=False),
        Column("model", Text, nullable=False),
        Column("provider", Text, nullable=False),
        Column("account", Text, nullable=False),
        Column("phase", String(16), nullable=False),
        Column("request", Text),
        Column("handle", Text),
        Column("outcome", Text),
        Column("error", Text, nullable=False),
        Column("progress", Double),
        Column("revision", Integer, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("active_of_model", Integer),
        Column("session", Text),
        Column("pictures", Integer),
        Column("amount", Double),
        Column("currency", String(16)),
        Column("exact", Boolean),
        Column("created_at", Double, nullable=False),
        Column("updated_at", Double, nullable=False),
        Column("admitted_at", Double),
        Column("cancel_asked_at", Double),
        Column("lease_owner", String(64), nullable=False),
        Column("lease_until", Double),
        Index("flux_studio_job_request", "user", "request_id", unique=True),
        Index("flux_studio_job_message", "chat", "message"),
        Index("flux_studio_job_phase", "phase", "lease_until"),
        Index("flux_studio_job_session", "user", "session"),
        Index("flux_studio_job_account", "account", "phase"),
        Index("flux_studio_job_admitted", "account", "admitted_at"),
        Index("flux_studio_job_spent", "user", "created_at"),
    )
    meta = Table(
        "flux_studio_meta",
        metadata,
        Column("name", String(64), primary_key=True),
        Column("value", Text, nullable=False),
    )
    return jobs, meta


def prepare(connection: Connection, jobs: Table, meta: Table) -> None:
    """Make what is missing: tables, indexes, columns a newer release added, the version row.

    Safe when several workers, also of different releases, do it at the same time.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CREATION_LOCK})
    for table in (jobs, meta):
        _tolerant(connection, lambda table=table: table.create(connection, checkfirst=True))
    existing = {column["name"] for column in inspect(connection).get_columns(jobs.name, schema=jobs.schema)}
    for column in jobs.columns:
        if column.name not in existing:
            _add_column(connection, jobs, column)
    for index in jobs.indexes:
        _tolerant(connection, lambda index=index: index.create(connection, checkfirst=True))
    _write_version(connection, meta)


def _add_column(connection: Connection, table: Table, column: Column[Any]) -> None:
    preparer = connection.dialect.identifier_preparer
    kind = column.type.compile(dialect=connection.dialect)
    statement = f"ALTER TABLE {preparer.format_table(table)} ADD COLUMN {preparer.format_column(column)} {kind}"
    _tolerant(connection, lambda: connection.execute(text(statement)))


def _write_version(connection: Connection, meta: Table) -> None:
    found = connection.execute(meta.select().where(meta.c.name == "version")).first()
    if found is None:
        row = {"name": "version", "value": str(SCHEMA_VERSION)}
        _tolerant(connection, lambda: connection.execute(meta.insert().values(row)))
    elif int(found.value) < SCHEMA_VERSION:
        connection.execute(meta.update().where(meta.c.name == "version").values(value=str(SCHEMA_VERSION)))


def _tolerant(connection: Connection, step: Any) -> None:
    """Run one step in a savepoint; that somebody else has done it meanwhile is no error."""
    try:
        with connection.begin_nested():
            step()
    except DBAPIError as error:
        if not any(words in str(error.orig).lower() for words in ("already exists", "duplicate", "unique")):
            raise


def to_columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of JobRecord as column values; handle, outcome and request become JSON text."""
    return {name: _to_column(value) for name, value in fields.items()}


def to_record(row: RowMapping) -> JobRecord:
    """Read a row; JSON that nobody can read counts as absent, so that one broken row stops no sweep."""
    fields = with_defaults({name: row[name] for name in JobRecord.__slots__})
    fields["request"] = _from_json(row, "request")
    fields["handle"] = _parsed(row, "handle", JobHandle.from_json)
    fields["outcome"] = _parsed(row, "outcome", Outcome.from_json)
    return JobRecord(**fields)


def with_defaults(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a row, with a value for those that an earlier release has left empty."""
    return {name: DEFAULTS.get(name) if value is None else value for name, value in fields.items()}


def _to_column(value: Any) -> Any:
    if isinstance(value, (JobHandle, Outcome)):
        value = value.to_json()
    if isinstance(value, Mapping):
        return json.dumps(value)
    # PostgreSQL takes neither NUL nor half a surrogate pair, and a person can send both
    return value.replace("\0", "").encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _parsed(row: RowMapping, name: str, read: Any) -> Any:
    data = _from_json(row, name)
    try:
        return None if data is None else read(data)
    except (KeyError, TypeError, ValueError) as error:
        log.error("job %s: its %s cannot be read: %s", row["id"], name, error)
        return None


def _from_json(row: RowMapping, name: str) -> dict[str, Any] | None:
    if row[name] is None:
        return None
    try:
        data = json.loads(row[name])
    except ValueError as error:
        log.error("job %s: its %s is no JSON: %s", row["id"], name, error)
        return None
    return data if isinstance(data, dict) else None
