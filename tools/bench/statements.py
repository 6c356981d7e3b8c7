"""How many statements PostgreSQL ran, by its own count, and how much a job keeps in its table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tools.stage import Studio

OURS = "flux_studio"
"""In the name of every table of the bundle."""
AROUND = ("begin", "commit", "rollback")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """Counts since the last reset."""

    reading: int
    """SELECTs on the bundle's tables."""
    writing: int
    """INSERT, UPDATE and DELETE on the bundle's tables."""
    around: int
    """BEGIN, COMMIT and ROLLBACK of everybody."""
    host: int
    """Everything else, so the host's own."""

    @property
    def ours(self) -> int:
        return self.reading + self.writing


def counted(rows: Iterable[tuple[str, int]]) -> Statements:
    """Sort statements and their numbers of calls (pure)."""
    counts = {"reading": 0, "writing": 0, "around": 0, "host": 0}
    for query, calls in rows:
        counts[kind_of(query)] += calls
    return Statements(**counts)


def kind_of(query: str) -> str:
    """Whose a statement is, and whether it reads (pure)."""
    text = query.strip().lower()
    if text.startswith(AROUND):
        return "around"
    if OURS not in text:
        return "host"
    return "reading" if text.startswith("select") else "writing"


def reset(studio: Studio) -> None:
    studio.rows("SELECT public.pg_stat_statements_reset()")


def read(studio: Studio) -> Statements:
    found = studio.rows("SELECT query, calls FROM public.pg_stat_statements")
    return counted((row["query"], row["calls"]) for row in found)


def bytes_of_row(studio: Studio, message: str) -> float:
    """Size of the job's row of one message, its indexes aside."""
    found = studio.rows("SELECT pg_column_size(job.*) AS size FROM flux_studio_job AS job WHERE message = ?", message)
    return float(found[0]["size"])
