"""The cost report: what was made, by whom, with which model, on which day, as tables and as CSV (pure)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .captions import amount
from .catalog import CARDS
from .jobs.ledger import LedgerRow, Sums, grouped, total
from .limits import day_start, month_start

DAY = 86_400
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run as a formula."""

LOOK_ALIKES = str.maketrans("<>|", "‹›¦")
"""Signs that would be markup in a table's cell, and what stands for them."""

CSV_COLUMNS = (
    "time (UTC)", "user id", "name", "email", "model", "provider", "task", "state", "pictures", "amount", "currency",
    "exact",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From a midnight UTC until now, in seconds since the epoch."""

    start: float
    end: float

    @property
    def words(self) -> str:
        first, last = (datetime.fromtimestamp(moment, UTC) for moment in (self.start, self.end))
        if first.date() == last.date():
            return f"{last.day} {last:%B %Y}"
        year = "" if first.year == last.year else f" {first.year}"
        return f"{first.day} {first:%B}{year} to {last.day} {last:%B %Y}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """How the report names a user."""

    name: str
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of plain text under their headings; the first column says what, the others how much."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def period_of(now: float, days: int | None) -> Period:
    """The current month, or the last `days` days with today."""
    start = month_start(now) if days is None else day_start(now) - (days - 1) * DAY
    return Period(start=start, end=now)


def summary(rows: Sequence[LedgerRow], period: Period) -> str:
    """One sentence over everything."""
    if not rows:
        return f"Nothing was ordered, {period.words} (UTC)."
    sums, people = total(rows), len({row.user for row in rows})
    by = f" by {people} people" if people > 1 else ""
    text = f"{money(sums)} for {sums.pictures} picture{'' if sums.pictures == 1 else 's'}{by}, {period.words} (UTC)."
    if sums.maybe_billed:
        were = "was" if sums.maybe_billed == 1 else "were"
        text += f" {sums.maybe_billed} of them {were} not delivered and may have been billed all the same."
    return text[0].upper() + text[1:]


def tables(rows: Sequence[LedgerRow], people: Mapping[str, Person] | None = None) -> list[Table]:
    """Sums by person (when `people` names them), by model and by day, newest day first."""
    if not rows:
        return []
    made = [_table("Person", rows, lambda row: _name(row.user, people))] if people is not None else []
    made.append(_table("Model", rows, lambda row: CARDS[row.model].label if row.model in CARDS else row.model))
    days = _table("Day (UTC)", rows, lambda row: f"{datetime.fromtimestamp(row.created_at, UTC):%Y-%m-%d}")
    made.append(Table(head=days.head, rows=tuple(sorted(days.rows, reverse=True))))
    return made


def as_markdown(listed: Iterable[Table]) -> str:
    """Tables for a chat; names people gave themselves stay text."""
    return "\n\n".join("\n".join(_lines(table)) for table in listed)


def as_csv(rows: Iterable[LedgerRow], people: Mapping[str, Person]) -> str:
    """One line an order, for spreadsheets; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for row in rows:
        person = people.get(row.user, GONE)
        writer.writerow([_cell(value) for value in _csv_row(row, person)])
    return out.getvalue()


def money(sums: Sums) -> str:
    """Both currencies of some sums: "about 312 credits and $0.42"."""
    parts = [amount(sums.credits)] if sums.credits or not sums.usd else []
    parts += [amount(sums.usd, "USD")] if sums.usd else []
    return f"{'about ' if sums.about else ''}{' and '.join(parts)}"


GONE = Person(name="deleted account")
"""Whose account is deleted: the figures stay, the name does not."""


def _table(what: str, rows: Sequence[LedgerRow], key: Callable[[LedgerRow], str]) -> Table:
    sums = grouped(rows, key)
    return Table(
        head=(what, "Pictures", "Cost"),
        rows=tuple((name, str(part.pictures), money(part)) for name, part in sums.items()),
    )


def _name(user: str, people: Mapping[str, Person] | None) -> str:
    person = (people or {}).get(user, GONE)
    return f"{person.name} ({person.email})" if person.email else person.name


def _lines(table: Table) -> list[str]:
    lines = [table.head, ["---"] * len(table.head), *([_text(cell) for cell in row] for row in table.rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _text(cell: str) -> str:
    """A cell that is neither markup nor link nor picture; the host shows entities in tables as they are written."""
    line = " ".join(cell.split()).translate(LOOK_ALIKES)
    return "".join(f"\\{sign}" if sign in "\\`*_~" else sign for sign in line).replace("](", "] (")


def _csv_row(row: LedgerRow, person: Person) -> tuple[object, ...]:
    return (
        datetime.fromtimestamp(row.created_at, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        row.user,
        person.name,
        person.email,
        row.model,
        row.provider,
        row.task,
        "may have been billed" if row.maybe_billed else row.phase,
        row.pictures,
        "" if row.amount is None else f"{row.amount:g}",
        row.currency,
        "yes" if row.exact else "no",
    )


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value
