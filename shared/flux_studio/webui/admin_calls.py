"""Page calls of the command line for admins: the cost report and the doctor's look from inside."""

from __future__ import annotations

import asyncio
from typing import Any

from ..commands.flags import MAX_DAYS
from ..costs import as_csv, summary, tables
from ..errors import InvalidRequest, NotPermitted, StudioError
from . import doctor
from .costs import left_sentence, read_ledger
from .page_call import Operation, PageCall
from .stored import stored_settings


async def report_costs(call: PageCall) -> dict[str, Any]:
    """{"days"?, "csv"?: true} → {"summary", "left", "tables": [{"head", "rows"}], "csv"?}"""
    _require_admin(call)
    days, wants_csv = call.data.get("days"), call.data.get("csv", False)
    if days is not None and (type(days) is not int or not 1 <= days <= MAX_DAYS):
        raise InvalidRequest("days", days, f"whole number 1 to {MAX_DAYS}")
    ledger = await read_ledger(days)
    listed = await asyncio.to_thread(tables, ledger.rows, ledger.people)
    answer: dict[str, Any] = {
        "summary": summary(ledger.rows, ledger.period),
        "left": await _left(),
        "tables": [{"head": table.head, "rows": table.rows} for table in listed],
    }
    if wants_csv is True:
        answer["csv"] = await asyncio.to_thread(as_csv, ledger.rows, ledger.people)
    return answer


async def examine(call: PageCall) -> dict[str, Any]:
    """→ {"findings": [{"name", "state": ok, note or fault, "text"}]}"""
    _require_admin(call)
    return {"findings": [finding.to_json() for finding in await doctor.examine()]}


async def _left() -> str:
    try:
        settings = await stored_settings()
    except StudioError as error:
        return error.sentence
    return await left_sentence(settings) if settings.flux_key else ""


def _require_admin(call: PageCall) -> None:
    if call.user.role != "admin":
        raise NotPermitted("This is for admins only.")


ADMIN_OPERATIONS: dict[tuple[str, str], Operation] = {
    ("admin", "costs"): report_costs,
    ("admin", "doctor"): examine,
}
