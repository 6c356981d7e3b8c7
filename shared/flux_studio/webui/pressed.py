"""The message a button was pressed below: its pictures, their numbers, and which of them is meant."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidRequest, NotPermitted
from . import rights
from .caller import EventCall
from .messages import ChatPicture, leaf_of_chat, messages_of_chat, numbered

ANSWERS_WITHIN = 180.0
"""Seconds a person has for the dialog."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """One press, after its rights were asked."""

    chat: str
    leaf: str
    """Id of the message the branch ends with: what a button makes comes below it."""
    model: str
    """Of the pressed message."""
    branch: tuple[ChatPicture, ...]
    """All pictures of the branch, oldest first."""
    pictures: tuple[ChatPicture, ...]
    """Those of the pressed message."""


async def pressed(body: Mapping[str, Any], user: Any) -> Pressed:
    """Read a press; raises NotPermitted outside of one's own saved chats, InvalidRequest without a picture."""
    from open_webui.utils.chat_id import is_temporary_chat_id

    chat, message = str(body.get("chat_id") or ""), str(body.get("id") or "")
    await rights.require_image_permission(user)
    if is_temporary_chat_id(chat):
        raise NotPermitted("A temporary chat keeps no messages, so a button can add none; type /vary.")
    await rights.require_own_chat(user, chat)
    messages, leaf = await messages_of_chat(chat), await leaf_of_chat(chat)
    branch = tuple(numbered(messages, leaf))
    own = tuple(picture for picture in branch if picture.message == message)
    if not own or leaf is None:
        sentence = "This works below a message with a picture."
        raise InvalidRequest("message", "this message", "a message with a picture", sentence=sentence)
    model = str((messages.get(message) or {}).get("model") or "")
    return Pressed(chat=chat, leaf=leaf, model=model, branch=branch, pictures=own)


async def choose(ask: EventCall, title: str, message: str, choices: Sequence[tuple[str, str]]) -> str | None:
    """Let the person choose one of (value, label); None when they do not, or their tab is gone."""
    options = [{"value": value, "label": label} for value, label in choices]
    field = {"type": "select", "options": options}
    data = {"title": title, "message": message, "input": field, "value": choices[0][0], "placeholder": ""}
    try:
        said = await asyncio.wait_for(ask({"type": "input", "data": data}), ANSWERS_WITHIN)
    except TimeoutError:
        return None
    return said if isinstance(said, str) and said in {value for value, _ in choices} else None
