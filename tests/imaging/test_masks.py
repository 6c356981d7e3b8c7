"""Masks: what is read, what is refused, and how they are measured and changed."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from flux_studio.errors import InvalidRequest
from flux_studio.imaging.area import Box
from flux_studio.imaging.masks import (
    as_array,
    bounds,
    coverage,
    from_array,
    grow,
    on_canvas,
    read_mask,
    threshold,
    to_png,
)
from flux_studio.imaging.morphology import dilated, eroded, feathered
from flux_studio.types import Mask, Size

from .pictures import deep_png, drawing, encoded, png_claiming

SIZE = Size(width=40, height=30)


def painted(*boxes: tuple[int, int, int, int], width: int = 40, height: int = 30, value: int = 255) -> Mask:
    values = numpy.zeros((height, width), numpy.uint8)
    for left, top, right, bottom in boxes:
        values[top:bottom, left:right] = value
    return from_array(values)


def refused(png: bytes, size: Size = SIZE) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        read_mask(png, size)
    assert caught.value.field == "mask"
    return caught.value


class TestReading:
    def test_a_grey_png_is_read_value_by_value(self) -> None:
        mask = from_array(numpy.arange(1200, dtype=numpy.int64).reshape(30, 40) % 256)
        assert read_mask(to_png(mask), SIZE) == mask

    @pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
    def test_other_ways_to_write_black_and_white_are_read(self, mode: str) -> None:
        mask = painted((3, 4, 20, 25))
        assert read_mask(encoded(Image.fromarray(as_array(mask)).convert(mode), "PNG"), SIZE) == mask

    def test_sixteen_bits_become_eight(self) -> None:
        assert set(read_mask(deep_png(0), Size(width=70, height=70)).data) == {128}

    def test_another_size_is_refused_with_the_right_one(self) -> None:
        assert refused(to_png(painted(width=30, height=40))).allowed == "the size of the region, 40 × 30"

    @pytest.mark.parametrize("mode", ["RGBA", "LA"])
    def test_transparency_is_refused(self, mode: str) -> None:
        assert "transparency" in refused(encoded(Image.new(mode, (40, 30)), "PNG")).sentence

    @pytest.mark.parametrize(
        "png",
        [
            b"",
            b"mask",
            b"<svg/>",
            encoded(drawing(40, 30), "JPEG"),
            to_png(painted((0, 0, 40, 30)))[:60],
            png_claiming(30_000, 30_000),
            b"\x89PNG\r\n\x1a\n" + b"\0" * 9_000_000,
        ],
        ids=["empty", "text", "svg", "jpeg", "cut", "bomb", "giant"],
    )
    def test_anything_else_is_refused_in_one_sentence(self, png: bytes) -> None:
        assert "mask" in refused(png).sentence


class TestMeasures:
    def test_an_empty_mask_has_no_bounds(self) -> None:
        assert bounds(painted()) is None
        assert coverage(painted()) == 0

    def test_bounds_hold_everything_above_0(self) -> None:
        mask = painted((5, 6, 7, 9), (39, 29, 40, 30), value=1)
        assert bounds(mask) == Box(x=5, y=6, width=35, height=24)
        assert coverage(mask) == pytest.approx(7 / 1200)

    def test_a_full_mask_covers_all(self) -> None:
        assert coverage(painted((0, 0, 40, 30))) == 1


def slow(values: Any, radius: int, choose: Callable[..., Any]) -> Any:
    """The definition, pixel by pixel."""
    padded = numpy.pad(values, radius, mode="edge")
    window = 2 * radius + 1
    return numpy.array(
        [
            [choose(padded[y : y + window, x : x + window]) for x in range(values.shape[1])]
            for y in range(values.shape[0])
        ],
        numpy.uint8,
    ).reshape(values.shape)


@given(st.integers(0, 2**32 - 1), st.integers(1, 14), st.integers(1, 14), st.integers(0, 9))
def test_growing_and_shrinking_are_the_extremes_of_a_square(seed: int, width: int, height: int, radius: int) -> None:
    values = numpy.random.default_rng(seed).integers(0, 256, (height, width), dtype=numpy.uint8)
    assert (dilated(values, radius) == slow(values, radius, numpy.max)).all()
    assert (eroded(values, radius) == slow(values, radius, numpy.min)).all()


def test_grow_widens_and_shrinks_by_pixels() -> None:
    assert bounds(grow(painted((10, 10, 20, 20)), 3)) == Box(x=7, y=7, width=16, height=16)
    assert bounds(grow(painted((10, 10, 20, 20)), -3)) == Box(x=13, y=13, width=4, height=4)
    assert grow(painted((1, 1, 2, 2)), 0) == painted((1, 1, 2, 2))


def test_threshold_leaves_black_and_white() -> None:
    assert threshold(Mask(data=bytes([0, 127, 128, 255]), width=4, height=1)).data == bytes([0, 0, 255, 255])


class TestFeather:
    @given(st.integers(0, 2**32 - 1), st.integers(1, 6))
    def test_it_never_leaves_the_mask_and_never_exceeds_it(self, seed: int, softness: int) -> None:
        rng = numpy.random.default_rng(seed)
        small = rng.integers(0, 256, (rng.integers(1, 9), rng.integers(1, 9)), dtype=numpy.uint8)
        small[rng.random(small.shape) < 0.5] = 0
        mask = numpy.kron(small, numpy.ones((7, 9), numpy.uint8))
        assert (feathered(mask, softness) <= mask).all()

    def test_it_rises_from_the_border_to_the_middle(self) -> None:
        values = as_array(painted((20, 20, 180, 180), width=200, height=200))
        row = feathered(values, 4)[100]
        assert row[19] == 0
        assert 0 <= row[20] < 64
        assert (numpy.diff(row[20:36].astype(int)) >= 0).all()
        assert (row[36:164] == 255).all()

    def test_thin_parts_do_not_fade_away(self) -> None:
        values = as_array(painted((20, 20, 180, 180), (5, 0, 6, 200), (8, 10, 11, 190), width=200, height=200))
        weights = feathered(values, 6)
        assert (weights[:, 5] == 255).all()
        assert (weights[20:180, 9] > 60).all()

    def test_there_is_no_ramp_at_the_edge_of_the_picture(self) -> None:
        weights = feathered(as_array(painted((0, 0, 100, 200), width=200, height=200)), 4)
        assert (weights[:, :80] == 255).all()

    def test_half_painted_pixels_stay_half(self) -> None:
        weights = feathered(as_array(painted((0, 0, 40, 30), value=99)), 4)
        assert (weights == 99).all()


class TestCanvas:
    def test_without_a_region_it_is_the_mask_itself(self) -> None:
        mask = painted((1, 2, 3, 4))
        assert on_canvas(mask, SIZE, None) is mask

    def test_a_mask_of_a_region_lies_at_its_place(self) -> None:
        region = Box(x=10, y=20, width=5, height=6)
        mask = on_canvas(painted((0, 0, 2, 1), width=5, height=6), SIZE, region)
        assert bounds(mask) == Box(x=10, y=20, width=2, height=1)

    def test_new_ground_is_always_repainted(self) -> None:
        region = Box(x=-4, y=5, width=10, height=10)
        values = as_array(on_canvas(painted((6, 0, 7, 1), width=10, height=10), SIZE, region))
        assert values.shape == (30, 44)
        assert (values[:, :4] == 255).all()
        assert numpy.argwhere(values[:, 4:]).tolist() == [[5, 2]]

    def test_a_mask_of_another_size_is_refused(self) -> None:
        with pytest.raises(InvalidRequest, match="the size of the region, 5 × 6"):
            on_canvas(painted(), SIZE, Box(x=0, y=0, width=5, height=6))


def test_a_mask_survives_the_browsers_way_of_writing_it() -> None:
    """Grey with 1 bit per pixel is what small encoders write."""
    out = BytesIO()
    Image.fromarray(as_array(painted((0, 0, 9, 9)))).convert("1").save(out, "PNG", bits=1)
    assert read_mask(out.getvalue(), SIZE) == painted((0, 0, 9, 9))
