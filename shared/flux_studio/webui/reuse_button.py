"""The button Reuse settings: the message that makes a picture again, ready in the chat box."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from typing import Any

from .. import catalog
from ..commands.again import message_of
from ..errors import InvalidRequest
from ..recipes import Recipe
from . import files
from .caller import EventCall
from .messages import add_message
from .pressed import Pressed, choose, pressed

ANSWERS_WITHIN = 8.0
"""Seconds for the script; where a site forbids scripts of plugins, it never answers."""

FILL = "window.postMessage({type: 'input:prompt', text: TEXT}, window.origin); return 'filled';"


async def press_reuse(body: Mapping[str, Any], user: Any, ask: EventCall) -> None:
    """Put the message into the chat box; where the site forbids that, add it to the chat to be copied.

    Raises InvalidRequest when nothing is known of the picture.
    """
    press = await pressed(body, user)
    file = await _chosen(press, ask)
    if file is None:
        return
    recipe = await files.recipe_of(file, user=user)
    row = catalog.CARDS.get(recipe.model) if recipe else None
    if recipe is None or row is None or not recipe.prompt:
        sentence = "It is not known how this picture was made, so there are no settings to reuse."
        raise InvalidRequest("picture", "no recipe", "a picture made by FLUX Studio", sentence=sentence)
    card, _ = catalog.serving(row)
    text = message_of(recipe, card, parent=_parent(press, recipe))
    if not await _filled(ask, text):
        content = f"The settings of this picture, to copy into the chat box:\n\n{_fenced(text)}"
        await add_message(
            press.chat, str(uuid.uuid4()), user=str(user.id), model=press.model, content=content, files=[]
        )


async def _chosen(press: Pressed, ask: EventCall) -> str | None:
    if len(press.pictures) == 1:
        return press.pictures[0].file
    choices = [(picture.file, f"#{picture.number}") for picture in press.pictures]
    return await choose(ask, "Reuse settings", "Of which picture?", choices)


def _parent(press: Pressed, recipe: Recipe) -> int | None:
    """The number of the picture this one was made of, where the chat shows it."""
    numbers = {picture.file: picture.number for picture in press.branch}
    return numbers.get(recipe.parents[0]) if recipe.parents else None


async def _filled(ask: EventCall, text: str) -> bool:
    code = FILL.replace("TEXT", json.dumps(text).replace("<", "\\u003c"))
    try:
        said = await asyncio.wait_for(ask({"type": "execute", "data": {"code": code}}), ANSWERS_WITHIN)
    except TimeoutError:
        return False
    return bool(said == "filled")


def _fenced(text: str) -> str:
    """A code block that no row of ticks in the text can end."""
    fence = "`" * 3
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"
