"""Every model as data, and the only way to find one by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from ..errors import ConfigurationError, InvalidRequest
from .card import ModelCard, OptionSpec, PictureRule, Price, SizeRule, TokenPrice
from .engine import ENGINE_CARDS
from .entries import CHAT_PREFIX
from .flux import FLUX_2_CARDS
from .flux_editor import FLUX_EDITOR_CARDS
from .flux_first import FLUX_FIRST_CARDS
from .flux_third import FLUX_3_CARDS
from .flux_tools import FLUX_TOOL_CARDS
from .openai import OPENAI_CARDS
from .past import PAST, Past, as_model_name

_FLUX = (*FLUX_2_CARDS, *FLUX_3_CARDS, *FLUX_FIRST_CARDS, *FLUX_TOOL_CARDS, *FLUX_EDITOR_CARDS)
CARDS: Mapping[str, ModelCard] = MappingProxyType({row.name: row for row in (*_FLUX, *OPENAI_CARDS, *ENGINE_CARDS)})
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
    gone = _past(name)
    sentence = gone.sentence if gone else _unknown_model(name)
    raise InvalidRequest("model", name, ", ".join(CARDS), sentence=sentence)


def known(name: str) -> bool:
    """Whether `card` has an answer of its own for a name: a model, or what became of it."""
    return _find(name) is not None or _past(name) is not None


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
        raise ConfigurationError(_wrong_valve(selection.unknown))
    return list(selection.cards)


def _wrong_valve(names: tuple[str, ...]) -> str:
    """Say which names cannot be shown; for those of the past, what became of them."""
    gone = [found.sentence for name in names if (found := _past(name))]
    strange = [f"“{name[:LONGEST_NAME]}”" for name in names if not _past(name)]
    sentences = [f"The valve MODELS names models that are gone: {' '.join(gone)}"] if gone else []
    if strange:
        named = ", ".join(strange)
        sentences.append(f"The valve MODELS names models that do not exist: {named}; known are: {', '.join(CARDS)}.")
    return " ".join(sentences)


def _current(configured: Callable[[str], bool]) -> list[ModelCard]:
    return [row for row in CARDS.values() if row.state == "current" and row.listed and configured(row.provider)]


def _find(name: str) -> ModelCard | None:
    plain = _plain(name)
    renamed = PAST.get(plain)
    return CARDS.get(renamed.successor if renamed and renamed.renamed else plain)


def _past(name: str) -> Past | None:
    """What became of a model that is no row any more; a row that was withdrawn says it itself."""
    plain = _plain(name)
    found, row = PAST.get(plain), CARDS.get(plain)
    if found is None and row is not None and row.state == "withdrawn":
        return Past(name=row.name, successor=row.successor, why=f"was withdrawn on {row.state_since}")
    return None if found is None or found.renamed else found


def _plain(name: str) -> str:
    return as_model_name(name[: LONGEST_NAME * 2].strip().casefold().removeprefix(CHAT_PREFIX))


def _unknown_model(name: str) -> str:
    near = get_close_matches(_plain(name)[:LONGEST_NAME], CARDS, n=3, cutoff=0.5)
    offered = (row.name for row in CARDS.values() if row.state == "current" and row.in_chat)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(offered)}."
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
    "known",
    "select",
    "serving",
    "shown",
]
