"""Chat variables and a person's own settings, stored some day for some model: what fits today's one counts (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from ..catalog import ModelCard
from ..catalog.check import MAX_COUNT, MAX_SEED, check
from ..catalog.sizes import SIZE_CLASSES
from ..errors import InvalidRequest, InvalidRequests
from ..settings import Settings
from ..types import Request, Size, SizeClass
from .flags import FLAGS, Flag
from .values import FlagValue, read_value

REQUEST_FIELDS = ("size", "aspect", "count", "seed", "format")
"""What a stored value sets beside options, as fields of a request."""
ONE_MESSAGE = ("new", "edit", "model", "confirm", "days")
"""Flags that mean the message they stand in; a variable of the chat has no such power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The defaults that count for one message, and a sentence for each that was passed over."""

    settings: Settings
    variables: Mapping[str, FlagValue]
    notices: tuple[str, ...] = ()


def fitting(card: ModelCard, settings: Settings, chat_variables: Mapping[str, str]) -> Stored:
    """Keep what this model can take; nothing that was stored ever stops a picture.

    A variable for a setting that the model has not got is passed over in silence, for it was meant for another one.
    """
    notices: list[str] = []
    variables: dict[str, FlagValue] = {}
    for flag in FLAGS:
        name = next((name for name in _names(flag) if str(chat_variables.get(name, "")).strip()), None)
        if name is None or flag.sets in ONE_MESSAGE:
            continue
        text = str(chat_variables[name])
        try:
            value = read_value(flag, text, name)
            allowed = _allowed_instead(card, flag.sets, value)
        except InvalidRequest as fault:
            value, allowed = None, fault.allowed
        if allowed is None:
            variables[flag.sets] = value
        elif flag.sets != "seed" or card.seed:
            notices.append(_passed_over(f"The chat variable {name}", text, allowed))
    own, more = _own_settings(card, settings)
    return Stored(settings=own, variables=variables, notices=(*notices, *more))


def _names(flag: Flag) -> tuple[str, ...]:
    return (flag.name, *flag.aliases, flag.sets)


def _own_settings(card: ModelCard, settings: Settings) -> tuple[Settings, list[str]]:
    """A person's valves ASPECT_RATIO, COUNT and SEED, each on its own."""
    notices: list[str] = []
    changes: dict[str, Any] = {}
    if settings.aspect and (allowed := _allowed_instead(card, "aspect", settings.aspect)):
        changes["aspect"] = None
        notices.append(_passed_over("Your own setting ASPECT_RATIO", settings.aspect, allowed))
    if not 1 <= settings.count <= MAX_COUNT:
        changes["count"] = 1
        notices.append(_passed_over("Your own setting COUNT", str(settings.count), f"1 to {MAX_COUNT}"))
    if settings.seed is not None and settings.seed > MAX_SEED:
        changes["seed"] = None
        notices.append(_passed_over("Your own setting SEED", str(settings.seed), f"0 to {MAX_SEED}, -1 for a new one"))
    return replace(settings, **changes), notices


def _allowed_instead(card: ModelCard, sets: str, value: FlagValue) -> str | None:
    """What is allowed instead, when the check of a request with this value alone finds fault with it."""
    trial = _trial(card, sets, value)
    try:
        check(card, trial, safety_cap=6)
    except InvalidRequests as faults:
        return next((fault.allowed for fault in faults.faults if fault.field == sets), None)
    except InvalidRequest as fault:
        return fault.allowed if fault.field == sets else None
    return None


def _trial(card: ModelCard, sets: str, value: FlagValue) -> Request:
    request = Request(task="generate", model=card.name, prompt="trial")
    if value in SIZE_CLASSES:
        return replace(request, size_class=cast(SizeClass, value))
    if sets in REQUEST_FIELDS:
        changes: dict[str, Any] = {sets: value}
        return replace(request, **changes)
    if card.option(sets) is None or value is None or isinstance(value, Size):
        return request
    return replace(request, options={sets: value})


def _passed_over(what: str, value: str, allowed: str) -> str:
    shown = " ".join(value.split())
    shown = f"{shown[:40]}…" if len(shown) > 40 else shown
    return f"{what} “{shown}” was passed over; allowed: {allowed}."
