"""Every model as data, and the only way to find one by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from ..errors import ConfigurationError, InvalidRequest
from .card import ModelCard, OptionSpec, PictureRule, Price, SizeRule, TokenPrice
from .entries import CHAT_PREFIX
from .flux import FLUX_CARDS
from .flux_editor import FLUX_EDITOR_CARDS
from .openai import OPENAI_CARDS

CARDS: Mapping[str, ModelCard] = MappingProxyType(
    {row.name: row for row in (*FLUX_CARDS, *FLUX_EDITOR_CARDS, *OPENAI_CARDS)}
)
"""All models by name; the order of the rows is the order in the selector."""

LONGEST_NAME = 100
"""Characters of a model name that are looked at: near names are searched in quadratic time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The models to show, and the names the admin listed that cannot be shown."""

    cards: tuple[ModelCard, ...]
    unknown: tuple[str, ...] = ()


def card(name: str) -> ModelCard:
    """Return the card of a model, written with or without "flux_studio." and in any case.

    Raises InvalidRequest on field "model", with near names, when there is none.
    """
    found = _find(name)
    if found is not None:
        return found
    raise InvalidRequest("model", name, ", ".join(CARDS), sentence=_unknown_model(name))


def serving(row: ModelCard) -> tuple[ModelCard, str]:
    """Return the model that answers requests for a card, and a sentence when that is its successor."""
    if row.state != "withdrawn" or not row.successor_serves:
        return row, ""
    successor = CARDS[row.successor]
    return successor, f"{row.label} was retired by its maker on {row.state_since}; {successor.label} drew this instead."


def select(models: tuple[str, ...], configured: Callable[[str], bool]) -> Selection:
    """Return the models to show without ever raising: an unknown or withdrawn name is skipped and reported.

    `models` is the valve MODELS; empty means all current models whose provider is configured.
    A model the admin names is shown in the admin's order, and even before its provider is set up.
    Models for the editor alone are never among them.
    """
    if not models:
        return Selection(cards=tuple(row for row in _current(configured) if row.in_chat))
    found = {name: _find(name) for name in models}
    usable = {row.name: row for row in found.values() if row is not None and row.state != "withdrawn"}
    unknown = tuple(name for name, row in found.items() if row is None or row.name not in usable)
    return Selection(cards=tuple(row for row in usable.values() if row.in_chat), unknown=unknown)


def for_editor(models: tuple[str, ...], configured: Callable[[str], bool]) -> tuple[ModelCard, ...]:
    """Return the models that work on an area: first those for the editor alone, then those of the chat that can.

    MODELS decides about the chat's models. Of the editor's own it shows those it names, all current ones whose provider
    is configured when it names none.
    """
    found = [row for row in map(_find, models) if row is not None and not row.in_chat and row.state != "withdrawn"]
    own = {row.name: row for row in found or _current(configured) if not row.in_chat}.values()
    return tuple(row for row in (*own, *select(models, configured).cards) if row.in_editor)


def shown(models: tuple[str, ...], configured: Callable[[str], bool]) -> list[ModelCard]:
    """Return what `select` returns; raises ConfigurationError naming the names in the valve that do not exist."""
    selection = select(models, configured)
    if selection.unknown:
        named = ", ".join(f"“{name[:LONGEST_NAME]}”" for name in selection.unknown)
        raise ConfigurationError(
            f"The valve MODELS names models that do not exist: {named}; known are: {', '.join(CARDS)}."
        )
    return list(selection.cards)


def _current(configured: Callable[[str], bool]) -> list[ModelCard]:
    return [row for row in CARDS.values() if row.state == "current" and configured(row.provider)]


def _find(name: str) -> ModelCard | None:
    return CARDS.get(_plain(name))


def _plain(name: str) -> str:
    return name[: LONGEST_NAME * 2].strip().casefold().removeprefix(CHAT_PREFIX)


def _unknown_model(name: str) -> str:
    near = get_close_matches(_plain(name)[:LONGEST_NAME], CARDS, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(CARDS)}."
    shown_name = " ".join(name[:LONGEST_NAME].split())
    return f"There is no model “{shown_name}”; {hint}"


__all__ = [
    "CARDS",
    "CHAT_PREFIX",
    "ModelCard",
    "OptionSpec",
    "PictureRule",
    "Price",
    "Selection",
    "SizeRule",
    "TokenPrice",
    "card",
    "for_editor",
    "select",
    "serving",
    "shown",
]
