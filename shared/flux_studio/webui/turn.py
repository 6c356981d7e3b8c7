"""One answer of the pipe: a question becomes pictures in the message, a caption, or one clear sentence."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .. import flows
from ..captions import caption, estimate_text, literal
from ..catalog import ModelCard
from ..catalog.check import without_image_prompt
from ..errors import InvalidRequest, Refused, StudioError
from ..jobs import JobRecord, JobRunner
from ..settings import Settings
from ..types import JobState, Running, Succeeded
from . import handlers, orders, question, rights, varying, worker
from .caller import Caller
from .coach import coached
from .delivery import attach, confirm_delivery, tell_stopped
from .files import FileRef, refs
from .model_choice import choose_model
from .orders import Jobs
from .progress import Previews, StatusLine
from .question import Asked
from .stored import enabled_commands

VARY = "vary"
"""Handler name of the command that works out its own prompt."""


async def answer(caller: Caller, body: Mapping[str, Any], settings: Settings) -> str:
    """Answer one question; returns the text of the message. Raises StudioError with a sentence for the person."""
    typed = question.typed(caller, body, await enabled_commands())
    command = typed.command
    if command and command.task is None:
        return await handlers.HANDLERS[command.handler](caller, typed, settings)
    if "days" in typed.flags:
        raise InvalidRequest("--days", "days", "/costs", sentence="--days belongs to /costs; leave it out here.")
    await rights.require_image_permission(caller.user)
    if command and command.handler == VARY:
        typed, chosen = await varying.understand(caller, body, typed, settings)
    else:
        chosen = await choose_model(caller, str(body.get("model", "")), typed, settings)
    card = chosen.card if settings.image_prompt_support else without_image_prompt(chosen.card)
    asked = await question.understand(caller, body, typed, card, settings)
    if chosen.notice:
        asked = replace(asked, notices=(chosen.notice, *asked.notices))
    jobs = flows.plan(asked.request, card, settings, _errand(caller))
    agreed = bool(typed.flags.get("confirm"))
    if not agreed and not await orders.confirmed(caller, worker.runner(caller.app), jobs, card, settings):
        return orders.DECLINED
    try:
        return await draw(caller, card, jobs, settings, asked)
    except Refused as refusal:
        if command and command.handler == VARY:  # its words are ours, there is nothing to say more gently
            raise
        raise await coached(caller, refusal, question.text(caller, body), asked.said) from refusal


async def draw(caller: Caller, card: ModelCard, jobs: Jobs, settings: Settings, asked: Asked) -> str:
    """Take an order against the person's limits, run its jobs and show what they made."""
    run, records = worker.runner(caller.app), [record for record, _ in jobs]
    # a channel would store every preview as a picture of its own
    previews = Previews(None if caller.channel else caller.emit)
    async with StatusLine(caller.emit, card.label, len(jobs), estimate_text(records)) as line:

        async def report(index: int, state: JobState) -> None:
            await line.update(index, state)
            if isinstance(state, Running) and state.preview is not None:
                await previews.sketch(index, state.preview)
            elif isinstance(state, Succeeded) and len(jobs) > 1:
                await _preview(previews, run, jobs[index][0])

        try:
            await orders.take(caller.user, run, jobs, card, settings)
            finished = await flows.make_pictures(jobs, card, settings, run, report)
        except asyncio.CancelledError:
            await previews.clear()
            await tell_stopped(caller, run, records, line)
            raise
        if any(item.error for item in finished):
            await previews.clear()
        good = [item.record for item in finished if item.record and item.record.outcome]
        errors = [item.error for item in finished if item.error]
        await line.close(_last_word(good, errors), hidden=not (good and errors))
    if not good:
        raise errors[0] if len({error.sentence for error in errors}) == 1 else _joined(errors)
    return await _show(caller, run, card, good, errors, asked)


def _errand(caller: Caller) -> flows.Errand:
    """The message names the request, so that the same answer is never paid twice; without a chat every call is new."""
    request_id = caller.message if caller.chat and caller.message else uuid.uuid4().hex
    return flows.Errand(user=caller.user_id, request_id=request_id, chat=caller.chat, message=caller.message)


async def _preview(previews: Previews, run: JobRunner, job: JobRecord) -> None:
    record = await run.find(job)
    if record and record.outcome:
        await previews.add(record.index, refs([record])[0])


async def _show(
    caller: Caller,
    run: JobRunner,
    card: ModelCard,
    records: Sequence[JobRecord],
    errors: Sequence[StudioError],
    asked: Asked,
) -> str:
    """Put all pictures into the message with one event and return the text below them."""
    shown = refs(records)
    outcomes = [record.outcome for record in records if record.outcome]
    text = caption(card.label, outcomes, asked.first)
    lines = [*asked.notices, *_pictures_as_text(caller, shown), text, *_sentences(errors)]
    await attach(caller, shown)
    confirm_delivery(caller, run, records)
    return "\n\n".join(lines)


def _pictures_as_text(caller: Caller, shown: Sequence[FileRef]) -> list[str]:
    """A call without a chat has no place for files, so its answer links them."""
    return [] if caller.emit else [f"![{ref.name}]({ref.url})" for ref in shown]


def _sentences(errors: Sequence[StudioError]) -> list[str]:
    return [f"⚠ {literal(sentence)}" for sentence in dict.fromkeys(error.sentence for error in errors)]


def _joined(errors: Sequence[StudioError]) -> StudioError:
    return StudioError("\n".join(dict.fromkeys(error.sentence for error in errors)))


def _last_word(good: Sequence[JobRecord], errors: Sequence[StudioError]) -> str:
    if not good:
        return "No picture"
    text = "1 picture" if len(good) == 1 else f"{len(good)} pictures"
    return f"{text}, {len(errors)} failed" if errors else f"{text} ready"
