"""A slash command in any chat: this turn goes to the hidden commands model; other messages go on untouched."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from ..catalog.entries import CHAT_PREFIX, COMMANDS_MODEL
from ..commands import enabled_commands, is_addressed
from ..valves import CommandsValves
from . import rights
from .messages import is_picture
from .tasks import text_of

Body = dict[str, Any]

WITHOUT: Mapping[str, Any] = {"features": {}, "tool_ids": None, "terminal_id": None, "skill_ids": None}
"""What the host would otherwise do for the turn before its model is asked: web search, tools, memory, skills."""


def is_command(body: Body, metadata: Mapping[str, Any] | None, valves: CommandsValves) -> bool:
    """Whether the question is a command; cheap, for it is asked of every message of every user."""
    text = _question(body, metadata or {})
    # the valve is read only for what could be a command: nearly every message ends here
    return text.lstrip().startswith("/") and is_addressed(text, enabled_commands(valves.COMMANDS))


async def rerouted(body: Body, metadata: dict[str, Any] | None, user: Mapping[str, Any], app: Any) -> Body:
    """The body of a turn that the commands model answers.

    A chat with one of our own models keeps it, for that one answers commands itself. Where the host does not show
    the commands model to this person, the body stays as it is.
    """
    metadata = {} if metadata is None else metadata
    target = str(body.get("model", ""))
    if not _is_ours(target, metadata):
        person = SimpleNamespace(id=user["id"], role=user["role"])
        if not await rights.may_use_model(person, COMMANDS_MODEL, app):
            return body
        target = f"{CHAT_PREFIX}{COMMANDS_MODEL}"
    pictures = [item for item in body.get("files") or [] if is_picture(item)]
    metadata["tool_servers"] = None
    return {**body, **WITHOUT, "model": target, "files": pictures}


def _question(body: Body, metadata: Mapping[str, Any]) -> str:
    """What the person typed: the host's own record of it, else the last message of the request."""
    typed = text_of((metadata.get("user_message") or {}).get("content"))
    messages = body.get("messages") or [{}]
    last = messages[-1]
    return typed or (text_of(last.get("content")) if last.get("role") == "user" else "")


def _is_ours(model: str, metadata: Mapping[str, Any]) -> bool:
    """Whether a model is the pipe's, or one that an admin built on it."""
    base = ((metadata.get("model") or {}).get("info") or {}).get("base_model_id") or ""
    return model.startswith(CHAT_PREFIX) or str(base).startswith(CHAT_PREFIX)
