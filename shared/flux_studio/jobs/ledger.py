"""What was ordered and what it cost: the rows of the cost report and their sums (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..limits import Usage, Wanted, day_start, in_credits, month_start
from .record import JobRecord, Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One order as the report knows it: no prompt, no picture, no chat."""

    created_at: float
    """Seconds since the epoch."""
    user: str
    model: str
    provider: str
    task: str
    phase: Phase
    pictures: int
    amount: float | None
    currency: str
    exact: bool

    @property
    def maybe_billed(self) -> bool:
        """It ended without a picture, and the provider may have charged it all the same."""
        return self.phase in ("failed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Pictures and money of some rows, each currency by itself."""

    pictures: int = 0
    credits: float = 0.0
    usd: float = 0.0
    about: bool = False
    """Whether an estimate or an unknown price is in it; what is free is neither."""
    maybe_billed: int = 0
    """How many of the pictures were not delivered."""

    @property
    def in_credits(self) -> float:
        return self.credits + in_credits(self.usd, "USD")


def row_of(record: JobRecord) -> LedgerRow:
    """The ledger's part of a record."""
    return LedgerRow(**{name: getattr(record, name) for name in LedgerRow.__slots__})


def counts(record: JobRecord) -> bool:
    """Whether a record stands in the ledger."""
    return record.pictures > 0 or bool(record.amount)


def wanted(records: Sequence[JobRecord]) -> Wanted:
    """What an order adds to the limits; its price is known only when that of each part is."""
    amounts = [in_credits(record.amount, record.currency) for record in records if record.amount is not None]
    known = len(amounts) == len(records)
    return Wanted(pictures=sum(record.pictures for record in records), credits=sum(amounts) if known else None)


def usage_of(rows: Iterable[LedgerRow], now: float) -> Usage:
    """What one user's rows add up to in the day and the month of `now`."""
    today, month = day_start(now), month_start(now)
    current = [row for row in rows if row.created_at >= month]
    return Usage(
        pictures_today=sum(row.pictures for row in current if row.created_at >= today),
        credits_this_month=sum(in_credits(row.amount or 0.0, row.currency) for row in current),
        now=now,
    )


def total(rows: Iterable[LedgerRow]) -> Sums:
    """Add rows up."""
    listed = list(rows)
    amounts = [(row.amount or 0.0, row.currency) for row in listed]
    return Sums(
        pictures=sum(row.pictures for row in listed),
        credits=round(sum(amount for amount, currency in amounts if currency != "USD"), 4),
        usd=round(sum(amount for amount, currency in amounts if currency == "USD"), 6),
        about=not all(row.exact or row.amount == 0 for row in listed),
        maybe_billed=sum(row.pictures for row in listed if row.maybe_billed),
    )


def grouped(rows: Iterable[LedgerRow], key: Callable[[LedgerRow], str]) -> dict[str, Sums]:
    """Sums by a property of the rows, the dearest first."""
    parts: dict[str, list[LedgerRow]] = {}
    for row in rows:
        parts.setdefault(key(row), []).append(row)
    sums = {name: total(part) for name, part in parts.items()}
    return dict(sorted(sums.items(), key=lambda item: (-item[1].in_credits, -item[1].pictures, item[0])))
