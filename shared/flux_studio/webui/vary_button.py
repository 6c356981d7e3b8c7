"""The button Vary: asks which picture and how far, then draws into a new message below the end of the chat."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .. import flows
from ..captions import literal
from ..catalog import ModelCard
from ..catalog.check import without_image_prompt
from ..commands import Typed
from ..commands.variation import INSTRUCTIONS, Variation
from ..errors import InvalidRequest, StudioError
from ..settings import Settings
from . import files, orders, question, turn, worker
from .caller import Caller, EventCall
from .guard import guarded
from .messages import add_message, emitter_for, leaf_is_being_written
from .orders import Jobs
from .pressed import Pressed, choose, pressed
from .question import Asked
from .stored import stored_settings
from .varying import VARY, Original, vary

log = logging.getLogger("flux_studio.vary")

LABELS = {"subtle": "Subtle: close to it, small details change", "strong": "Strong: same subject, another picture"}

_DRAWING: set[asyncio.Task[None]] = set()


async def press_vary(body: Mapping[str, Any], user: Any, app: Any, ask: EventCall) -> None:
    """Ask, check and order; the picture is drawn in the background. Raises StudioError with nothing ordered."""
    press = await pressed(body, user)
    said = await choose(ask, "Vary", _question(press), _choices(press))
    if said is None:
        return
    if await leaf_is_being_written(press.chat, app):
        sentence = "An answer is still being written in this chat; press Vary again when it is ready."
        raise InvalidRequest("chat", "busy", "a chat at rest", sentence=sentence)
    number, _, strength = said.partition(" ")
    variation = next(Variation(strength=each) for each in INSTRUCTIONS if each == strength)
    caller = Caller(
        user=user,
        app=app,
        chat=press.chat,
        message=str(uuid.uuid4()),
        ask=ask,
        user_message={"parentId": press.leaf},
    )
    settings = await stored_settings(caller.user_id)
    await _order(caller, press, int(number), variation, settings)


def _choices(press: Pressed) -> list[tuple[str, str]]:
    """One for each picture and strength."""
    several = len(press.pictures) > 1
    return [
        (f"{picture.number} {strength}", f"#{picture.number}, {label}" if several else label)
        for picture in press.pictures
        for strength, label in LABELS.items()
    ]


def _question(press: Pressed) -> str:
    if len(press.pictures) == 1:
        return f"How far may the variation of picture #{press.pictures[0].number} go?"
    return "Which picture, and how far may its variation go?"


async def _order(caller: Caller, press: Pressed, number: int, variation: Variation, settings: Settings) -> None:
    """Check the order, have it confirmed, make its message and start."""
    file = press.branch[number - 1].file
    original = Original(number=number, recipe=await files.recipe_of(file, user=caller.user))
    typed, choice = await vary(caller, original, variation, Typed(prompt="", command=VARY), settings)
    card = choice.card if settings.image_prompt_support else without_image_prompt(choice.card)
    asked = await question.understand(caller, {}, typed, card, replace(settings, count=1))
    if choice.notice:
        asked = replace(asked, notices=(choice.notice, *asked.notices))
    errand = flows.Errand(user=caller.user_id, request_id=caller.message, chat=caller.chat, message=caller.message)
    jobs = flows.plan(asked.request, card, settings, errand)
    run = worker.runner(caller.app)
    if not await orders.confirmed(caller, run, jobs, card, settings):
        return
    await orders.require_room(caller.user, run, [record for record, _ in jobs], settings)
    await add_message(caller.chat, caller.message, user=caller.user_id, model=press.model, content="", files=[])
    drawing = replace(caller, emit=await emitter_for(caller.chat, caller.message, caller.user_id))
    _spawn(_draw(drawing, card, jobs, settings, asked))


async def _draw(caller: Caller, card: ModelCard, jobs: Jobs, settings: Settings, asked: Asked) -> None:
    """Fill the new message: status and pictures as they come, then its text, or one sentence why there is none."""
    try:
        async with guarded("vary button"):
            text = await turn.draw(caller, card, jobs, settings, asked)
    except StudioError as error:
        text = literal(error.sentence)
    if caller.emit:
        await caller.emit({"type": "replace", "data": {"content": text}})


def _spawn(work: Any) -> None:
    task = asyncio.create_task(work)
    _DRAWING.add(task)
    task.add_done_callback(_ended)


def _ended(task: asyncio.Task[None]) -> None:
    _DRAWING.discard(task)
    if not task.cancelled() and (error := task.exception()):
        log.error("the message of a variation was not written, the sweep delivers it", exc_info=error)
