"""From an edit to a request, through the sandbox's real answer, and back into the picture."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy
import pytest
from PIL import Image

from flux_studio.catalog import CARDS, ModelCard
from flux_studio.catalog.check import check
from flux_studio.imaging import inspect
from flux_studio.imaging.area import Box, WorkArea, plan_area
from flux_studio.imaging.edit import request_for
from flux_studio.imaging.masks import bounds, from_array, on_canvas
from flux_studio.imaging.paste import paste_back
from flux_studio.imaging.seam import VISIBLE_STEP, seam_step
from flux_studio.providers.bfl_request import build_body
from flux_studio.settings import Settings
from flux_studio.types import Mask, Picture, Request, Size, Task
from tools.sandbox import Sandbox
from tools.sandbox.drawing import draw
from tools.sandbox.endpoints import load_endpoints
from tools.sandbox.pictures import first_problem, read_pictures
from tools.sandbox.schema import validate
from tools.sandbox.settings import SandboxSettings
from tools.sandbox.submission import drawing_order

from .pictures import encoded

MOVED = SandboxSettings(edit_shift=1.75)
PICTURE_SIZE = Size(width=700, height=500)


def photograph() -> Picture:
    rng = numpy.random.default_rng(4)
    coarse = Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=numpy.uint8))
    size = (PICTURE_SIZE.width, PICTURE_SIZE.height)
    return inspect(encoded(coarse.resize(size, Image.Resampling.BICUBIC), "PNG"))


def blob() -> Mask:
    rows, columns = numpy.ogrid[: PICTURE_SIZE.height, : PICTURE_SIZE.width]
    return from_array((numpy.hypot(rows - 220, columns - 360) < 90) * 255)


def asked(card: ModelCard, task: Task, picture: Picture, mask: Mask, area: WorkArea) -> Request:
    wish = Request(task=task, model=card.name, prompt="a boat", seed=3 if card.seed else None, format="jpeg")
    return check(card, request_for(wish, picture, mask, area, card), safety_cap=2).request


def answered(request: Request, card: ModelCard, settings: SandboxSettings = MOVED) -> Picture:
    """What the sandbox draws for exactly the body that would travel."""
    endpoint, body = load_endpoints()[card.endpoint], build_body(request, card, Settings())
    assert validate(endpoint, body) == []
    pictures = read_pictures(endpoint, body)
    assert first_problem(endpoint, pictures) is None
    return inspect(draw(drawing_order(endpoint, body, pictures, settings)).data)


def pixels_of(picture: Picture) -> Any:
    return numpy.asarray(Image.open(BytesIO(picture.data)).convert("RGB")).astype(int)


@pytest.mark.parametrize(
    ("model", "task"),
    [
        ("flux-pro-1.0-fill", "inpaint"),
        ("flux-tools-erase-v1", "erase"),
        ("flux-2-pro", "inpaint"),
        ("flux-2-klein-4b", "inpaint"),
        ("flux-kontext-pro", "inpaint"),
    ],
)
def test_an_answer_that_moved_and_lost_quality_leaves_every_protected_pixel_as_it_was(model: str, task: Task) -> None:
    card, picture, mask = CARDS[model], photograph(), blob()
    marked = bounds(mask)
    assert marked is not None
    area = plan_area(picture.size, marked, card)
    request = asked(card, task, picture, mask, area)
    answer = answered(request, card)
    assert answer.mime == "image/jpeg"
    pasted = paste_back(picture, answer, mask, area)
    changed = (pixels_of(pasted.picture) != pixels_of(picture)).any(axis=2)
    inside = numpy.frombuffer(mask.data, numpy.uint8).reshape(500, 700) > 0
    assert not changed[~inside].any()
    assert changed[inside].mean() > 0.5
    assert (pasted.protected, pasted.changed) == (int((~inside).sum()), 0)


def test_the_model_with_a_mask_gets_it_and_the_others_do_not() -> None:
    picture, mask = photograph(), blob()
    marked = bounds(mask)
    assert marked is not None
    for name, masked in (("flux-pro-1.0-fill", True), ("flux-2-pro", False)):
        card = CARDS[name]
        area = plan_area(picture.size, marked, card)
        request = asked(card, "inpaint", picture, mask, area)
        assert (request.mask is not None) == masked
        assert request.pictures[0].size == area.sent
        assert request.size == (None if masked else area.sent)


def test_references_follow_the_picture() -> None:
    card, picture, mask = CARDS["flux-2-pro"], photograph(), blob()
    area = plan_area(picture.size, Box(x=270, y=130, width=180, height=180), card)
    wish = Request(task="inpaint", model=card.name, prompt="the same boat", pictures=(picture,))
    request = request_for(wish, picture, mask, area, card)
    assert [each.size for each in request.pictures] == [area.sent, picture.size]


REGIONS = [
    Box(x=-80, y=0, width=780, height=500),
    Box(x=0, y=-33, width=700, height=600),
    Box(x=-100, y=-50, width=900, height=600),
]


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("model", ["flux-pro-1.0-expand", "flux-tools-outpainting-v1", "flux-pro-1.0-fill"])
def test_a_picture_is_extended_and_stays_whole(model: str, region: Box) -> None:
    card, picture = CARDS[model], photograph()
    size = region.width * region.height
    mask = on_canvas(Mask(data=bytes(size), width=region.width, height=region.height), picture.size, region)
    marked = bounds(mask)
    assert marked is not None
    area = plan_area(picture.size, marked.moved(region.x, region.y), card, region)
    request = asked(card, "expand", picture, mask, area)
    answer = answered(request, card, SandboxSettings())
    assert answer.size == area.sent
    pasted = paste_back(picture, answer, mask, area, match_colour=False)
    assert pasted.picture.size == region.size
    values = pixels_of(pasted.picture)
    assert (values[-region.y : 500 - region.y, -region.x : 700 - region.x] == pixels_of(picture)).all()
    assert (pasted.protected, pasted.changed) == (700 * 500, 0)


def test_24_megapixels_with_5_percent_masked_cost_one_small_request_and_come_back_whole() -> None:
    gradient = Image.linear_gradient("L").resize((6000, 4000))
    original = inspect(encoded(Image.merge("RGB", (gradient, gradient.rotate(180), gradient)), "PNG", compress_level=1))
    values = numpy.zeros((4000, 6000), numpy.uint8)
    values[1500:2600, 2400:3500] = 255
    mask, card = from_array(values), CARDS["flux-pro-1.0-fill"]
    marked = bounds(mask)
    assert marked is not None
    area = plan_area(original.size, marked, card)
    request = asked(card, "inpaint", original, mask, area)
    assert request.pictures[0].size.pixels <= 4_000_000
    pasted = paste_back(original, answered(request, card), mask, area)
    assert pasted.picture.size == original.size
    assert (pasted.protected, pasted.changed) == (6000 * 4000 - 1100 * 1100, 0)
    around = numpy.s_[1400:2700, 2300:3600]
    assert seam_step(pixels_of(pasted.picture)[around], values[around]) < VISIBLE_STEP


async def test_the_settings_of_a_running_sandbox_hold_for_edits() -> None:
    async with Sandbox() as sandbox:
        sandbox.change(edit_shift=1.75)
        assert sandbox.state.settings.edit_shift == MOVED.edit_shift
