"""Reads rows straight out of a host's database, whichever it is: what the host would show is checked elsewhere."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

from tools.host import Host


def rows(host: Host, query: str, *values: Any) -> list[dict[str, Any]]:
    """Run one SELECT with `?` for each value; no rows as long as its table is not made."""
    if host.database_url:
        return of_postgres(host.database_url, host.environ.get("DATABASE_SCHEMA", ""), query, values)
    return of_sqlite(host, query, values)


def of_sqlite(host: Host, query: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
    with contextlib.closing(sqlite3.connect(f"file:{host.data / 'webui.db'}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in database.execute(query, values)]
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return []


def of_postgres(url: str, schema: str, query: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
    import psycopg
    from psycopg.rows import dict_row

    address = url.replace("+psycopg", "", 1)
    options = f"-csearch_path={schema}" if schema else ""
    with psycopg.connect(address, options=options, row_factory=dict_row) as database:
        try:
            return database.execute(query.replace("?", "%s"), values).fetchall()
        except psycopg.errors.UndefinedTable:
            return []
