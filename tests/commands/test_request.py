"""Flag, chat variable, settings, card: who decides what."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux_studio.catalog import CARDS
from flux_studio.catalog.check import check
from flux_studio.commands import fitting, parse, to_request
from flux_studio.errors import StudioError
from flux_studio.settings import Settings
from flux_studio.types import Picture, Request, Size

PICTURE = Picture(data=b"picture", mime="image/png", width=512, height=512)


def made(
    text: str = "a cat",
    model: str = "flux-2-pro",
    variables: dict[str, str] | None = None,
    pictures: tuple[Picture, ...] = (),
    **settings: Any,
) -> Request:
    stored = fitting(CARDS[model], Settings(**settings), variables or {})
    return to_request(parse(text), CARDS[model], stored.settings, pictures=pictures, variables=stored.variables)


def test_without_any_wish_the_settings_fill_the_request() -> None:
    assert made() == Request(
        task="generate",
        model="flux-2-pro",
        prompt="a cat",
        format="jpeg",
        options={"prompt_upsampling": True, "safety_tolerance": 2},
    )


def test_flag_beats_chat_variable_beats_settings() -> None:
    variables = {"seed": "5", "n": "3", "format": "webp"}
    settings: dict[str, Any] = {"seed": 1, "count": 2, "output_format": "png"}
    assert (made(**settings).seed, made(**settings).count, made(**settings).format) == (1, 2, "png")
    by_variable = made(variables=variables, **settings)
    assert (by_variable.seed, by_variable.count, by_variable.format) == (5, 3, "webp")
    by_flag = made("--seed 9 --n 4 --format jpg a cat", variables=variables, **settings)
    assert (by_flag.seed, by_flag.count, by_flag.format) == (9, 4, "jpeg")


def test_a_random_seed_beats_the_persons_own_default() -> None:
    assert made("--seed random a cat", seed=7).seed is None
    assert made(variables={"seed": "-1"}, seed=7).seed is None


def test_options_follow_the_same_order() -> None:
    assert made(prompt_upsampling=False).options["prompt_upsampling"] is False
    assert made(variables={"upsample": "true"}, prompt_upsampling=False).options["prompt_upsampling"] is True
    variables = {"upsample": "true", "safety": "1"}
    options = made("--upsample off --safety 0 x", variables=variables).options
    assert (options["prompt_upsampling"], options["safety_tolerance"]) == (False, 0)


def test_a_chat_variable_of_another_model_is_passed_over_and_a_flag_is_not() -> None:
    variables = {"steps": "28", "guidance": "3.5", "raw": "true"}
    assert set(made(variables=variables).options) == {"prompt_upsampling", "safety_tolerance"}
    assert made(variables=variables, model="flux-2-flex").options["steps"] == 28
    assert made("--steps 5 a cat").options["steps"] == 5


def test_advanced_chat_variables_are_passed_over_when_the_admin_switched_them_off() -> None:
    request = made(variables={"steps": "28"}, model="flux-2-flex", advanced_parameters=False)
    assert "steps" not in request.options


def test_the_admins_default_never_exceeds_the_model() -> None:
    request = made(safety_tolerance=6)
    assert request.options["safety_tolerance"] == 5
    assert check(CARDS["flux-2-pro"], request, safety_cap=6).notices == ()


@pytest.mark.parametrize("model", [name for name, row in CARDS.items() if row.in_chat and row.state == "current"])
def test_defaults_fit_every_model_without_a_notice(model: str) -> None:
    row = CARDS[model]
    pictures = (PICTURE,) * row.pictures.required
    request = made(model=model, pictures=pictures, aspect="4:3", seed=3, count=2, safety_tolerance=6)
    left_out = (f"{row.label} works without a prompt; yours was left out.",) if row.prompt == "none" else ()
    assert check(row, request, safety_cap=6, advanced=False).notices == left_out


@pytest.mark.parametrize(
    ("model", "pictures", "task"),
    [
        ("flux-2-pro", 0, "generate"),
        ("flux-2-pro", 1, "edit"),
        ("flux-tools-deblur-v1", 1, "deblur"),
        ("flux-tools-deblur-v1", 0, "deblur"),
        ("flux-tools-vto-v2", 2, "tryon"),
        ("flux-pro-1.1-ultra", 1, "generate"),
    ],
)
def test_the_model_decides_what_becomes_of_pictures(model: str, pictures: int, task: str) -> None:
    assert made(model=model, pictures=(PICTURE,) * pictures).task == task


def test_a_size_above_silences_a_ratio_below() -> None:
    request = made("--size 512x512 a cat", variables={"aspect": "1:1"}, aspect="16:9")
    assert (request.size, request.aspect) == (Size(width=512, height=512), None)
    assert made("--ar 2:3 x", variables={"size": "512x512"}).size is None
    assert made(variables={"aspect": "1:1"}, aspect="16:9").aspect == "1:1"
    assert made(aspect="16:9").aspect == "16:9"


def test_an_edit_keeps_the_shape_of_its_picture_unless_the_message_says_otherwise() -> None:
    kept = made(pictures=(PICTURE,), variables={"aspect": "1:1"}, aspect="16:9")
    assert (kept.task, kept.size, kept.aspect) == ("edit", None, None)
    assert made("--ar 21:9 wider", pictures=(PICTURE,)).aspect == "21:9"


def test_empty_and_foreign_chat_variables_do_not_matter() -> None:
    assert made(variables={"aspect": " ", "tone": "friendly", "n": ""}) == made()


TEXTS = st.lists(
    st.sampled_from(
        ["--ar 16:9", "--size 900x900", "--n 3", "--steps 9", "--raw", "—new", "a cat", "--safety 6", "--model x"]
    ),
    max_size=4,
).map(" ".join)


@given(
    TEXTS,
    st.sampled_from(list(CARDS)),
    st.booleans(),
    st.dictionaries(st.sampled_from(["aspect", "n", "steps"]), st.text(max_size=4)),
)
def test_from_text_to_checked_request_there_are_only_sentences(
    text: str, model: str, edits: bool, variables: dict[str, str]
) -> None:
    try:
        request = made(text, model, variables, (PICTURE,) if edits else ())
        result: object = check(CARDS[model], request, safety_cap=2)
    except StudioError as error:
        result = error.sentence
    assert result
