"""One answer of the pipe: a question becomes pictures in the message, a caption, or one clear sentence."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .. import catalog, flows
from ..captions import caption, estimate_text, literal
from ..catalog import ModelCard
from ..catalog.check import without_image_prompt
from ..commands import Typed
from ..errors import ConfigurationError, InvalidRequest, NotPermitted, Refused, StudioError
from ..jobs import JobRecord, JobRunner
from ..providers import PROVIDERS
from ..settings import Settings
from ..types import JobState, Running, Succeeded
from . import handlers, orders, question, rights, worker
from .caller import Caller
from .coach import coached
from .delivery import attach, confirm_delivery, tell_stopped
from .files import FileRef, refs
from .orders import Jobs
from .progress import Previews, StatusLine
from .question import Asked

DRAWING = "imagine"
"""Handler name of commands that make pictures."""


async def answer(caller: Caller, body: Mapping[str, Any], settings: Settings) -> str:
    """Answer one question; returns the text of the message. Raises StudioError with a sentence for the person."""
    typed = question.typed(caller, body)
    if typed.command and typed.command.handler != DRAWING:
        return await handlers.HANDLERS[typed.command.handler](caller, typed, settings)
    if "days" in typed.flags:
        raise InvalidRequest("--days", "days", "/costs", sentence="--days belongs to /costs; leave it out here.")
    await rights.require_image_permission(caller.user)
    chat_model = str(body.get("model", ""))
    card = await _card(caller, chat_model, typed, settings)
    if not settings.image_prompt_support:
        card = without_image_prompt(card)
    asked = await question.understand(caller, body, typed, card, settings)
    if renamed := _renamed(chat_model, typed):
        asked = replace(asked, notices=(renamed, *asked.notices))
    jobs = flows.plan(asked.request, card, settings, _errand(caller))
    agreed = bool(typed.flags.get("confirm"))
    if not agreed and not await orders.confirmed(caller, worker.runner(caller.app), jobs, card, settings):
        return orders.DECLINED
    try:
        return await _draw(caller, card, jobs, settings, asked)
    except Refused as refusal:
        raise await coached(caller, refusal, question.text(caller, body), asked.said) from refusal


async def _card(caller: Caller, chat_model: str, typed: Typed, settings: Settings) -> ModelCard:
    """The model of the flag, else of the chat, else the first that commands may use; rights are asked again."""
    wanted = _wanted(chat_model, typed)
    if not wanted:
        return await _default_card(caller, settings)
    card, _ = catalog.serving(catalog.card(wanted))
    await rights.require_model(caller.user, card.name, caller.app)
    return card


def _wanted(chat_model: str, typed: Typed) -> str:
    current = chat_model.removeprefix(f"{rights.FUNCTION}.")
    return str(typed.flags.get("model") or "") or (current if catalog.known(current) else "")


def _renamed(chat_model: str, typed: Typed) -> str:
    """A sentence when another model answers than the one that was named."""
    wanted = _wanted(chat_model, typed)
    return catalog.serving(catalog.card(wanted))[1] if wanted else ""


async def _default_card(caller: Caller, settings: Settings) -> ModelCard:
    if settings.command_default_model:
        card = _named_by_admin(settings.command_default_model)
        await rights.require_model(caller.user, card.name, caller.app)
        return card
    for card in catalog.shown(settings.models, lambda name: PROVIDERS[name].configured(settings)):
        if await rights.may_use_model(caller.user, card.name, caller.app):
            return card
    if not any(service.configured(settings) for service in PROVIDERS.values()):
        raise ConfigurationError(setup_sentence())
    raise NotPermitted("None of the image models is shared with you; ask your admin for access.")


def _named_by_admin(name: str) -> ModelCard:
    try:
        return catalog.card(name)
    except InvalidRequest as error:
        raise ConfigurationError(
            f"The valve COMMAND_DEFAULT_MODEL of FLUX Studio is wrong, an admin has to repair it. {error.sentence}"
        ) from error


def setup_sentence() -> str:
    """What an admin has to do before the first picture."""
    return (
        "FLUX Studio has no provider yet. Admin: open Admin Panel → Functions → FLUX Studio → valves (gear) "
        "and enter FLUX_API_KEY, a key from dashboard.bfl.ai, or OPENAI_API_KEY, a key from platform.openai.com."
    )


async def _draw(caller: Caller, card: ModelCard, jobs: Jobs, settings: Settings, asked: Asked) -> str:
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
