"""What /vary asks for, and how a picture's settings become a message again."""

from __future__ import annotations

import pytest

from flux_studio.catalog import CARDS, card
from flux_studio.catalog.check import check
from flux_studio.commands import parse, to_request
from flux_studio.commands.again import flags_of, message_of
from flux_studio.commands.variation import Variation, instruction, read_variation
from flux_studio.recipes import Recipe
from flux_studio.settings import Settings


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("", Variation()),
        ("strong", Variation(strength="strong")),
        ("#2", Variation()),
        ("#2 strong", Variation(strength="strong")),
        ("strong #2", Variation(strength="strong")),
        ("Strong, but at night", Variation(strength="strong", words="but at night")),
        ("#2: subtle and warmer", Variation(words="and warmer")),
        ("stronger colours", Variation(words="stronger colours")),
        ("with a subtle smile", Variation(words="with a subtle smile")),
    ],
)
def test_strength_and_words(prompt, expected):
    assert read_variation(prompt) == expected


def test_the_instruction_says_how_far_and_what_besides():
    subtle, strong = (
        instruction(Variation(words="at night"), "a fox"),
        instruction(Variation(strength="strong"), "a fox"),
    )
    assert "subtle variation" in subtle
    assert subtle.endswith("at night")
    assert "a fox" not in subtle
    assert strong.endswith("It shows: a fox")
    assert len(instruction(Variation(strength="strong"), "x" * 100_000)) < 2000


@pytest.mark.parametrize(
    "name", [row.name for row in CARDS.values() if row.in_chat and "generate" in row.tasks and row.state == "current"]
)
def test_the_message_of_a_picture_asks_for_the_same_picture(name):
    model = card(name)
    side = 128 if name == "flux-tiny" else 1024
    recipe = Recipe(
        model=name,
        prompt='a sign with "--ar 1:1" on it',
        seed=7,
        width=side,
        height=side,
        options={"steps": 20, "raw": True, "safety_tolerance": 6},
    )
    typed = parse(message_of(recipe, model))
    assert typed.command.name == "imagine"
    assert typed.prompt == recipe.prompt
    assert typed.flags["model"] == name
    request = check(model, to_request(typed, model, Settings()), safety_cap=2).request
    assert request.seed == (7 if model.seed else None)
    assert set(request.options.items()) >= {(k, v) for k, v in flags_of(recipe, model).items() if k in ("steps", "raw")}
    assert request.options.get("safety_tolerance", 0) <= 2


def test_an_edit_names_the_picture_it_was_made_of_and_keeps_its_shape():
    recipe = Recipe(
        model="flux-2-pro", task="edit", prompt="Make it night", typed="make it night", seed=7, width=640, height=480
    )
    assert message_of(recipe, card("flux-2-pro"), parent=3) == "/edit make it night --edit 3 --model flux-2-pro"
