"""One answer of the pipe: a question becomes pictures in the message, a caption, or one clear sentence."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from .. import catalog, commands, flows
from ..captions import caption, estimate_text, literal
from ..catalog import ModelCard
from ..catalog.check import check, without_image_prompt
from ..commands import Typed
from ..errors import ConfigurationError, InvalidRequest, NotPermitted, StudioError
from ..jobs import JobRecord, JobRunner
from ..providers import PROVIDERS
from ..settings import Settings
from ..types import JobState, Succeeded
from . import handlers, inputs, orders, rights, worker
from .caller import Caller
from .delivery import attach, confirm_delivery, tell_stopped
from .files import FileRef, refs
from .orders import Jobs
from .progress import Previews, StatusLine
from .tasks import text_of

DRAWING = "imagine"
"""Handler name of commands that make pictures."""


async def answer(caller: Caller, body: Mapping[str, Any], settings: Settings) -> str:
    """Answer one question; returns the text of the message. Raises StudioError with a sentence for the person."""
    typed = commands.parse(_question(caller, body))
    if typed.command and typed.command.handler != DRAWING:
        return await handlers.HANDLERS[typed.command.handler](caller, typed, settings)
    if "days" in typed.flags:
        raise InvalidRequest("--days", "days", "/costs", sentence="--days belongs to /costs; leave it out here.")
    await rights.require_image_permission(caller.user)
    card = await _card(caller, str(body.get("model", "")), typed, settings)
    if not settings.image_prompt_support:
        card = without_image_prompt(card)
    found = await inputs.gather(caller, body, card, fresh=bool(typed.flags.get("new")))
    wish = commands.to_request(
        typed,
        card,
        settings,
        pictures=found.pictures,
        chat_variables=caller.chat_variables,
    )
    checked = check(card, wish, safety_cap=settings.safety_tolerance, advanced=settings.advanced_parameters)
    notices = [found.origin, *typed.notices, *checked.notices]
    jobs = flows.plan(checked.request, card, settings, _errand(caller))
    agreed = bool(typed.flags.get("confirm"))
    if not agreed and not await orders.confirmed(caller, worker.runner(caller.app), jobs, card, settings):
        return orders.DECLINED
    return await _draw(caller, card, jobs, settings, [notice for notice in notices if notice])


async def _card(caller: Caller, chat_model: str, typed: Typed, settings: Settings) -> ModelCard:
    """The model of the flag, else of the chat, else the first that commands may use; rights are asked again."""
    current = chat_model.removeprefix(f"{rights.FUNCTION}.")
    wanted = str(typed.flags.get("model") or "") or (current if catalog.known(current) else "")
    if not wanted:
        return await _default_card(caller, settings)
    card = catalog.card(wanted)
    await rights.require_model(caller.user, card.name, caller.app)
    return card


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
        "and enter FLUX_API_KEY, a key from dashboard.bfl.ai."
    )


async def _draw(caller: Caller, card: ModelCard, jobs: Jobs, settings: Settings, notices: Sequence[str]) -> str:
    """Take an order against the person's limits, run its jobs and show what they made."""
    run, records = worker.runner(caller.app), [record for record, _ in jobs]
    # a channel would store every preview as a picture of its own
    previews = Previews(caller.emit if len(jobs) > 1 and not caller.channel else None)
    async with StatusLine(caller.emit, card.label, len(jobs), estimate_text(records)) as line:

        async def report(index: int, state: JobState) -> None:
            await line.update(index, state)
            if isinstance(state, Succeeded):
                await _preview(previews, run, jobs[index][0])

        try:
            await orders.take(caller.user, run, jobs, card, settings)
            finished = await flows.make_pictures(jobs, card, settings, run, report)
        except asyncio.CancelledError:
            await tell_stopped(caller, run, records, line)
            raise
        good = [item.record for item in finished if item.record and item.record.outcome]
        errors = [item.error for item in finished if item.error]
        await line.close(_last_word(good, errors), hidden=not (good and errors))
    if not good:
        raise errors[0] if len({error.sentence for error in errors}) == 1 else _joined(errors)
    return await _show(caller, run, card, good, errors, notices)


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
    notices: Sequence[str],
) -> str:
    """Put all pictures into the message with one event and return the text below them."""
    shown = refs(records)
    outcomes = [record.outcome for record in records if record.outcome]
    lines = [*notices, *_pictures_as_text(caller, shown), caption(card.label, outcomes), *_sentences(errors)]
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


def _question(caller: Caller, body: Mapping[str, Any]) -> str:
    """The text the person typed, without what the host adds for chat models."""
    raw = text_of(caller.user_message.get("content"))
    if raw:
        return raw
    asked = [item for item in body.get("messages") or [] if item.get("role") == "user"]
    text = text_of(asked[-1].get("content")) if asked else ""
    return _unaddressed(caller, body, text) if caller.channel else text


def _unaddressed(caller: Caller, body: Mapping[str, Any], text: str) -> str:
    """A channel's text begins with its author's name and the mention of the model: no part of the prompt."""
    card = catalog.CARDS.get(str(body.get("model", "")).removeprefix(f"{rights.FUNCTION}."))
    spoken = text.removeprefix(f"{caller.user.name}: ")
    return spoken.removeprefix(card.label).lstrip() if card else spoken
