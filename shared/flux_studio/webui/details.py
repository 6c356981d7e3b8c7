"""The Info button: how the pictures of an answer were made, in a dialog."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..captions import amount
from ..catalog import CARDS
from ..errors import InvalidRequest, NotPermitted, StorageError
from ..recipes import Recipe
from . import files, rights
from .caller import EventCall
from .messages import read_message, shown_ids

SIGNS = re.compile(r"[^\w\s,.-]|_")

DIALOG_SECONDS = 300
"""A dialog in a closed tab never answers; nobody waits for it longer than this."""


async def show_details(body: Mapping[str, Any], user: Any, ask: EventCall) -> None:
    """Open a dialog with the recipe of each picture of the pressed message and of those attached to its question.

    Raises NotPermitted and InvalidRequest.
    """
    chat, message = str(body.get("chat_id") or ""), str(body.get("id") or "")
    await rights.require_own_chat(user, chat)
    record = await read_message(chat, message) or {}
    question = await read_message(chat, str(record.get("parentId") or "")) or {}
    shown, attached = shown_ids(record), shown_ids(question) if question.get("role") == "user" else []
    if not shown and not attached:
        sentence = "There is no picture in this answer, so there is nothing to tell about it."
        raise InvalidRequest("message", "this message", "a message with a picture", sentence=sentence)
    text = details_text(await _recipes(shown, user), await _recipes(attached, user))
    with suppress(TimeoutError):
        await asyncio.wait_for(
            ask({"type": "confirmation", "data": {"title": "How this was made", "message": text}}), DIALOG_SECONDS
        )


async def _recipes(identifiers: Sequence[str], user: Any) -> list[Recipe]:
    """What is known of these pictures; one that was deleted meanwhile tells nothing."""
    found: list[Recipe] = []
    for identifier in identifiers:
        with suppress(NotPermitted, StorageError):
            if recipe := await files.recipe_of(identifier, user=user):
                found.append(recipe)
    return found


def details_text(recipes: Sequence[Recipe], attached: Sequence[Recipe] = ()) -> str:
    """Markdown with HTML for the dialog (pure); what a person typed is neither."""
    if not recipes and not attached:
        return "This picture was not made by FLUX Studio and carries no recipe, so nothing is known about it."
    inputs = [f"<b>An attached picture</b><br>{_one(recipe)}" for recipe in attached]
    made = [_one(recipe) for recipe in recipes]
    if len(made) > 1:  # the dialog shows no space between paragraphs
        made = [f"<b>Picture {number} of {len(made)}</b><br>{text}<br>" for number, text in enumerate(made, 1)]
    return "\n\n".join([*made, *inputs])


def _one(recipe: Recipe) -> str:
    card = CARDS.get(recipe.model)
    rows = [
        ("Made with", f"{recipe.source} {recipe.version}".removesuffix(" unknown") if recipe.source else ""),
        ("Model", card.label if card else recipe.model),
        ("Prompt", recipe.prompt),
        ("Prompt as typed", recipe.typed),
        ("Prompt as rewritten", recipe.final_prompt or ""),
        ("Negative prompt", recipe.negative_prompt),
        ("Seed", "" if recipe.seed is None else str(recipe.seed)),
        ("Size", f"{recipe.width} × {recipe.height}" if recipe.width and recipe.height else ""),
        ("Settings", ", ".join(_setting(name, value) for name, value in recipe.options.items())),
        ("Made of", f"{len(recipe.parents)} picture{'s' if len(recipe.parents) > 1 else ''}" if recipe.parents else ""),
        ("Area", "a part of it was repainted" if recipe.mask else ""),
        ("Seconds", f"{recipe.seconds:.1f}" if recipe.seconds else ""),
        ("Cost", "" if recipe.cost is None else amount(recipe.cost, recipe.currency)),
        ("Task id", recipe.request_id),
        ("Notes", ", ".join(recipe.notes)),
    ]
    return "<br>".join(f"<b>{name}:</b> {_literal(value)}" for name, value in rows if value)


def _literal(text: str) -> str:
    """One line in which every sign that could be markup is an entity, which Markdown never reads as one.

    The dialog would otherwise load the pictures and draw the links of a prompt that somebody else wrote.
    """
    return SIGNS.sub(lambda sign: f"&#{ord(sign[0])};", " ".join(text.split()))


def _setting(name: str, value: Any) -> str:
    shown = {True: "on", False: "off"}[value] if isinstance(value, bool) else value
    return f"{name.replace('_', ' ')} {shown}"
