"""What made a picture: one document, kept in the host's file record and in the picture itself (pure)."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .. import VERSION
from ..catalog import CARDS
from ..jobs.requests import EDIT
from ..types import Result

KEY = "flux_studio"
"""Name under which the recipe lies in the metadata of the host's file, and in the picture."""

MAX_WORDS = 200_000
"""Characters of a text that is read back; no model takes more."""
MAX_ENTRIES = 64
"""Entries of a list or of the options that are read back."""

NOT_FOR_THE_PICTURE: Mapping[str, Any] = {
    "cost": None,
    "currency": "",
    "seconds": 0.0,
    "request_id": "",
    "job": "",
    "draft": False,
}
"""What only this server needs to know; a picture that is passed on does not tell it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything needed to make a picture again or to tell where it came from; never a key, never a person's name."""

    model: str
    task: str = "generate"
    provider: str = ""
    prompt: str = ""
    """As it was sent."""
    typed: str = ""
    """As the person typed it, when that is something else."""
    final_prompt: str | None = None
    """The prompt after the provider's rewriting, when it differs."""
    negative_prompt: str = ""
    """What must not be seen; only other tools' recipes have one."""
    seed: int | None = None
    width: int = 0
    height: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    """File ids of the input pictures that are files of the host, in order."""
    parent_hashes: tuple[str, ...] = ()
    """sha256 of every input picture, in order."""
    mask: str = ""
    """sha256 of the PNG that said what may be repainted."""
    cost: float | None = None
    currency: str = ""
    """Of the cost: credits or USD; empty without one."""
    seconds: float = 0.0
    request_id: str = ""
    notes: tuple[str, ...] = ()
    job: str = ""
    draft: bool = False
    version: str = VERSION
    """Of the program that wrote it."""
    source: str = ""
    """Name of the program, when it was not FLUX Studio."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON without what is empty or as usual."""
        data = {name: getattr(self, name) for name in self.__slots__}
        data["options"] = dict(self.options)
        for name in LISTS:
            data[name] = list(data[name])
        return {name: value for name, value in data.items() if value or (name == "seed" and value == 0)}

    def for_picture(self) -> Recipe:
        """The part that travels with the picture: what it was made of, not what it cost or who asked."""
        return replace(self, **NOT_FOR_THE_PICTURE)

    @classmethod
    def from_json(cls, data: object) -> Recipe | None:
        """Read a recipe, also one that somebody tampered with: what has not its type is left out.

        None when the data is not a recipe at all.
        """
        if not isinstance(data, Mapping) or not _word(data.get("model")):
            return None
        known: dict[str, Any] = {name: _READERS[name](data[name]) for name in _READERS if name in data}
        return cls(**{name: value for name, value in known.items() if value is not None})


def write(request: Mapping[str, Any], result: Result, *, job: str = "", draft: bool = False) -> Recipe:
    """Make the recipe of one finished job out of its stored request (see jobs.request_to_json).

    The request of a temporary chat has no prompt; then the recipe has none either, nor parents nor mask.
    """
    picture = result.pictures[0] if result.pictures else None
    prompt = request.get("prompt")
    private = is_private(request)
    card = CARDS.get(result.model)
    return Recipe(
        model=result.model,
        task=str(request.get("task") or "generate"),
        provider=card.provider if card else "",
        prompt=prompt or "",
        typed="" if private or request.get("typed") == prompt else str(request.get("typed") or ""),
        final_prompt=None if private or result.prompt == prompt else result.prompt,
        seed=result.seed,
        width=picture.width if picture else 0,
        height=picture.height if picture else 0,
        options=dict(request.get("options") or {}),
        parents=() if private else tuple(file for file in request.get("pictures") or () if file),
        parent_hashes=() if private else tuple(request.get("hashes") or ()),
        mask="" if private else _mask_digest(request.get(EDIT)),
        cost=result.cost.amount if result.cost else None,
        currency=result.cost.currency if result.cost else "",
        seconds=round(result.timings.provider, 2),
        request_id=result.request_id,
        notes=result.notes,
        job=job,
        draft=draft,
    )


def is_private(request: Mapping[str, Any]) -> bool:
    """Whether nothing of what was asked may be kept: a temporary chat."""
    return request.get("prompt") is None


def _mask_digest(edit: object) -> str:
    encoded = edit.get("mask") if isinstance(edit, Mapping) else None
    return hashlib.sha256(base64.b64decode(encoded)).hexdigest() if encoded else ""


def _word(value: object) -> str | None:
    return value[:MAX_WORDS] if isinstance(value, str) and value else None


def _whole(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 2**63 else None


def _number(value: object) -> float | None:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9
    return float(value) if fits and isinstance(value, (int, float)) and math.isfinite(value) else None


def _switch(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _list(value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, (list, tuple)) else ()
    return tuple(text for text in map(_word, entries[:MAX_ENTRIES]) if text)


def _options(value: object) -> dict[str, Any]:
    pairs = list(value.items())[:MAX_ENTRIES] if isinstance(value, Mapping) else []
    return {str(name)[:100]: _option(entry) for name, entry in pairs if _option(entry) is not None}


def _option(value: object) -> bool | int | float | str | None:
    if isinstance(value, (bool, str)):
        return value[:MAX_WORDS] if isinstance(value, str) else value
    return value if isinstance(value, (int, float)) and _number(value) is not None else None


LISTS = ("parents", "parent_hashes", "notes")
_READERS: Mapping[str, Callable[[object], Any]] = {
    **dict.fromkeys(("model", "task", "provider", "prompt", "typed", "final_prompt", "negative_prompt"), _word),
    **dict.fromkeys(("mask", "currency", "request_id", "job", "version", "source"), _word),
    **dict.fromkeys(("seed", "width", "height"), _whole),
    **dict.fromkeys(("cost", "seconds"), _number),
    **dict.fromkeys(LISTS, _list),
    "options": _options,
    "draft": _switch,
}
