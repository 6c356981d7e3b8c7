"""What a message asks for: its text, its pictures and stored defaults become one checked request."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .. import catalog, commands
from ..catalog import ModelCard
from ..catalog.check import Checked, check
from ..commands import Typed
from ..commands.mentions import is_only_a_choice
from ..errors import InvalidRequest
from ..settings import Settings
from ..types import Request
from . import inputs, rights
from .caller import Caller
from .tasks import text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that fits its model, and what is told around its pictures."""

    request: Request
    said: str
    """The prompt in the person's own words."""
    notices: tuple[str, ...] = ()
    """Lines above the caption: what is edited, what was understood, what was changed to make it fit."""
    first: int | None = None
    """The first picture's number in the chat."""


def typed(caller: Caller, body: Mapping[str, Any], enabled: Collection[str] = commands.COMMANDS) -> Typed:
    """Read the question; raises InvalidRequest for a wrong flag.

    A message that says only which picture ("#3", "--edit 3") repeats the question before it for that one.
    """
    return completed(commands.parse(text(caller, body), enabled), body)


async def understand(
    caller: Caller, body: Mapping[str, Any], typed: Typed, card: ModelCard, settings: Settings
) -> Asked:
    """Gather pictures and defaults for a question and check all of it; nothing is ordered yet. Raises StudioError."""
    said, typed = typed.prompt, commands.with_words(typed)
    found = await inputs.gather(caller, body, card, typed)
    stored = commands.fitting(card, settings, caller.chat_variables)
    edits = bool(found.pictures) and card.task_for(len(found.pictures)) != "generate"
    typed = commands.completed(replace(typed, prompt=found.prompt), card, stored, edits=edits)
    wish = commands.to_request(typed, card, stored.settings, pictures=found.pictures, variables=stored.variables)
    checked = _checked(wish, card, settings)
    notices = (found.origin, *typed.notices, *stored.notices, *checked.notices)
    return Asked(
        request=replace(checked.request, typed=said if said != checked.request.prompt else None),
        said=said,
        notices=tuple(notice for notice in notices if notice),
        first=found.first,
    )


def _checked(wish: Request, card: ModelCard, settings: Settings) -> Checked:
    """What the model can do of a wish. Raises InvalidRequest in the words of the message."""
    try:
        return check(card, wish, safety_cap=settings.safety_tolerance, advanced=settings.advanced_parameters)
    except InvalidRequest as fault:
        raise commands.in_flags(fault) from fault


def completed(typed: Typed, body: Mapping[str, Any]) -> Typed:
    """Put the question before under a message that only chooses a picture (pure)."""
    names_one = is_only_a_choice(typed.prompt) or (typed.flags.get("edit") is not None and not typed.prompt.strip())
    asked = [text_of(item.get("content")) for item in body.get("messages") or [] if item.get("role") == "user"]
    if typed.command or not names_one or len(asked) < 2:
        return typed
    before = commands.parse(asked[-2])
    flags = {name: value for name, value in before.flags.items() if name not in ("new", "edit", "confirm")}
    prompt = f"{typed.prompt.rstrip(' :')}: {before.prompt}" if typed.prompt.strip() else before.prompt
    return replace(typed, prompt=prompt, flags={**flags, **typed.flags}, command=before.command)


def text(caller: Caller, body: Mapping[str, Any]) -> str:
    """The text the person typed, without what the host adds for chat models."""
    raw = text_of(caller.user_message.get("content"))
    if raw:
        return raw
    asked = [item for item in body.get("messages") or [] if item.get("role") == "user"]
    words = text_of(asked[-1].get("content")) if asked else ""
    return _unaddressed(caller, body, words) if caller.channel else words


def _unaddressed(caller: Caller, body: Mapping[str, Any], text: str) -> str:
    """A channel's text begins with its author's name and the mention of the model: no part of the prompt."""
    card = catalog.CARDS.get(str(body.get("model", "")).removeprefix(f"{rights.FUNCTION}."))
    spoken = text.removeprefix(f"{caller.user.name}: ")
    return spoken.removeprefix(card.label).lstrip() if card else spoken
