"""What a request may hold for each model, and what the person hears when it does not fit."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux_studio.catalog import CARDS, ModelCard, OptionSpec, SizeRule
from flux_studio.catalog.aspect import ratio_of
from flux_studio.catalog.check import Checked, check, without_image_prompt
from flux_studio.catalog.options import check_option
from flux_studio.catalog.sizes import ratio_allowed
from flux_studio.errors import InvalidRequest, InvalidRequests, StudioError
from flux_studio.types import Mask, Picture, Request, Size

PRO, FLEX, KLEIN = CARDS["flux-2-pro"], CARDS["flux-2-flex"], CARDS["flux-2-klein-4b"]
FIRST, ULTRA, KONTEXT = CARDS["flux-pro-1.1"], CARDS["flux-pro-1.1-ultra"], CARDS["flux-kontext-pro"]
MASKED = replace(PRO, name="masked", tasks=frozenset({"inpaint"}), mask="white_repaints")


def picture(width: int = 512, height: int = 512) -> Picture:
    return Picture(data=b"picture", mime="image/png", width=width, height=height)


def request(card: ModelCard, **changes: Any) -> Request:
    return replace(Request(task="generate", model=card.name, prompt="a cat"), **changes)


def checked(card: ModelCard, cap: int = 2, advanced: bool = True, **changes: Any) -> Checked:
    return check(card, request(card, **changes), safety_cap=cap, advanced=advanced)


def refused(card: ModelCard, cap: int = 2, advanced: bool = True, **changes: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        checked(card, cap, advanced, **changes)
    return caught.value


def test_a_fitting_request_stays_as_it_is_but_for_the_admins_bound() -> None:
    result = checked(PRO, prompt="a cat\n— schwarz, 猫 👩‍🚀", seed=7, count=8, format="webp")
    assert result.notices == ()
    assert result.request.options == {"safety_tolerance": 2}
    assert result.request.prompt == "a cat\n— schwarz, 猫 👩‍🚀"


def test_all_wrong_fields_are_named_at_once() -> None:
    error = refused(PRO, prompt=" ", count=9, seed=-1, format="gif", options={"steps": 5})
    assert isinstance(error, InvalidRequests)
    assert [fault.field for fault in error.faults] == ["count", "seed", "format", "prompt", "steps"]
    assert "allowed: whole number 1 to 8" in error.sentence
    assert "allowed: whole number 0 to 4294967295" in error.sentence
    assert "allowed: jpeg, png, webp" in error.sentence


def test_one_wrong_field_gives_one_sentence() -> None:
    error = refused(PRO, options={"steps": 28})
    assert type(error) is InvalidRequest
    assert error.sentence == "FLUX.2 [pro] has no setting “steps”; it has: prompt_upsampling, safety_tolerance."


@pytest.mark.parametrize("count", [0, 9, -1, True, 1.0, "2", 10**30])
def test_count_is_a_whole_number_1_to_8(count: Any) -> None:
    assert refused(PRO, count=count).field == "count"


@pytest.mark.parametrize("seed", [-1, 2**32, True, 1.5, math.nan])
def test_seed_is_a_whole_number_of_32_bits(seed: Any) -> None:
    assert refused(PRO, seed=seed).field == "seed"


@pytest.mark.parametrize("seed", [0, 2**32 - 1, None])
def test_seeds_at_the_edges_pass(seed: int | None) -> None:
    assert checked(PRO, seed=seed).request.seed == seed


def test_a_model_without_seed_says_so() -> None:
    card = replace(PRO, seed=False)
    assert refused(card, seed=1).sentence == "FLUX.2 [pro] takes no seed."


class TestPrompt:
    @pytest.mark.parametrize("prompt", ["", "   \n", "\x00\x01"])
    def test_an_empty_prompt_is_refused(self, prompt: str) -> None:
        assert refused(PRO, prompt=prompt).field == "prompt"

    def test_a_giant_prompt_is_refused_with_both_lengths(self) -> None:
        error = refused(PRO, prompt="x" * 1_000_000)
        assert error.sentence == "prompt: “1,000,000 characters” is not possible; allowed: up to 32,000 characters."

    def test_unprintable_characters_are_left_out_with_a_notice(self) -> None:
        result = checked(PRO, prompt="a\x00 c\x1bat\ud800\tand\nmore\r\n")
        assert result.request.prompt == "a cat\tand\nmore\r\n"
        assert result.notices == ("Characters that cannot be printed were left out of the prompt.",)


class TestPictures:
    def test_the_limit_of_the_model_is_named(self) -> None:
        error = refused(KLEIN, task="edit", pictures=(picture(),) * 5)
        assert error.sentence == "FLUX.2 [klein] 4B takes up to 4 pictures, not 5."

    def test_a_model_for_text_only_says_so_once(self) -> None:
        error = refused(without_image_prompt(FIRST), task="edit", pictures=(picture(),))
        assert error.sentence.startswith("FLUX1.1 [pro] takes no pictures, only text.")
        assert "IMAGE_PROMPT_SUPPORT" in error.sentence

    def test_an_edit_needs_a_picture(self) -> None:
        assert refused(PRO, task="edit").sentence == "FLUX.2 [pro] needs 1 picture to edit; attach it to the message."

    def test_a_tiny_picture_is_named_by_its_number(self) -> None:
        error = refused(PRO, task="edit", pictures=(picture(), picture(64, 63)))
        assert error.field == "picture 2"
        assert "at least 64" in error.sentence

    @pytest.mark.parametrize(("card", "most"), [(PRO, 8), (KLEIN, 4), (KONTEXT, 4)])
    def test_as_many_pictures_as_allowed_pass(self, card: ModelCard, most: int) -> None:
        assert len(checked(card, task="edit", pictures=(picture(),) * most).request.pictures) == most

    def test_an_impossible_task_names_the_possible_ones(self) -> None:
        assert refused(PRO, task="upscale", pictures=(picture(),)).sentence == (
            "FLUX.2 [pro] cannot upscale pictures; it can: edit, generate, inpaint."
        )


class TestMask:
    def test_a_model_without_mask_says_what_to_do(self) -> None:
        mask = Mask(data=bytes(4), width=2, height=2)
        error = refused(PRO, task="edit", pictures=(picture(),), mask=mask)
        assert error.sentence == "FLUX.2 [pro] takes no mask; describe the change in the prompt."

    def test_the_mask_has_the_size_of_the_picture(self) -> None:
        small, fitting = (Mask(data=b"\xff" * side * side, width=side, height=side) for side in (100, 512))
        assert "512 × 512" in refused(MASKED, task="inpaint", pictures=(picture(),), mask=small).sentence
        assert checked(MASKED, task="inpaint", pictures=(picture(),), mask=fitting).request.mask == fitting

    def test_inpainting_needs_a_mask(self) -> None:
        assert refused(MASKED, task="inpaint", pictures=(picture(),)).field == "mask"


@pytest.mark.parametrize("model", ["flux-2-pro", "flux-kontext-pro"])
def test_a_model_without_a_mask_inpaints_its_cut_out_area(model: str) -> None:
    card = CARDS[model]
    assert checked(card, task="inpaint", pictures=(picture(),)).request.mask is None


def test_a_model_of_the_editor_says_where_it_works() -> None:
    assert refused(CARDS["flux-pro-1.0-fill"], pictures=(picture(),)).sentence == (
        "FLUX.1 Fill [pro] cannot generate pictures; it can: expand, inpaint. "
        "It works in the editor, which opens with “Edit area” below a picture."
    )


def test_another_models_request_and_a_withdrawn_model_are_refused() -> None:
    assert refused(PRO, model="flux-2-max").field == "model"
    gone = replace(PRO, state="withdrawn", successor="flux-2-max")
    assert "take flux-2-max instead" in refused(gone).sentence


class TestOptions:
    @pytest.mark.parametrize("value", [0, 51, True, 2.5, "28", math.inf, math.nan, 10**400])
    def test_steps_of_flex_are_1_to_50(self, value: Any) -> None:
        assert refused(FLEX, options={"steps": value}).allowed == "whole number 1 to 50"

    @pytest.mark.parametrize("value", [1.4, 11, False, "5", math.inf, math.nan, 10**400])
    def test_guidance_of_flex_is_1_5_to_10(self, value: Any) -> None:
        assert refused(FLEX, options={"guidance": value}).allowed == "number 1.5 to 10"

    @pytest.mark.parametrize("value", [1, 0, "on", None, 1.0])
    def test_raw_is_on_or_off(self, value: Any) -> None:
        assert refused(ULTRA, options={"raw": value}).allowed == "on or off"

    def test_values_get_the_options_own_type(self) -> None:
        options = checked(FLEX, options={"steps": 28.0, "guidance": 5}).request.options
        assert (options["steps"], type(options["steps"])) == (28, int)
        assert (options["guidance"], type(options["guidance"])) == (5.0, float)

    def test_a_choice_is_one_of_its_words(self) -> None:
        spec = OptionSpec(name="mode", kind="choice", choices=("high", "fast"))
        card = replace(PRO, options=(spec,))
        assert checked(card, options={"mode": "fast"}).request.options["mode"] == "fast"
        assert refused(card, options={"mode": "slow"}).allowed == "high, fast"

    def test_a_model_without_settings_says_it_has_none(self) -> None:
        assert refused(replace(PRO, options=()), options={"x": 1}).sentence.endswith("it has: none.")

    def test_advanced_settings_are_refused_when_the_admin_switched_them_off(self) -> None:
        error = refused(FLEX, advanced=False, options={"steps": 28})
        assert error.sentence == "Your admin has switched advanced settings off, so “steps” cannot be set."
        assert checked(FLEX, advanced=False, options={"prompt_upsampling": False}).notices == ()


class TestSafety:
    @pytest.mark.parametrize(
        ("cap", "wish", "sent"), [(2, 6, 2), (6, 6, 5), (0, 3, 0), (6, 4, 4), (2, 2, 2), (5, 0, 0)]
    )
    def test_the_smallest_of_wish_cap_and_model_counts(self, cap: int, wish: int, sent: int) -> None:
        result = checked(PRO, cap, options={"safety_tolerance": wish})
        assert result.request.options["safety_tolerance"] == sent
        assert bool(result.notices) == (wish != sent)

    def test_the_notice_tells_who_set_the_bound(self) -> None:
        assert "your admin allows" in checked(PRO, 2, options={"safety_tolerance": 6}).notices[0]
        assert "FLUX.2 [pro] allows" in checked(PRO, 6, options={"safety_tolerance": 6}).notices[0]

    @pytest.mark.parametrize(("cap", "sent"), [(0, 0), (2, 2), (6, 5)])
    def test_without_a_wish_the_bound_is_sent_so_that_no_default_exceeds_it(self, cap: int, sent: int) -> None:
        assert checked(PRO, cap).request.options["safety_tolerance"] == sent

    @pytest.mark.parametrize("value", [-1, True, 1.5, "2"])
    def test_anything_but_a_whole_number_from_0_is_refused(self, value: Any) -> None:
        assert refused(PRO, 3, options={"safety_tolerance": value}).allowed == "whole number 0 to 3"


class TestShape:
    def test_a_free_size_is_brought_to_the_models_steps(self) -> None:
        result = checked(PRO, size=Size(width=1000, height=1000))
        assert result.request.size == Size(width=1008, height=1008)
        assert result.notices == ("1000 × 1000 became 1008 × 1008: this model works in steps of 16.",)

    def test_the_first_generation_works_in_steps_of_32(self) -> None:
        assert checked(FIRST, size=Size(width=1080, height=720)).request.size == Size(width=1088, height=736)

    def test_a_size_in_steps_passes_without_a_notice(self) -> None:
        assert checked(PRO, size=Size(width=2048, height=2048)).notices == ()

    def test_rounding_never_leaves_the_largest_area(self) -> None:
        size = checked(PRO, size=Size(width=1000, height=4194)).request.size
        assert size == Size(width=992, height=4192)

    @pytest.mark.parametrize("size", [(63, 1024), (2049, 2048), (-64, 64), (0, 0), (10**9, 10**9)])
    def test_a_size_out_of_limits_is_refused_with_the_limits(self, size: tuple[int, int]) -> None:
        error = refused(PRO, size=Size(width=size[0], height=size[1]))
        assert error.allowed == "sides of at least 64 pixels in steps of 16, at most 4,194,304 in all"

    def test_the_largest_side_is_named(self) -> None:
        error = refused(FIRST, size=Size(width=1441, height=256))
        assert error.allowed == "sides of 256 to 1440 pixels in steps of 32"

    @pytest.mark.parametrize(
        ("aspect", "size"), [("1:1", (1024, 1024)), ("16:9", (1360, 768)), ("portrait", (832, 1248))]
    )
    def test_a_ratio_becomes_pixels_on_a_free_model(self, aspect: str, size: tuple[int, int]) -> None:
        result = checked(PRO, aspect=aspect).request
        assert (result.size, result.aspect) == (Size(width=size[0], height=size[1]), None)

    def test_a_wide_ratio_stays_within_the_sides(self) -> None:
        assert checked(FIRST, aspect="4:1").request.size == Size(width=1440, height=352)

    def test_a_ratio_model_gets_the_ratio(self) -> None:
        assert checked(ULTRA, aspect="21x9").request.aspect == "21:9"
        assert checked(ULTRA, aspect="9:21").request.aspect == "9:21"

    @pytest.mark.parametrize("aspect", ["22:9", "1:3", "cat", "", "0:1", "9" * 100_000])
    def test_a_ratio_out_of_range_is_refused_with_the_range(self, aspect: str) -> None:
        assert "9:21 to 21:9" in refused(ULTRA, aspect=aspect).allowed

    def test_pixels_become_a_ratio_on_a_ratio_model(self) -> None:
        result = checked(ULTRA, size=Size(width=1920, height=1080))
        assert (result.request.size, result.request.aspect) == (None, "16:9")
        assert result.notices == ("FLUX1.1 [pro] ultra takes a ratio instead of pixels: 1920 × 1080 became 16:9.",)

    def test_pixels_of_an_impossible_ratio_are_refused(self) -> None:
        assert refused(ULTRA, size=Size(width=3000, height=1000)).allowed == "ratios 9:21 to 21:9"

    def test_size_and_ratio_together_are_refused(self) -> None:
        error = refused(PRO, size=Size(width=64, height=64), aspect="1:1")
        assert error.sentence == "Size and aspect ratio exclude each other; give one of them."

    @pytest.mark.parametrize("wish", [{"size": Size(width=512, height=512)}, {"aspect": "1:1"}])
    def test_a_model_that_keeps_the_size_of_its_input_takes_neither(self, wish: dict[str, Any]) -> None:
        card = replace(PRO, size=SizeRule(kind="input"))
        assert refused(card, **wish).allowed == "the size of the input picture"


JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
NAMES = st.sampled_from(["steps", "guidance", "raw", "safety_tolerance", "prompt_upsampling", "mode", ""])
SIZES = st.builds(Size, width=st.integers(-10, 5000), height=st.integers(-10, 5000))
RATIOS = st.sampled_from(["1:1", "16:9", "21:9", "4:1", "landscape", "1.85:1", "x"]) | st.text(max_size=8)
PICTURES = st.lists(st.builds(picture, st.integers(1, 3000), st.integers(1, 3000)), max_size=9).map(tuple)
WILD = st.builds(
    Request,
    task=st.sampled_from(["generate", "edit", "inpaint", "upscale"]),
    model=st.sampled_from(list(CARDS)),
    prompt=st.text(max_size=40),
    pictures=st.just(()) | PICTURES,
    size=st.none() | SIZES,
    aspect=st.none() | RATIOS,
    count=st.integers(1, 8) | JUNK,
    seed=st.none() | st.integers(0, 2**32) | JUNK,
    format=st.sampled_from([None, "jpeg", "png", "webp", "gif"]),
    options=st.dictionaries(NAMES, JUNK, max_size=3),
)


@st.composite
def plausible(draw: st.DrawFn) -> Request:
    """A request as a person who knows the model would make it, at the edges of what fits."""
    card = draw(st.sampled_from(list(CARDS.values())))
    pictures = draw(st.lists(st.builds(picture, st.integers(64, 3000), st.integers(64, 3000)), max_size=4))
    if not card.pictures.maximum:
        pictures = []
    shape = draw(st.sampled_from(["size", "aspect", "none"]))
    options = {"safety_tolerance": draw(st.integers(0, 9)), "prompt_upsampling": draw(st.booleans())}
    options = {name: value for name, value in options.items() if draw(st.booleans()) and card.option(name)}
    return Request(
        task="edit" if pictures else "generate",
        model=card.name,
        prompt=draw(st.text(min_size=1, max_size=40)),
        pictures=tuple(pictures),
        size=draw(st.builds(Size, width=st.integers(256, 2100), height=st.integers(256, 2100)))
        if shape == "size"
        else None,
        aspect=draw(RATIOS) if shape == "aspect" else None,
        count=draw(st.integers(1, 8)),
        seed=draw(st.none() | st.integers(0, 2**32 - 1)),
        options=options,
    )


REQUESTS = WILD | plausible() | plausible()


def outcome(card: ModelCard, wish: Request, cap: int, advanced: bool) -> Checked | StudioError:
    try:
        return check(card, wish, safety_cap=cap, advanced=advanced)
    except StudioError as error:
        return error


def assert_fits(card: ModelCard, found: Request, cap: int) -> None:
    rule = card.size
    assert found.task in card.tasks
    assert found.prompt.strip() or card.prompt != "required"
    assert not found.prompt or card.prompt != "none"
    assert 1 <= found.count <= 8
    assert len(found.pictures) <= card.pictures.maximum
    for name, value in found.options.items():
        spec = card.option(name)
        assert spec is not None
        assert check_option(spec, value) == value
    assert int(found.options.get("safety_tolerance", 0)) <= cap
    assert "safety_tolerance" in found.options or card.option("safety_tolerance") is None
    if found.size is not None:
        assert rule.kind in ("free", "choice")
        assert rule.kind == "free" or found.size in rule.choices
        assert found.size.width % rule.multiple == found.size.height % rule.multiple == 0
        assert min(found.size.width, found.size.height) >= rule.minimum
        assert max(found.size.width, found.size.height) <= (rule.maximum or 10**9)
        assert found.size.pixels <= (rule.max_pixels or 10**12)
    if found.aspect is not None:
        assert rule.kind == "ratio"
        assert ratio_allowed(ratio_of(found.aspect), rule)


@given(REQUESTS, st.integers(0, 6), st.booleans())
def test_whatever_is_asked_the_answer_is_a_sentence_or_a_request_that_fits(
    wish: Request, cap: int, advanced: bool
) -> None:
    card = CARDS[wish.model]
    result = outcome(card, wish, cap, advanced)
    if isinstance(result, StudioError):
        assert result.sentence
        return
    assert_fits(card, result.request, cap)
    assert check(card, result.request, safety_cap=cap, advanced=advanced) == Checked(request=result.request)


@given(
    st.sampled_from([PRO, FIRST]), st.fractions(min_value=Fraction(1, 5), max_value=Fraction(5), max_denominator=200)
)
def test_every_allowed_ratio_becomes_a_size_close_to_it(card: ModelCard, ratio: Fraction) -> None:
    size = checked(card, aspect=f"{ratio.numerator}:{ratio.denominator}").request.size
    assert size is not None
    assert_fits(card, checked(card, size=size).request, 2)
    assert abs(size.width / size.height / float(ratio) - 1) < 0.15
