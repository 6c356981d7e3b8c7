"""/vary and the button Vary: another picture like the picked one, by the model that made it where that is possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .. import catalog
from ..catalog import ModelCard
from ..commands import COMMANDS, Typed
from ..commands.again import flags_of
from ..commands.variation import Variation, instruction, read_variation
from ..providers import PROVIDERS
from ..recipes import Recipe
from ..settings import Settings
from . import files, rights
from .caller import Caller
from .inputs import look_around, picked_number
from .model_choice import Choice, choose_model, default_card
from .targets import the_one

VARY = COMMANDS["vary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The picture that is varied."""

    number: int
    """In the chat; attached ones count on behind the others."""
    recipe: Recipe | None = None
    attached: bool = False


async def understand(caller: Caller, body: Mapping[str, Any], typed: Typed, settings: Settings) -> tuple[Typed, Choice]:
    """Turn /vary into the message that makes the variation, and the model for it. Raises StudioError."""
    seen = await look_around(caller, body)
    number = the_one(seen.scene, typed.prompt, picked=picked_number(typed), command=VARY)
    source = seen.sources[number - 1]
    original = Original(
        number=number,
        recipe=await files.recipe_of(source.file, user=caller.user) if source.file else None,
        attached=number in seen.scene.attached_numbers,
    )
    return await vary(caller, original, read_variation(typed.prompt), typed, settings)


async def vary(
    caller: Caller, original: Original, variation: Variation, typed: Typed, settings: Settings
) -> tuple[Typed, Choice]:
    """The message and the model for a variation of one picture. Raises StudioError.

    A model that edits gets the picture and is told what to keep; one that cannot draws the same prompt with a new seed.
    """
    recipe = original.recipe
    if typed.flags.get("model"):
        choice = await choose_model(caller, "", typed, settings)
    else:
        made_it = await _model_of(caller, original, settings)
        choice = Choice(card=made_it or await default_card(caller, settings, VARY.task))
    if recipe is None or VARY.task in choice.card.tasks or not _is_repeatable(recipe, choice.card):
        described = recipe.prompt if recipe and recipe.task == "generate" else ""
        flags = {**typed.flags, "edit": original.number}
        return replace(typed, prompt=instruction(variation, described), flags=flags), choice
    words = f"{recipe.prompt} {variation.words}".strip()
    kept = {name: value for name, value in flags_of(recipe, choice.card).items() if name != "seed"}
    repeated = replace(typed, prompt=words, flags={**kept, **typed.flags, "new": True}, command=COMMANDS["imagine"])
    return repeated, replace(choice, notice=f"{choice.card.label} cannot edit, so it drew the same prompt anew.")


async def _model_of(caller: Caller, original: Original, settings: Settings) -> ModelCard | None:
    """The model that made the picture, if it can vary it and this person may use it."""
    row = catalog.CARDS.get(original.recipe.model) if original.recipe else None
    if row is None or original.recipe is None:
        return None
    card, _ = catalog.serving(row)
    able = VARY.task in card.tasks or (not original.attached and _is_repeatable(original.recipe, card))
    if not able or card.state == "withdrawn" or not PROVIDERS[card.provider].configured(settings):
        return None
    return card if await rights.may_use_model(caller.user, card.name, caller.app) else None


def _is_repeatable(recipe: Recipe, card: ModelCard) -> bool:
    """Whether the prompt alone makes a picture of the same kind."""
    return recipe.task == "generate" and bool(recipe.prompt) and not recipe.parent_hashes and "generate" in card.tasks
