"""The cost report as people and the command line ask for it: admins see everybody, everyone else themselves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..captions import amount, literal
from ..commands import Typed
from ..costs import Period, Person, as_csv, as_markdown, period_of, summary, tables
from ..errors import StudioError
from ..jobs import LedgerRow
from ..limits import Allowance, Usage
from ..providers.bfl_account import credits
from ..settings import Settings
from . import files, worker
from .caller import Caller
from .orders import allowance_for

CSV_TYPE = "text/csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The rows of one period and who the people in them are."""

    period: Period
    rows: Sequence[LedgerRow]
    people: dict[str, Person]


async def read_ledger(days: int | None, *, user: str = "") -> Ledger:
    """The orders of the current month, or of the last `days` days; of one user, or of all."""
    period = period_of(time.time(), days)
    rows = await worker.job_store().ledger(after=period.start, user=user)
    return Ledger(period=period, rows=rows, people=await _people({row.user for row in rows}))


async def answer_costs(caller: Caller, typed: Typed, settings: Settings) -> str:
    """What /costs says."""
    wish = typed.flags.get("days")
    days = wish if isinstance(wish, int) else None
    # a channel is read by others: there an admin, too, is told only their own
    everybody = caller.user.role == "admin" and not caller.channel
    ledger = await read_ledger(days, user="" if everybody else caller.user_id)
    report = await asyncio.to_thread(tables, ledger.rows, ledger.people if everybody else None)
    parts = [summary(ledger.rows, ledger.period), await _own_limits(caller, settings)]
    if everybody and settings.flux_key:
        parts.append(literal(await left_sentence(settings)))
    parts.append(as_markdown(report))
    if everybody and ledger.rows:
        parts.append(await _csv_link(caller, ledger))
    return "\n\n".join(part for part in parts if part)


async def left_sentence(settings: Settings) -> str:
    """What is left on the account at Black Forest Labs, or why that is not known."""
    try:
        return f"Left at Black Forest Labs: {amount(await credits(settings))}."
    except StudioError as error:
        return f"What is left at Black Forest Labs is not known. {error.sentence}"


def limits_sentence(allowance: Allowance, usage: Usage) -> str:
    """How far a person is from their limits; empty without any (pure)."""
    parts = []
    if allowance.pictures_a_day != float("inf"):
        parts.append(f"{usage.pictures_today} of {int(allowance.pictures_a_day)} pictures today")
    if allowance.credits_a_month != float("inf"):
        parts.append(f"{amount(usage.credits_this_month)} of {amount(allowance.credits_a_month)} this month")
    return f"Your own limits: {' and '.join(parts)}." if parts else ""


async def _own_limits(caller: Caller, settings: Settings) -> str:
    allowance = await allowance_for(caller.user, settings)
    if allowance.unlimited:
        return ""
    return limits_sentence(allowance, await worker.job_store().usage(caller.user_id))


async def _csv_link(caller: Caller, ledger: Ledger) -> str:
    text = await asyncio.to_thread(as_csv, ledger.rows, ledger.people)
    name = f"flux-costs-{time.strftime('%Y-%m-%d', time.gmtime(ledger.period.end))}.csv"
    file = await files.keep_document(text.encode(), name=name, mime=CSV_TYPE, user=caller.user)
    return f"[All orders as CSV]({file.url})"


async def _people(users: set[str]) -> dict[str, Person]:
    from open_webui.models.users import Users

    found: list[Any] = await Users.get_users_by_user_ids(sorted(users)) if users else []
    return {str(user.id): Person(name=str(user.name), email=str(user.email)) for user in found}
