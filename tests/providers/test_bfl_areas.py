"""Edits of an area over real sockets: what travels, what comes back, and what of it reaches the picture."""

import io

import numpy
import pytest
from PIL import Image

from flux_studio.catalog import card
from flux_studio.catalog.aspect import ratio_of
from flux_studio.catalog.check import check
from flux_studio.errors import InvalidRequest
from flux_studio.imaging import inspect
from flux_studio.imaging.area import Box, plan_area
from flux_studio.imaging.edit import request_for
from flux_studio.imaging.masks import from_array, on_canvas
from flux_studio.imaging.paste import paste_back
from flux_studio.types import Mask, Size

from .conftest import a_picture, a_request

SIZE = Size(width=640, height=480)
PAINTED = Box(x=200, y=150, width=220, height=160)


def a_photograph():
    coarse = numpy.random.default_rng(8).integers(0, 256, (48, 64, 3), dtype=numpy.uint8)
    out = io.BytesIO()
    Image.fromarray(coarse).resize((SIZE.width, SIZE.height), Image.Resampling.BICUBIC).save(out, "PNG")
    return inspect(out.getvalue())


def a_mask():
    values = numpy.zeros((SIZE.height, SIZE.width), numpy.uint8)
    values[PAINTED.y : PAINTED.bottom, PAINTED.x : PAINTED.right] = 255
    return from_array(values)


def pixels_of(picture):
    return numpy.asarray(Image.open(io.BytesIO(picture.data)).convert("RGB")).astype(int)


async def edited(desk, model, task, picture, mask, area):
    row = card(model)
    wished = {"format": "jpeg"} if row.formats else {}
    wish = a_request("a boat", task=task, model=model, seed=5 if row.seed else None, **wished)
    request = check(row, request_for(wish, picture, mask, area, row), safety_cap=2).request
    return await desk.result(request)


@pytest.mark.parametrize(
    ("model", "task", "fields"),
    [
        ("flux-pro-1.0-fill", "inpaint", {"image", "mask", "prompt", "seed"}),
        ("flux-tools-erase-v1", "erase", {"image", "mask", "seed"}),
        ("flux-2-pro", "inpaint", {"input_image", "prompt", "seed", "width", "height"}),
        ("flux-3-image", "inpaint", {"images", "prompt", "aspect_ratio"}),
    ],
)
async def test_only_the_masked_part_of_a_moved_jpeg_reaches_the_picture(desk, sandbox, model, task, fields):
    sandbox.change(edit_shift=2.5)
    picture, mask = a_photograph(), a_mask()
    area = plan_area(picture.size, PAINTED, card(model))
    result = await edited(desk, model, task, picture, mask, area)
    assert result.pictures[0].mime == "image/jpeg"
    assert fields <= set(sandbox.calls[0].body)
    assert sandbox.violations == []
    pasted = paste_back(picture, result.pictures[0], mask, area)
    changed = (pixels_of(pasted.picture) != pixels_of(picture)).any(axis=2)
    inside = numpy.zeros_like(changed)
    inside[PAINTED.y : PAINTED.bottom, PAINTED.x : PAINTED.right] = True
    assert not changed[~inside].any()
    assert changed[inside].mean() > 0.5
    assert pasted.changed == 0


@pytest.mark.parametrize(
    "painted",
    [
        Box(x=0, y=0, width=30, height=30),
        Box(x=200, y=150, width=220, height=160),
        Box(x=10, y=100, width=620, height=60),
        Box(x=300, y=0, width=20, height=480),
        Box(x=0, y=0, width=640, height=480),
    ],
)
def test_an_area_has_a_ratio_the_model_lists(painted):
    row = card("flux-3-image")
    area = plan_area(SIZE, painted, row)
    wish = a_request(task="inpaint", model=row.name)
    request = request_for(wish, a_photograph(), a_mask(), area, row)
    assert request.aspect in row.size.ratios
    assert abs(area.sent.width / area.sent.height / float(ratio_of(request.aspect)) - 1) < 0.04
    assert area.box.contains(painted)


async def test_fill_that_comes_back_smaller_is_brought_to_size(desk, sandbox):
    sandbox.change(fill_longest_side=300)
    picture, mask = a_photograph(), a_mask()
    area = plan_area(picture.size, PAINTED, card("flux-pro-1.0-fill"))
    result = await edited(desk, "flux-pro-1.0-fill", "inpaint", picture, mask, area)
    assert max(result.pictures[0].width, result.pictures[0].height) == 300
    assert paste_back(picture, result.pictures[0], mask, area).picture.size == SIZE


@pytest.mark.parametrize("model", ["flux-pro-1.0-expand", "flux-tools-outpainting-v1"])
async def test_an_extended_picture_keeps_its_original_part(desk, sandbox, model):
    picture, region = a_photograph(), Box(x=-100, y=-40, width=740, height=520)
    empty = Mask(data=bytes(region.width * region.height), width=region.width, height=region.height)
    mask = on_canvas(empty, picture.size, region)
    area = plan_area(picture.size, region, card(model), region)
    result = await edited(desk, model, "expand", picture, mask, area)
    assert sandbox.violations == []
    assert result.pictures[0].size == area.sent
    pasted = paste_back(picture, result.pictures[0], mask, area)
    assert pasted.picture.size == region.size
    assert (pixels_of(pasted.picture)[40:, 100:] == pixels_of(picture)).all()
    assert (pasted.protected, pasted.changed) == (SIZE.pixels, 0)


async def test_a_mask_the_service_refuses_is_named_as_the_mask(desk, sandbox):
    sandbox.change(picture_errors="submit")
    request = a_request(
        task="inpaint",
        model="flux-pro-1.0-fill",
        pictures=(a_picture(96, 80),),
        mask=Mask(data=b"\xff" * 80 * 96, width=80, height=96),
    )
    with pytest.raises(InvalidRequest) as caught:
        await desk.run(request)
    assert caught.value.field == "mask"
    assert not [call.task for call in sandbox.calls if call.task]
