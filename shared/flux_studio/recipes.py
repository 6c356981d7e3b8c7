"""What made a picture: the metadata kept with its file, in and out (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import VERSION
from .types import Result

KEY = "flux_studio"
"""Name under which the recipe lies in the metadata of the host's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything needed to make a picture again or to tell where it came from."""

    model: str
    task: str
    prompt: str = ""
    final_prompt: str | None = None
    """The prompt after the provider's rewriting, when it differs."""
    seed: int | None = None
    width: int = 0
    height: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    """File ids of the input pictures, in order."""
    cost: float | None = None
    currency: str = "credits"
    seconds: float = 0.0
    request_id: str = ""
    notes: tuple[str, ...] = ()
    job: str = ""
    draft: bool = False
    version: str = VERSION

    def to_json(self) -> dict[str, Any]:
        data = {name: getattr(self, name) for name in self.__slots__}
        data["options"] = dict(self.options)
        data["parents"] = list(self.parents)
        data["notes"] = list(self.notes)
        return {name: value for name, value in data.items() if value not in (None, "", [], {}, ())}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Recipe | None:
        """Read a recipe; None when the data is not one of ours."""
        if not isinstance(data, Mapping) or not isinstance(data.get("model"), str):
            return None
        known = {name: data[name] for name in cls.__slots__ if name in data}
        known.setdefault("task", "generate")
        known["parents"] = tuple(known.get("parents", ()))
        known["notes"] = tuple(known.get("notes", ()))
        return cls(**known)


def write(request: Mapping[str, Any], result: Result, *, job: str = "", draft: bool = False) -> Recipe:
    """Make the recipe of one finished job out of its stored request (see jobs.request_to_json).

    The request of a temporary chat has no prompt; then the recipe has none either, nor parents.
    """
    picture = result.pictures[0] if result.pictures else None
    prompt = request.get("prompt")
    private = prompt is None
    return Recipe(
        model=result.model,
        task=str(request.get("task") or "generate"),
        prompt=prompt or "",
        final_prompt=None if private or result.prompt == prompt else result.prompt,
        seed=result.seed,
        width=picture.width if picture else 0,
        height=picture.height if picture else 0,
        options=dict(request.get("options") or {}),
        parents=() if private else tuple(file for file in request.get("pictures") or () if file),
        cost=result.cost.amount if result.cost else None,
        currency=result.cost.currency if result.cost else "credits",
        seconds=round(result.timings.provider, 2),
        request_id=result.request_id,
        notes=result.notes,
        job=job,
        draft=draft,
    )
