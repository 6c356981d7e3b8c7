"""The Info button: how the pictures of an answer were made, in a dialog."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..captions import amount
from ..catalog import CARDS
from ..errors import InvalidRequest
from ..recipes import Recipe
from . import files, rights
from .caller import EventCall
from .messages import picture_ids

SIGNS = re.compile(r"[^\w\s,.-]|_")

DIALOG_SECONDS = 300
"""A dialog in a closed tab never answers; nobody waits for it longer than this."""


async def show_details(body: Mapping[str, Any], user: Any, ask: EventCall) -> None:
    """Open a dialog with the recipe of each picture of the pressed message. Raises NotPermitted."""
    from open_webui.models.chats import Chats

    chat, message = str(body.get("chat_id") or ""), str(body.get("id") or "")
    await rights.require_own_chat(user, chat)
    record = await Chats.get_message_by_id_and_message_id(chat, message) or {}
    identifiers = picture_ids(record)
    if not identifiers:
        raise InvalidRequest("message", "this message", "a message with a picture")
    recipes = [await files.recipe_of(identifier, user=user) for identifier in identifiers]
    text = details_text([recipe for recipe in recipes if recipe])
    with suppress(TimeoutError):
        await asyncio.wait_for(
            ask({"type": "confirmation", "data": {"title": "How this was made", "message": text}}), DIALOG_SECONDS
        )


def details_text(recipes: Sequence[Recipe]) -> str:
    """Markdown with HTML for the dialog (pure); what a person typed is neither."""
    if not recipes:
        return "This picture was not made by FLUX Studio, so nothing is known about it."
    return "\n\n".join(_one(recipe) for recipe in recipes)


def _one(recipe: Recipe) -> str:
    card = CARDS.get(recipe.model)
    rows = [
        ("Model", card.label if card else recipe.model),
        ("Prompt", recipe.prompt),
        ("Prompt as rewritten", recipe.final_prompt or ""),
        ("Seed", "" if recipe.seed is None else str(recipe.seed)),
        ("Size", f"{recipe.width} × {recipe.height}"),
        ("Settings", ", ".join(_setting(name, value) for name, value in recipe.options.items())),
        ("Made of", f"{len(recipe.parents)} picture{'s' if len(recipe.parents) > 1 else ''}" if recipe.parents else ""),
        ("Seconds", f"{recipe.seconds:.1f}"),
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
