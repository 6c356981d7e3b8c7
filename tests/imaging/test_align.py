"""Alignment: what a provider moved or scaled is found on protected pixels and undone, else left alone."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy
import pytest
from PIL import Image

from flux_studio.imaging.align import Drift, aligned, measured_drift, placed
from flux_studio.imaging.area import Box, WorkArea
from flux_studio.imaging.seam import LARGEST_SHIFT, colours_matched, seam_step
from flux_studio.types import Size

SIDE = 512


def texture(seed: int = 3, side: int = SIDE + 64) -> Any:
    """Structure at all scales, as a photograph has."""
    rng = numpy.random.default_rng(seed)
    total = numpy.zeros((side, side, 3))
    for cells, strength in ((6, 80), (24, 50), (96, 30), (288, 12)):
        coarse = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=numpy.uint8))
        total += (numpy.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC)) / 255.0 - 0.5) * strength
    return (128 + total).clip(0, 255).astype(numpy.uint8)


def moved(pixels: Any, across: float, down: float, scale: float = 1.0) -> Any:
    """The middle SIDE x SIDE pixels, their content moved and scaled around the middle."""
    edge, reach = 32 + SIDE / 2, SIDE / 2 / scale
    source = (edge - across / scale - reach, edge - down / scale - reach)
    box = (*source, source[0] + 2 * reach, source[1] + 2 * reach)
    return numpy.asarray(Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box))


def as_jpeg(pixels: Any, quality: int = 85) -> Any:
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return numpy.asarray(Image.open(out))


def area() -> WorkArea:
    size, box = Size(width=SIDE, height=SIDE), Box(x=0, y=0, width=SIDE, height=SIDE)
    return WorkArea(picture=size, canvas=box, box=box, sent=size)


@pytest.fixture
def strokes() -> Any:
    values = numpy.zeros((SIDE, SIDE), numpy.uint8)
    values[180:330, 150:380] = 255
    return values


ORIGINAL = moved(texture(), 0, 0)
DRIFTS = [(0.0, 0.0, 1.0), (3.0, -2.0, 1.0), (0.5, 0.25, 1.0), (-7.3, 11.6, 1.0), (1.0, 2.0, 1.01), (0.0, 0.0, 0.985)]


@pytest.mark.parametrize(("across", "down", "scale"), DRIFTS)
def test_shift_and_scale_are_measured_to_a_tenth_of_a_pixel(
    strokes: Any, across: float, down: float, scale: float
) -> None:
    answer = as_jpeg(moved(texture(), across, down, scale))
    answer = numpy.where(strokes[:, :, None] > 0, 200, answer).astype(numpy.uint8)
    drift = measured_drift(ORIGINAL, answer, strokes == 0)
    for end in (0, SIDE / 2, SIDE):
        expected = (end - SIDE / 2) * (scale - 1)
        assert drift.at(0, end, SIDE) == pytest.approx(across + expected, abs=0.1 + abs(scale - 1) * 15)
        assert drift.at(1, end, SIDE) == pytest.approx(down + expected, abs=0.1 + abs(scale - 1) * 15)


@pytest.mark.parametrize(("across", "down", "scale"), DRIFTS[1:])
def test_the_answer_comes_back_to_its_place(strokes: Any, across: float, down: float, scale: float) -> None:
    answer = as_jpeg(moved(texture(), across, down, scale))
    back = aligned(answer, ORIGINAL, strokes, area())
    inner = numpy.s_[24:-24, 24:-24]
    error = [abs(each[inner].astype(int) - ORIGINAL[inner]).mean() for each in (answer, back, as_jpeg(ORIGINAL))]
    assert error[1] < error[0]
    assert error[1] < error[2] * 1.3  # what JPEG alone costs


def test_an_answer_in_place_is_not_resampled(strokes: Any) -> None:
    answer = as_jpeg(ORIGINAL)
    assert (aligned(answer, ORIGINAL, strokes, area()) == answer).all()


def test_another_motif_is_not_moved(strokes: Any) -> None:
    answer = moved(texture(seed=99), 0, 0)
    assert (aligned(answer, ORIGINAL, strokes, area()) == answer).all()


def test_a_movement_that_does_not_help_is_refused(strokes: Any) -> None:
    """Half of the tiles moved one way, half the other: no single movement makes it fit."""
    left, right = moved(texture(), 6, 0), moved(texture(), -6, 0)
    answer = numpy.concatenate([left[:, : SIDE // 2], right[:, SIDE // 2 :]], axis=1)
    rows = numpy.arange(SIDE) % 128 < 64
    answer[rows] = numpy.concatenate([right[:, : SIDE // 2], left[:, SIDE // 2 :]], axis=1)[rows]
    result = aligned(answer, ORIGINAL, strokes, area())
    errors = [abs(each.astype(int) - ORIGINAL)[strokes == 0].mean() for each in (answer, result)]
    assert errors[1] <= errors[0]


@pytest.mark.parametrize("shade", [0, 255])
def test_a_plain_picture_gives_nothing_to_compare(strokes: Any, shade: int) -> None:
    flat = numpy.full((SIDE, SIDE, 3), shade, numpy.uint8)
    assert measured_drift(flat, flat, strokes == 0) == Drift()


def test_a_large_area_is_measured_small_and_moved_at_full_size() -> None:
    large = numpy.asarray(Image.fromarray(texture(side=2200)))
    size, box = Size(width=2200, height=2200), Box(x=0, y=0, width=2200, height=2200)
    wide = WorkArea(picture=size, canvas=box, box=box, sent=size)
    marks = numpy.zeros((2200, 2200), numpy.uint8)
    marks[900:1300, 800:1400] = 255
    seen = Box(x=700, y=800, width=800, height=600)
    back = aligned(numpy.roll(large, (5, -4), (0, 1)), large, marks, wide, seen)
    assert abs(back.astype(int) - large[800:1400, 700:1500]).mean() < 1.5


def test_switched_off_it_only_scales(strokes: Any) -> None:
    answer = moved(texture(), 5, 5)
    assert (aligned(answer, ORIGINAL, strokes, area(), enabled=False) == answer).all()


def test_everything_masked_leaves_nothing_to_compare() -> None:
    everything = numpy.full((SIDE, SIDE), 255, numpy.uint8)
    assert measured_drift(ORIGINAL, moved(texture(), 5, 5), everything == 0) == Drift()


def test_only_the_visible_part_of_a_box_beyond_the_picture_is_used() -> None:
    picture = Box(x=0, y=0, width=500, height=512)
    beyond = WorkArea(
        picture=picture.size,
        canvas=picture,
        box=Box(x=-6, y=0, width=SIDE, height=SIDE),
        sent=Size(width=SIDE, height=SIDE),
    )
    assert (placed(ORIGINAL, beyond, Drift()) == ORIGINAL[:, 6:506]).all()


class TestColours:
    def test_tone_and_contrast_of_the_surroundings_are_taken_over(self, strokes: Any) -> None:
        answer = (ORIGINAL * 0.9 + 20).clip(0, 255).astype(numpy.uint8)
        matched = colours_matched(answer, ORIGINAL, strokes)
        masked = strokes > 0
        assert abs(matched[masked].mean(axis=0) - ORIGINAL[masked].mean(axis=0)).max() < 1.5
        assert abs(matched.astype(int) - ORIGINAL)[masked].mean() < 1.5

    def test_a_colour_cast_goes_away(self, strokes: Any) -> None:
        answer = (ORIGINAL.astype(int) + numpy.array([12, -6, 9])).clip(0, 255).astype(numpy.uint8)
        matched = colours_matched(answer, ORIGINAL, strokes)
        assert abs(matched.astype(int) - ORIGINAL)[strokes > 0].mean() < 1

    def test_another_motif_keeps_its_colours(self, strokes: Any) -> None:
        answer = (ORIGINAL.astype(int) + LARGEST_SHIFT + 20).clip(0, 255).astype(numpy.uint8)
        assert colours_matched(answer, ORIGINAL, strokes) is answer

    def test_without_surroundings_nothing_is_matched(self) -> None:
        everything = numpy.full((SIDE, SIDE), 255, numpy.uint8)
        assert colours_matched(ORIGINAL, ORIGINAL[::-1], everything) is ORIGINAL

    def test_equal_colours_stay_as_they_are(self, strokes: Any) -> None:
        assert (colours_matched(ORIGINAL, ORIGINAL, strokes) == ORIGINAL).all()


class TestSeam:
    def test_an_untouched_picture_has_none(self, strokes: Any) -> None:
        assert seam_step(ORIGINAL, strokes) < 0.5

    def test_a_step_is_measured_in_levels(self, strokes: Any) -> None:
        flat = numpy.full((SIDE, SIDE, 3), 100, numpy.uint8)
        flat[strokes > 0] = 130
        assert seam_step(flat, strokes) == pytest.approx(30)

    def test_without_a_border_there_is_no_seam(self) -> None:
        assert seam_step(ORIGINAL, numpy.full((SIDE, SIDE), 255, numpy.uint8)) == 0
