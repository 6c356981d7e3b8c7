"""--preset and --no: what they stand for becomes flags and words, below what the person typed (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..catalog import ModelCard
from ..catalog.presets import PRESETS, Preset, fitting_class, fitting_options
from ..errors import InvalidRequest
from ..settings import Settings
from .negative import with_positive_words
from .parse import Typed, parse
from .stored import ONE_MESSAGE, Stored
from .values import FlagValue

SHAPE = ("size", "aspect")
NOT_IN_PRESETS = ("preset", *ONE_MESSAGE)


def completed(typed: Typed, card: ModelCard, stored: Stored, *, edits: bool) -> Typed:
    """Do what --preset and --no ask for, of the message or else of the chat's variables.

    `edits` tells that the request has pictures. Raises InvalidRequest as with_preset does.
    """

    preset = typed.flags.get("preset") or stored.variables.get("preset")
    typed = with_preset(typed, card, stored.settings, preset, edits=edits)
    return with_positive_words(typed, card, typed.flags.get("no") or stored.variables.get("no"))


def with_preset(typed: Typed, card: ModelCard, settings: Settings, name: FlagValue, *, edits: bool) -> Typed:
    """Put the flags of a preset below those of the message and say what it set.

    A picture that is edited keeps its size. Raises InvalidRequest on field "--preset" for an unknown name and for an
    own preset that holds anything but flags.
    """
    if not isinstance(name, str):
        return typed
    known = name.strip().casefold()
    if known in settings.presets:
        flags = _own(known, settings.presets[known])
    elif known in PRESETS:
        flags = _ready(PRESETS[known], card, settings, edits)
    else:
        allowed = ", ".join([*PRESETS, *settings.presets])
        raise InvalidRequest("--preset", name, allowed)
    shaped = any(part in typed.flags for part in SHAPE)
    new = {sets: value for sets, value in flags.items() if sets not in typed.flags}
    if shaped:
        new = {sets: value for sets, value in new.items() if sets not in SHAPE or _is_class(sets, value, typed.flags)}
    return replace(typed, flags={**new, **typed.flags}, notices=(*typed.notices, _notice(known, new, card)))


def _ready(preset: Preset, card: ModelCard, settings: Settings, edits: bool) -> dict[str, FlagValue]:
    size = None if edits else fitting_class(preset, card)
    options = fitting_options(preset, card, advanced=settings.advanced_parameters)
    return {**({"size": size} if size else {}), **options}


def _own(name: str, text: str) -> Mapping[str, FlagValue]:
    """The flags of a person's own preset; faults in it name the preset."""
    try:
        typed = parse(text)
    except InvalidRequest as fault:
        sentence = f"Your preset “{name}” cannot be read. {fault.sentence}"
        raise InvalidRequest("--preset", name, fault.allowed, sentence=sentence) from fault
    if typed.prompt.strip() or typed.command or set(typed.flags) & set(NOT_IN_PRESETS):
        forbidden = ", ".join(f"--{flag}" for flag in NOT_IN_PRESETS)
        sentence = f"Your preset “{name}” may hold flags only, such as --ar 2:3 --size 2K, and none of {forbidden}."
        raise InvalidRequest("--preset", name, "flags", sentence=sentence)
    return typed.flags


def _is_class(sets: str, value: FlagValue, typed: Mapping[str, FlagValue]) -> bool:
    """A size class goes together with a ratio that was typed, and a preset's ratio with a class that was."""
    if sets == "size":
        return isinstance(value, str) and "size" not in typed
    return isinstance(typed.get("size"), str)


def _notice(name: str, flags: Mapping[str, FlagValue], card: ModelCard) -> str:
    shown = [f"{sets.replace('_', ' ')} {_text(value)}" for sets, value in flags.items()]
    if not shown:
        return f"Preset {name}: {card.label} has nothing to set for it here."
    return f"Preset {name}: {', '.join(shown)}"


def _text(value: FlagValue) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "random" if value is None else str(value)
