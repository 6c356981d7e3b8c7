"""The area that is sent: it holds the mask with its surroundings, fits the model, and stretches nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flux_studio.catalog import CARDS, ModelCard
from flux_studio.errors import InvalidRequest
from flux_studio.imaging.area import STEP, Box, WorkArea, canvas_of, plan_area
from flux_studio.types import Size

FILL, PRO, KONTEXT = CARDS["flux-pro-1.0-fill"], CARDS["flux-2-pro"], CARDS["flux-kontext-pro"]
EDITORS = [card for card in CARDS.values() if card.in_editor]


def box(x: int, y: int, width: int, height: int) -> Box:
    return Box(x=x, y=y, width=width, height=height)


def size(width: int, height: int) -> Size:
    return Size(width=width, height=height)


def test_a_small_mask_gets_surroundings_and_is_sent_at_the_models_best_size() -> None:
    area = plan_area(size(6000, 4000), box(3000, 2000, 100, 60), FILL)
    assert (area.box, area.sent) == (box(2794, 1774, 512, 512), size(1024, 1024))


def test_between_best_and_largest_size_nothing_is_scaled() -> None:
    area = plan_area(size(6000, 4000), box(3000, 2000, 800, 700), PRO)
    assert area.sent == area.box.size
    assert area.box.contains(box(2600, 1600, 1600, 1500))


def test_a_large_mask_is_reduced_to_the_models_limit() -> None:
    area = plan_area(size(6000, 4000), box(0, 0, 6000, 4000), PRO)
    assert area.box.contains(box(0, 0, 6000, 4000))
    assert area.sent.pixels <= 4_194_304
    assert area.sent.pixels > 4_000_000


def test_five_percent_of_24_megapixels_cost_one_request_of_at_most_4_megapixels() -> None:
    for card in EDITORS:
        assert plan_area(size(6000, 4000), box(2400, 1400, 1096, 1096), card).sent.pixels <= 4_194_304


def test_an_area_at_the_edge_is_moved_inwards_not_cut() -> None:
    area = plan_area(size(3000, 2000), box(0, 1990, 10, 10), FILL)
    assert area.box == box(0, 1488, 512, 512)


def test_a_picture_off_the_grid_is_sent_one_to_one_with_mirrored_edges() -> None:
    area = plan_area(size(1400, 1001), box(10, 10, 1380, 980), PRO)
    assert area.sent == area.box.size == size(1408, 1008)
    assert area.box == box(-4, -3, 1408, 1008)
    assert not area.extends


def test_the_users_own_area_is_taken_as_it_is() -> None:
    region = box(200, 200, 320, 320)
    area = plan_area(size(1024, 1024), box(300, 300, 10, 10), FILL, region)
    assert (area.box, area.sent) == (region, size(1024, 1024))


def test_new_ground_always_belongs_to_the_area() -> None:
    area = plan_area(size(1000, 750), box(5, 5, 1, 1), FILL, box(-200, 0, 1200, 750))
    assert area.canvas == box(-200, 0, 1200, 750)
    assert area.extends
    assert area.box.contains(box(-200, 0, 206, 750))
    assert area.inside.x == round(200 * area.sent.width / area.box.width)
    assert area.inside.right == area.sent.width


def test_only_the_surroundings_of_a_new_strip_are_sent() -> None:
    area = plan_area(size(6000, 4000), box(-200, 0, 200, 4000), FILL, box(-200, 0, 1000, 4000))
    assert area.box.x == -200
    assert area.box.width < 4500


@pytest.mark.parametrize("region", [box(1000, 0, 10, 10), box(-50, 0, 50, 50), box(0, -10, 5, 10)])
def test_a_region_beside_the_picture_is_refused(region: Box) -> None:
    with pytest.raises(InvalidRequest) as caught:
        canvas_of(size(1000, 750), region)
    assert caught.value.field == "region"


def test_a_giant_canvas_is_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        canvas_of(size(1000, 750), box(-9000, -9000, 10_000, 10_000))
    assert caught.value.allowed == "at most 64 megapixels in all"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "0,0,1,1",
        {},
        {"x": 0, "y": 0, "width": 1},
        {"x": 0, "y": 0, "width": 0, "height": 1},
        {"x": 0, "y": 0, "width": 1, "height": -1},
        {"x": True, "y": 0, "width": 1, "height": 1},
        {"x": 0.0, "y": 0, "width": 1, "height": 1},
        {"x": "0", "y": 0, "width": 1, "height": 1},
        {"x": 10**9, "y": 0, "width": 1, "height": 1},
    ],
)
def test_a_region_is_four_sensible_whole_numbers(data: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Box.from_json(data)
    assert caught.value.field == "region"


SIDES = st.integers(1, 4000) | st.integers(1, 200)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Size, Box, ModelCard, Box | None]:
    picture = size(draw(SIDES), draw(SIDES))
    x, y = draw(st.integers(0, picture.width - 1)), draw(st.integers(0, picture.height - 1))
    mask = box(x, y, draw(st.integers(1, picture.width - x)), draw(st.integers(1, picture.height - y)))
    margins = [draw(st.integers(0, 800)) for _ in range(4)] if draw(st.booleans()) else None
    region = None
    if margins:
        region = Box.between(-margins[0], -margins[1], picture.width + margins[2], picture.height + margins[3])
    elif draw(st.booleans()):
        region = mask.union(box(draw(st.integers(0, picture.width - 1)), y, 1, 1))
    return picture, mask, draw(st.sampled_from(EDITORS)), region


@given(plans())
def test_whatever_is_asked_the_area_fits_model_and_picture(plan: tuple[Size, Box, ModelCard, Box | None]) -> None:
    picture, mask, card, region = plan
    area = plan_area(picture, mask, card, region)
    assert area.canvas == canvas_of(picture, region)
    assert area.box.contains(mask)
    if region is not None and area.extends:
        ground = Box.of(picture)
        corners = [(region.x, region.y), (region.right - 1, region.bottom - 1)]
        for x, y in corners:
            assert ground.contains(box(x, y, 1, 1)) or area.box.contains(box(x, y, 1, 1))
    assert area.sent.width % STEP == area.sent.height % STEP == 0
    assert area.sent.pixels <= (card.size.max_pixels or card.size.typical_pixels)
    assert max(area.sent.width, area.sent.height) <= (card.size.maximum or 10**6)
    assert min(area.sent.width, area.sent.height) >= min(card.size.minimum, STEP)
    assert Box.of(area.sent).contains(area.inside)
    assert WorkArea.from_json(area.to_json()) == area


@given(plans())
def test_nothing_is_stretched_by_more_than_a_pixel(plan: tuple[Size, Box, ModelCard, Box | None]) -> None:
    area = plan_area(*plan)
    across, down = area.sent.width / area.box.width, area.sent.height / area.box.height
    assume(min(area.box.width, area.box.height) > 4)
    assert abs(area.box.width - area.sent.width / down) <= 0.51 * max(
        1, across / down, area.box.width / area.box.height
    )


@given(plans())
def test_an_area_that_fits_into_the_canvas_lies_within_it(plan: tuple[Size, Box, ModelCard, Box | None]) -> None:
    area = plan_area(*plan)
    if area.box.width <= area.canvas.width:
        assert area.canvas.x <= area.box.x
        assert area.box.right <= area.canvas.right
    if area.box.height <= area.canvas.height:
        assert area.canvas.y <= area.box.y
        assert area.box.bottom <= area.canvas.bottom
