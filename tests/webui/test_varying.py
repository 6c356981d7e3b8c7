"""A variation: which model draws it, and what it is told."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from flux_studio.catalog import card
from flux_studio.commands import COMMANDS, Typed
from flux_studio.commands.variation import Variation
from flux_studio.errors import NotPermitted
from flux_studio.recipes import Recipe
from flux_studio.settings import Secret, Settings
from flux_studio.types import Size
from flux_studio.webui import rights, varying
from flux_studio.webui.caller import Caller
from flux_studio.webui.varying import Original

ANN = Caller(user=SimpleNamespace(id="ann", role="user"), app=None, chat="c", message="m")
SETTINGS = Settings(flux_key=Secret("sandbox-key"))
MADE_BY_ULTRA = Recipe(
    model="flux-pro-1.1-ultra", prompt="a fox", seed=7, width=1024, height=1024, options={"raw": True}
)


@pytest.fixture
def shared(monkeypatch):
    """The models that are shared with Ann."""
    names = {"flux-2-pro", "flux-2-max", "flux-pro-1.1-ultra"}

    async def may_use_model(user, model, app):
        return model in names

    monkeypatch.setattr(rights, "may_use_model", may_use_model)
    return names


PLAIN = Variation()


async def varied(recipe, variation=PLAIN, attached=False, **flags):
    typed = Typed(prompt="", flags=flags, command=COMMANDS["vary"])
    return await varying.vary(ANN, Original(number=3, recipe=recipe, attached=attached), variation, typed, SETTINGS)


async def test_a_model_that_edits_gets_the_picture_and_is_told_what_to_keep(shared):
    typed, choice = await varied(Recipe(model="flux-2-max", prompt="a fox"), Variation(words="at night"))
    assert choice.card is card("flux-2-max")
    assert typed.flags["edit"] == 3
    assert "subtle variation" in typed.prompt
    assert typed.prompt.endswith("at night")


async def test_a_model_that_cannot_edit_draws_the_same_prompt_anew(shared):
    typed, choice = await varied(MADE_BY_ULTRA)
    assert choice.card is card("flux-pro-1.1-ultra")
    assert "cannot edit" in choice.notice
    assert typed.prompt == "a fox"
    assert typed.flags == {"raw": True, "aspect": "1:1", "new": True}


@pytest.mark.parametrize(
    ("recipe", "attached"),
    [
        (None, False),
        (None, True),
        (MADE_BY_ULTRA, True),
        (Recipe(model="flux-pro-1.0-fill", task="inpaint", prompt="a hat"), False),
        (Recipe(model="sd-1.5", prompt="a fox"), False),
    ],
)
async def test_a_picture_of_any_other_origin_is_edited(shared, recipe, attached):
    typed, choice = await varied(recipe, attached=attached)
    assert choice.card is card("flux-2-pro")
    assert typed.flags["edit"] == 3
    assert Size not in map(type, typed.flags.values())


async def test_the_model_that_made_it_is_no_way_around_a_missing_right(shared):
    shared.remove("flux-2-max")
    _, choice = await varied(Recipe(model="flux-2-max", prompt="a fox"))
    assert choice.card is card("flux-2-pro")
    with pytest.raises(NotPermitted, match="flux-2-max"):
        await varied(None, model="flux-2-max")
    shared.clear()
    with pytest.raises(NotPermitted, match="shared with you"):
        await varied(Recipe(model="flux-2-max", prompt="a fox"))
