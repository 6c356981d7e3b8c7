"""Captions and recipes: what a person reads below a picture, and what is kept with its file."""

import pytest

from flux_studio.captions import amount, caption, escape, literal
from flux_studio.jobs import Outcome, request_to_json
from flux_studio.recipes import Recipe, write
from flux_studio.types import Cost, Picture, Request, Result, Timings

ONE = Outcome(files=("f",), width=1024, height=768, seed=42, cost=3.0, cost_exact=True, seconds=6.28)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([ONE], "**FLUX.2 [pro]** · 1024 × 768 · seed 42 · 6.3 s · 3 credits"),
        ([ONE, ONE], "**FLUX.2 [pro]** · 1024 × 768 · seeds 42, 42 · 6.3 s · 6 credits"),
        ([Outcome(width=8, height=8, cost=4.0)], "**FLUX.2 [pro]** · 8 × 8 · 0.0 s · about 4 credits"),
        (
            [Outcome(width=8, height=8, notes=("sandbox",))],
            "**FLUX.2 [pro]** · 8 × 8 · 0.0 s · sandbox, nothing was billed",
        ),
    ],
)
def test_caption(outcomes, expected):
    assert caption("FLUX.2 [pro]", outcomes) == expected


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (7.000000000000001, "credits", "7 credits"),
        (1.0, "credits", "1 credit"),
        (1.45, "credits", "1.45 credits"),
        (0.04, "USD", "$0.04"),
    ],
)
def test_amount_has_no_rounding_noise(value, currency, text):
    assert amount(value, currency) == text


def test_names_cannot_become_markup():
    assert escape("<b>*x*_[a]`") == "&lt;b&gt;\\*x\\*\\_[a]\\`"


def finished():
    picture = Picture(data=b"x", mime="image/png", width=64, height=32)
    return Result(
        pictures=(picture,),
        model="flux-2-pro",
        seed=7,
        prompt="night, stars",
        cost=Cost(amount=3.0),
        request_id="task",
        timings=Timings(provider=5.0),
    )


PARENT = Picture(data=b"y", mime="image/png", width=64, height=32, file="f1")
EDIT = Request(task="edit", model="flux-2-pro", prompt="make it night", pictures=(PARENT,), options={"steps": 20})


def test_a_recipe_survives_its_way_through_json():
    recipe = write(request_to_json(EDIT), finished(), job="j")
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert (recipe.prompt, recipe.final_prompt) == ("make it night", "night, stars")
    assert recipe.parents == ("f1",)


def test_a_temporary_chat_leaves_no_prompt_behind():
    text = str(write(request_to_json(EDIT, private=True), finished()).to_json())
    assert "night" not in text
    assert "f1" not in text


@pytest.mark.parametrize("data", [{}, {"model": 5}, {"prompt": "x"}, []])
def test_foreign_metadata_is_no_recipe(data):
    assert Recipe.from_json(data) is None


def test_foreign_words_in_a_sentence_make_no_markup():
    said = (
        "BFL did not accept it: “![x](https://evil.example/seen.png) <b>*now*</b>”. Check FLUX_API_KEY of FLUX.2 [pro]."
    )
    shown = literal(said)
    assert "](" not in shown
    assert "<" not in shown
    assert r"\*now\*" in shown
    assert shown.endswith(r"FLUX\_API\_KEY of FLUX.2 [pro].")
