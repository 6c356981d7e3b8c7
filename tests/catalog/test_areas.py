"""Masks, margins and canvases: what each editing model can be told, and what the person hears when it does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from flux_studio.catalog import CARDS
from flux_studio.catalog.check import check
from flux_studio.errors import InvalidRequest
from flux_studio.types import Mask, Picture, Request, Size

FILL, ERASE = "flux-pro-1.0-fill", "flux-tools-erase-v1"
EXPAND, OUTPAINTING = "flux-pro-1.0-expand", "flux-tools-outpainting-v1"


def picture(width: int = 512, height: int = 384) -> Picture:
    return Picture(data=b"picture", mime="image/png", width=width, height=height)


def mask(width: int = 512, height: int = 384, value: int = 255) -> Mask:
    return Mask(data=bytes([value]) * (width * height), width=width, height=height)


def checked(model: str, task: Any, **changes: Any) -> Request:
    given = {"pictures": (picture(),), "prompt": "", **changes}
    return check(CARDS[model], Request(task=task, model=model, **given), safety_cap=6).request


def refused(model: str, task: Any, **changes: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        checked(model, task, **changes)
    return caught.value


@pytest.mark.parametrize(("model", "task"), [(FILL, "inpaint"), (FILL, "expand"), (ERASE, "erase")])
class TestMasks:
    def test_a_fitting_mask_passes_without_a_prompt(self, model: str, task: str) -> None:
        assert checked(model, task, mask=mask()).mask == mask()

    def test_a_mask_is_needed(self, model: str, task: str) -> None:
        assert refused(model, task).sentence == f"Paint the area to {task} first."

    def test_an_empty_mask_is_refused(self, model: str, task: str) -> None:
        assert refused(model, task, mask=mask(value=0)).sentence.startswith("The mask is empty")

    def test_the_mask_has_the_size_of_the_picture(self, model: str, task: str) -> None:
        assert refused(model, task, mask=mask(384, 512)).allowed == "the size of the picture, 512 × 384"

    def test_one_picture_is_needed_and_no_more_is_taken(self, model: str, task: str) -> None:
        assert refused(model, task, pictures=(), mask=mask()).field == "pictures"
        assert refused(model, task, pictures=(picture(), picture()), mask=mask()).field == "pictures"


def test_fill_has_the_ranges_of_its_family() -> None:
    options = {"steps": 15, "guidance": 100, "prompt_upsampling": True, "safety_tolerance": 6}
    assert checked(FILL, "inpaint", mask=mask(), options=options).options == {**options, "guidance": 100.0}
    assert refused(FILL, "inpaint", mask=mask(), options={"steps": 14}).allowed == "whole number 15 to 50"
    assert refused(FILL, "inpaint", mask=mask(), options={"guidance": 1.4}).allowed == "number 1.5 to 100"


def test_a_model_without_prompt_leaves_it_out_and_says_so() -> None:
    request = Request(task="erase", model=ERASE, prompt="a cat", pictures=(picture(),), mask=mask())
    result = check(CARDS[ERASE], request, safety_cap=2)
    assert result.request.prompt == ""
    assert result.notices == ("FLUX Erase works without a prompt; yours was left out.",)


class TestMargins:
    @pytest.mark.parametrize("side", ["top", "bottom", "left", "right"])
    def test_one_side_is_enough(self, side: str) -> None:
        assert checked(EXPAND, "expand", options={side: 2048}).options[side] == 2048

    @pytest.mark.parametrize("options", [{}, {"top": 0, "left": 0}])
    def test_without_a_margin_there_is_nothing_to_do(self, options: dict[str, int]) -> None:
        assert refused(EXPAND, "expand", options=options).sentence == (
            "Nothing to expand: pull at least one side of the frame beyond the picture."
        )

    @pytest.mark.parametrize("value", [-1, 2049, 1.5, "10", True])
    def test_a_margin_is_0_to_2048(self, value: Any) -> None:
        assert "whole number 0 to 2048" in refused(EXPAND, "expand", options={"top": value, "left": 9}).sentence

    def test_a_mask_has_no_field(self) -> None:
        assert refused(EXPAND, "expand", options={"top": 9}, mask=mask()).field == "mask"

    def test_small_pictures_are_refused(self) -> None:
        assert "at least 256" in refused(EXPAND, "expand", options={"top": 9}, pictures=(picture(300, 255),)).sentence


class TestCanvas:
    @pytest.mark.parametrize("options", [{}, {"offset_x": 0, "offset_y": 128}, {"offset_x": 256}, {"offset_y": 0}])
    def test_a_place_within_the_canvas_passes(self, options: dict[str, int]) -> None:
        size = Size(width=768, height=512)
        assert checked(OUTPAINTING, "expand", options=options, size=size).size == size

    @pytest.mark.parametrize("options", [{"offset_x": 257}, {"offset_y": -1}, {"offset_x": -100, "offset_y": 500}])
    def test_a_picture_that_overhangs_is_refused(self, options: dict[str, int]) -> None:
        error = refused(OUTPAINTING, "expand", options=options, size=Size(width=768, height=512))
        assert (error.field, error.allowed) == ("region", "a place within the canvas of 768 × 512")

    def test_a_canvas_smaller_than_the_picture_is_refused(self) -> None:
        assert refused(OUTPAINTING, "expand", size=Size(width=768, height=368)).field == "region"

    def test_a_canvas_of_the_same_size_has_nothing_to_paint(self) -> None:
        assert "Nothing to expand" in refused(OUTPAINTING, "expand", size=Size(width=512, height=384)).sentence

    def test_the_canvas_must_be_given_and_have_at_most_4_megapixels(self) -> None:
        assert refused(OUTPAINTING, "expand").field == "size"
        assert "4,194,304" in refused(OUTPAINTING, "expand", size=Size(width=2064, height=2048)).sentence

    def test_it_takes_no_seed(self) -> None:
        assert refused(OUTPAINTING, "expand", size=Size(width=768, height=512), seed=1).field == "seed"
