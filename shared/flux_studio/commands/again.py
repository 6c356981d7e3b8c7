"""The settings of a picture as flags: for a variation of it, and as a message that makes it again (pure)."""

from __future__ import annotations

from ..catalog import ModelCard
from ..catalog.aspect import ratio_text
from ..recipes import Recipe
from ..types import Size
from .flags import FLAGS
from .table import COMMANDS
from .values import FlagValue

DECIDED_ANEW = ("safety_tolerance", "moderation")
"""Options of an order that are the admin's and the asking person's, whoever made the picture first."""


def flags_of(recipe: Recipe, card: ModelCard) -> dict[str, FlagValue]:
    """What made a picture, by what it sets, as far as the model has it; size and seed only of new pictures."""
    named = {flag.sets for flag in FLAGS}
    flags: dict[str, FlagValue] = {
        name: value
        for name, value in recipe.options.items()
        if name in named and name not in DECIDED_ANEW and _fits(card, name)
    }
    if recipe.task != "generate":
        return flags
    return {**flags, **_shape(recipe, card), **({"seed": recipe.seed} if card.seed and recipe.seed is not None else {})}


def message_of(recipe: Recipe, card: ModelCard, *, parent: int | None = None) -> str:
    """The message that makes a picture again: /imagine, or /edit with the number of the picture it was made of."""
    command = COMMANDS["imagine" if recipe.task == "generate" else "edit"]
    picked = f" --edit {parent}" if parent is not None else ""
    flags = "".join(f" {_as_typed(sets, value)}" for sets, value in flags_of(recipe, card).items())
    words = recipe.typed or recipe.prompt
    return f"/{command.name} {words}{picked} --model {card.name}{flags}"


def _fits(card: ModelCard, name: str) -> bool:
    spec = card.option(name)
    return spec is not None and not spec.computed


def _shape(recipe: Recipe, card: ModelCard) -> dict[str, FlagValue]:
    if not recipe.width or not recipe.height:
        return {}
    if card.size.kind in ("free", "choice"):
        return {"size": Size(width=recipe.width, height=recipe.height)}
    if card.size.kind != "ratio":
        return {}
    return {"aspect": _nearest(recipe.width, recipe.height, card.size.ratios)}


def _nearest(width: int, height: int, ratios: tuple[str, ...]) -> str:
    """A model that takes certain ratios gets the one it delivered, any other one the exact one."""

    def distance(ratio: str) -> float:
        across, down = ratio.split(":")
        return abs(int(across) / int(down) - width / height)

    return min(ratios, key=distance) if ratios else ratio_text(width, height)


def _as_typed(sets: str, value: FlagValue) -> str:
    name = next(flag.name for flag in FLAGS if flag.sets == sets)
    if isinstance(value, bool):
        return f"--{name} {'on' if value else 'off'}"
    return f"--{name} {str(value).replace(' ', '').replace('×', 'x')}"
