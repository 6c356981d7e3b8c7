"""Finding a subject in a rectangle, on drawn pictures whose subject is known to the pixel."""

from __future__ import annotations

import builtins
import io
from collections.abc import Callable

import numpy
import pytest
from PIL import Image, ImageDraw

from flux_studio.errors import ConfigurationError, InvalidRequest
from flux_studio.imaging import as_picture
from flux_studio.imaging.area import Box
from flux_studio.imaging.masks import as_array
from flux_studio.imaging.subject import Stroke, select_subject
from flux_studio.types import Picture


def scene(width: int, height: int, draw: Callable[[ImageDraw.ImageDraw], None], colours=((90, 130, 80), (190, 70, 50))):
    """A picture with grain, and the truth: True where the subject is."""
    noise = numpy.random.default_rng(5).normal(0, 12, (height, width, 3))
    shape = Image.new("L", (width, height), 0)
    draw(ImageDraw.Draw(shape))
    truth = numpy.asarray(shape) > 127
    pixels = numpy.where(truth[..., None], colours[1], colours[0]) + noise
    out = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(numpy.uint8)).save(out, "PNG")
    return as_picture(out.getvalue()), truth


def ellipse(box: tuple[int, int, int, int]) -> Callable[[ImageDraw.ImageDraw], None]:
    return lambda draw: draw.ellipse(box, fill=255)


def star(draw: ImageDraw.ImageDraw) -> None:
    draw.polygon(
        [
            (300, 60),
            (350, 220),
            (520, 230),
            (390, 320),
            (430, 480),
            (300, 380),
            (170, 480),
            (210, 320),
            (80, 230),
            (250, 220),
        ],
        fill=255,
    )


def overlap(picture: Picture, truth: numpy.ndarray, box: Box, strokes=()) -> float:
    """Intersection by union of what was found and what is there."""
    found = as_array(select_subject(picture, box, strokes)) > 127
    real = truth[box.y : box.bottom, box.x : box.right]
    return float((found & real).sum() / (found | real).sum())


@pytest.mark.parametrize(
    ("size", "draw", "box", "least"),
    [
        ((400, 300), ellipse((150, 90, 260, 220)), Box(x=120, y=60, width=170, height=190), 0.97),
        ((600, 540), star, Box(x=60, y=40, width=480, height=460), 0.95),
        ((3000, 2000), ellipse((900, 500, 2100, 1500)), Box(x=750, y=380, width=1500, height=1250), 0.985),
        ((320, 240), ellipse((100, 60, 220, 180)), Box(x=0, y=0, width=320, height=240), 0.95),
    ],
    ids=["ellipse", "star", "six megapixels", "rectangle of the whole picture"],
)
def test_what_stands_out_is_found(size, draw, box, least) -> None:
    picture, truth = scene(*size, draw)
    assert overlap(picture, truth, box) >= least


def test_the_edge_lies_within_a_pixel_of_the_subjects_in_a_large_picture() -> None:
    picture, truth = scene(2400, 1600, ellipse((800, 400, 1600, 1200)))
    box = Box(x=700, y=300, width=1000, height=1000)
    found = as_array(select_subject(picture, box))[500] > 127
    real = numpy.flatnonzero(truth[800, 700:1700])
    marked = numpy.flatnonzero(found)
    assert abs(int(marked[0]) - int(real[0])) <= 2
    assert abs(int(marked[-1]) - int(real[-1])) <= 2


def test_the_same_rectangle_gives_the_same_mask() -> None:
    picture, _ = scene(300, 300, ellipse((90, 90, 210, 210)))
    box = Box(x=60, y=60, width=180, height=180)
    assert select_subject(picture, box) == select_subject(picture, box)


def test_strokes_say_what_belongs_and_what_does_not() -> None:
    def two(draw: ImageDraw.ImageDraw) -> None:
        draw.ellipse((60, 100, 160, 200), fill=255)
        draw.ellipse((240, 100, 340, 200), fill=255)

    picture, truth = scene(400, 300, two)
    box = Box(x=30, y=70, width=340, height=160)
    without = Stroke(include=False, size=40, points=((270, 150), (310, 150)))
    found = as_array(select_subject(picture, box, [without])) > 127
    assert found[80, 80]  # the left one, in pixels of the box
    assert not found[60:100, 240:280].any()
    green = Stroke(include=True, size=30, points=((200, 100),))
    more = as_array(select_subject(picture, box, [green])) > 127
    assert more[30, 170]
    assert not (as_array(select_subject(picture, box)) > 127)[30, 170]
    assert truth[150, 110]


def test_a_rectangle_that_reaches_beyond_the_picture_has_its_size_and_nothing_there() -> None:
    picture, _ = scene(200, 200, ellipse((60, 60, 140, 140)))
    mask = select_subject(picture, Box(x=-20, y=30, width=240, height=140))
    assert (mask.width, mask.height) == (240, 140)
    values = as_array(mask)
    assert values[:, :20].max() == values[:, 220:].max() == 0
    assert values[70, 120] == 255


@pytest.mark.parametrize(
    "box",
    [Box(x=500, y=0, width=50, height=50), Box(x=0, y=0, width=7, height=50), Box(x=0, y=0, width=40_000, height=50)],
)
def test_a_useless_rectangle_is_refused(box) -> None:
    picture, _ = scene(100, 100, ellipse((30, 30, 70, 70)))
    with pytest.raises(InvalidRequest, match=r"box: .* is not possible; allowed: a rectangle of 8 to 30,000 pixels"):
        select_subject(picture, box)


def test_where_nothing_can_be_a_subject_a_sentence_says_what_to_do() -> None:
    picture, _ = scene(100, 100, ellipse((30, 30, 70, 70)))
    everything = Stroke(include=False, size=500, points=((0, 50), (100, 50)))
    with pytest.raises(InvalidRequest, match="No subject was found there"):
        select_subject(picture, Box(x=10, y=10, width=80, height=80), [everything])


def test_without_opencv_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, _ = scene(100, 100, ellipse((30, 30, 70, 70)))
    real = builtins.__import__

    def without(name, *rest):
        if name == "cv2":
            raise ImportError("No module named 'cv2'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigurationError, match="needs OpenCV, which this server does not have"):
        select_subject(picture, Box(x=10, y=10, width=80, height=80))


@pytest.mark.parametrize("mode", ["L", "RGBA", "P"])
def test_grey_transparent_and_indexed_pictures_work_too(mode: str) -> None:
    picture, truth = scene(200, 200, ellipse((60, 60, 140, 140)), colours=((60, 60, 60), (200, 200, 200)))
    out = io.BytesIO()
    Image.open(io.BytesIO(picture.data)).convert(mode).save(out, "PNG")
    assert overlap(as_picture(out.getvalue()), truth, Box(x=40, y=40, width=120, height=120)) >= 0.94
