"""Presets set what the chosen model has; --no says in positive words what must not be there."""

from __future__ import annotations

from typing import Any

import pytest

from flux_studio.catalog import CARDS
from flux_studio.catalog.check import check
from flux_studio.catalog.presets import PRESETS
from flux_studio.commands import Typed, completed, fitting, parse, to_request
from flux_studio.errors import InvalidRequest
from flux_studio.settings import Settings, build
from flux_studio.types import Picture, Size
from flux_studio.valves import PipeUserValves, PipeValves

PICTURE = Picture(data=b"picture", mime="image/png", width=1600, height=900)
CHAT_MODELS = [name for name, row in CARDS.items() if row.in_chat and row.state == "current"]


def asked(
    text: str, model: str = "flux-2-flex", *, edits: bool = False, variables: Any = None, **settings: Any
) -> Typed:
    card = CARDS[model]
    return completed(parse(text), card, fitting(card, Settings(**settings), variables or {}), edits=edits)


def request(text: str, model: str = "flux-2-flex", *, edits: bool = False, **settings: Any) -> Any:
    card = CARDS[model]
    pictures = (PICTURE,) * max(int(edits), card.pictures.required)
    wish = to_request(asked(text, model, edits=edits, **settings), card, Settings(**settings), pictures=pictures)
    return check(card, wish, safety_cap=6, advanced=settings.get("advanced_parameters", True)).request


def test_draft_is_small_and_quick_quality_large_and_thorough() -> None:
    draft, best = request("a fox --preset draft"), request("a fox --preset quality")
    assert (draft.size, draft.options["steps"]) == (Size(width=1024, height=1024), 15)
    assert (best.size, best.options["steps"]) == (Size(width=2048, height=2048), 50)


def test_a_preset_never_changes_the_model_and_says_what_it_set() -> None:
    typed = asked("a fox --preset draft", "flux-2-max")
    assert "model" not in typed.flags
    assert typed.notices == ("Preset draft: size 1K",)
    assert asked("a fox --preset draft").notices == ("Preset draft: size 1K, steps 15",)
    assert asked("x --preset quality", "flux-kontext-pro").notices == (
        "Preset quality: FLUX.1 Kontext [pro] has nothing to set for it here.",
    )


@pytest.mark.parametrize("model", CHAT_MODELS)
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("edits", [False, True])
def test_every_preset_fits_every_model(model: str, preset: str, edits: bool) -> None:
    if edits and "edit" not in CARDS[model].tasks:
        return
    made = request(f"a fox --preset {preset}", model, edits=edits)
    assert made.model == model
    if CARDS[model].size.kind != "input" and CARDS[model].size.max_ratio != 1:
        assert request(f"a fox --preset {preset} --ar 16:9", model, edits=edits).model == model


def test_what_is_typed_beats_the_preset() -> None:
    typed = asked("a fox --preset quality --steps 20 --size 512x512")
    assert (typed.flags["steps"], typed.flags["size"]) == (20, Size(width=512, height=512))
    wide = request("a fox --preset quality --ar 16:9")
    assert (wide.size.width / wide.size.height) == pytest.approx(16 / 9, rel=0.02)
    assert 3_900_000 < wide.size.pixels <= 4_194_304


def test_an_edited_picture_keeps_its_size() -> None:
    assert request("at night --preset quality", edits=True).size is None


def test_advanced_settings_stay_off_where_the_admin_wants_it() -> None:
    assert "steps" not in asked("a fox --preset draft", advanced_parameters=False).flags


def test_own_presets_are_flags_with_a_name() -> None:
    valves = PipeUserValves(PRESETS="Poster: --ar 2:3 --size 2K --no text\nnonsense\nDraft: --steps 5\n: --raw")
    own = build(PipeValves(), valves, {}).presets
    assert own == {"poster": "--ar 2:3 --size 2K --no text", "draft": "--steps 5"}
    typed = asked("a fox --preset POSTER", presets=own)
    assert (typed.flags["aspect"], typed.flags["size"]) == ("2:3", "2K")
    assert "clean, unmarked surfaces" in typed.prompt
    assert asked("a fox --preset draft", presets=own).flags["steps"] == 5
    assert "aspect" not in asked("a fox --preset poster --size 512x512", presets=own).flags


@pytest.mark.parametrize(
    ("text", "own", "words"),
    [
        ("--preset best", {}, "“best” is not possible; allowed: draft, standard, quality"),
        ("--preset mine", {"mine": "a fox"}, "may hold flags only"),
        ("--preset mine", {"mine": "--model flux-2-max"}, "none of --preset, --new, --edit, --model"),
        ("--preset mine", {"mine": "--n 99"}, "Your preset “mine” cannot be read. --n: “99” is not possible"),
    ],
)
def test_a_preset_that_does_not_exist_or_cannot_be_read(text: str, own: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        asked(f"a fox {text}", presets=own)
    assert words in caught.value.sentence


def test_a_chat_may_have_a_preset_of_its_own() -> None:
    assert asked("a fox", variables={"preset": "draft"}).flags["steps"] == 15
    assert asked("a fox --preset quality", variables={"preset": "draft"}).flags["steps"] == 50


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("a fox --no text, watermark", "a fox, clean, unmarked surfaces"),
        ("a street --no people, Cars --ar 16:9", "a street, a deserted scene, quiet, empty roads"),
        ("a fox. --no zebras", "a fox, free of zebras"),
        ("a fox --no text, zebras, green hats", "a fox, clean, unmarked surfaces, free of zebras and green hats"),
        ('--no "any text" a fox', "a fox, clean, unmarked surfaces"),
        ("a fox\n--no clouds\nin the hills", "a fox\nin the hills, a clear sky"),
        ("a room with no people and without windows", "a room with no people and without windows"),
    ],
)
def test_what_must_not_be_seen_is_said_in_positive_words(text: str, prompt: str) -> None:
    assert asked(text).prompt == prompt


def test_the_notice_says_how_it_was_said() -> None:
    (notice,) = asked("a fox --no text, zebras").notices
    assert notice == (
        "FLUX.2 [flex] has no negative prompt: “text, zebras” was said as “clean, unmarked surfaces, free of zebras”. "
        "For “zebras” say what should be there instead."
    )


@pytest.mark.parametrize("text", ["a fox --no", "a fox --no ,", "a fox --no --ar 1:1"])
def test_no_without_words_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="--no needs a value"):
        parse(text)


def test_a_list_ends_at_the_next_flag_or_line() -> None:
    typed = parse("a fox --no text, big dogs —ar 16:9 in the snow")
    assert (typed.prompt, dict(typed.flags)) == ("a fox in the snow", {"no": "text, big dogs", "aspect": "16:9"})
