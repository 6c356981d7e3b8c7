"""What stands between a checked order and the provider: the person's limits, and their yes to a dear one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ..captions import amount, estimate_text
from ..catalog import ModelCard
from ..errors import ConfirmationMissing, LimitReached
from ..jobs import JobRecord, JobRunner
from ..jobs.ledger import wanted
from ..limits import Allowance, Usage, allowance_of, day_end, fits, refusal
from ..settings import Settings
from ..types import Request
from .caller import Caller, local_time
from .delivery import stopped_sentence
from .rights import groups_of

ANSWERS_WITHIN = 180.0
"""Seconds a person has for the dialog; the host itself would wait for ever."""

DECLINED = "Not ordered: nothing was sent and nothing was billed."

Jobs = Sequence[tuple[JobRecord, Request]]


async def allowance_for(user: Any, settings: Settings) -> Allowance:
    """What this person may order, by the groups they are in."""
    if not settings.group_limits:
        return settings.allowance
    groups = {group.name for group in await groups_of(str(user.id))}
    return allowance_of(settings.allowance, settings.group_limits, groups)


async def take(user: Any, run: JobRunner, jobs: Jobs, card: ModelCard, settings: Settings) -> None:
    """Take an order against the person's limits, or raise LimitReached with the whole story in one sentence.

    What is taken has to be run or started at once, or withdrawn (JobRunner.reserve).
    """
    allowance = await allowance_for(user, settings)
    if allowance.unlimited:
        return
    reservation = await run.reserve(jobs, card, allowance)
    if not reservation.taken:
        raise _limit_reached(user, allowance, reservation.usage, [record for record, _ in jobs])


async def require_room(user: Any, run: JobRunner, records: Sequence[JobRecord], settings: Settings) -> None:
    """Raise LimitReached for an order that would not be taken now, so that nobody confirms it in vain."""
    allowance = await allowance_for(user, settings)
    if allowance.unlimited:
        return
    usage = await run.store.usage(str(user.id))
    if not fits(allowance, usage, wanted(records)):
        raise _limit_reached(user, allowance, usage, records)


def is_dear(records: Sequence[JobRecord], settings: Settings) -> bool:
    """Whether an order has to be confirmed, by the prices that are known (pure)."""
    credits = wanted(priced(records)).credits
    return bool(settings.confirm_above and credits and credits > settings.confirm_above)


def priced(records: Sequence[JobRecord]) -> list[JobRecord]:
    """Those with a known price."""
    return [record for record in records if record.amount is not None]


def question(records: Sequence[JobRecord], label: str, settings: Settings) -> str:
    """What the dialog asks; `label` names the models (pure)."""
    pictures, cost = sum(record.pictures for record in records), estimate_text(priced(records))
    return (
        f"{pictures} picture{'' if pictures == 1 else 's'} with {label} will cost {cost}. "
        f"Orders above {amount(settings.confirm_above)} are confirmed first."
    )


async def confirmed(caller: Caller, run: JobRunner, jobs: Jobs, card: ModelCard, settings: Settings) -> bool:
    """Ask the person before a dear order, unless it exists already; True to go on, False for their no.

    Raises LimitReached before asking in vain, ConfirmationMissing when no tab is there to ask or none answers.
    """
    records = [record for record, _ in jobs]
    if not is_dear(records, settings) or all([await run.find(record) for record in records]):
        return True
    await require_room(caller.user, run, records, settings)
    missing = ConfirmationMissing(
        f"{question(records, card.label, settings)} This one was not confirmed, so nothing was sent. "
        "Add `--confirm` to the message to order it without being asked."
    )
    if caller.ask is None:
        raise missing
    said = await _asked(caller, records, question(records, card.label, settings))
    if said is None or isinstance(said, dict):  # no answer in time, or the tab is gone
        raise missing
    return said is not False


async def _asked(caller: Caller, records: Sequence[JobRecord], text: str) -> Any:
    """The dialog's answer: False for no, a dict for a tab that is gone, None for none in time, all else is a yes."""
    title = f"Order for {estimate_text(records)}?"
    dialog = {"type": "confirmation", "data": {"title": title, "message": text}}
    said: Any = None
    await _status(caller, f"Waiting for your confirmation, {estimate_text(records)}", done=False)
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            said = await caller.ask(dialog) if caller.ask else None
    except TimeoutError:
        said = None
    except asyncio.CancelledError:
        await _status(caller, "Stopped", done=True)
        if caller.emit:
            await caller.emit({"type": "replace", "data": {"content": stopped_sentence([])}})
        raise
    if said is None or said is False or isinstance(said, dict):
        await _status(caller, "Not confirmed", done=True)
    return said


async def _status(caller: Caller, text: str, *, done: bool) -> None:
    if caller.emit:
        await caller.emit({"type": "status", "data": {"description": text, "done": done, "hidden": done}})


def _limit_reached(user: Any, allowance: Allowance, usage: Usage, records: Sequence[JobRecord]) -> LimitReached:
    sentence = refusal(allowance, usage, wanted(records), ends=local_time(user, day_end(usage.now)))
    return LimitReached(sentence, detail=f"{user.id}: {usage} of {allowance}")
