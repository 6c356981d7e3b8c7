"""Find the subject within a rectangle: GrabCut at a bounded size, then edges drawn along those of the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, InvalidRequest
from ..types import Mask, Picture
from .area import Box
from .masks import from_array
from .pixels import decode, three_channels

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Channel = NDArray[numpy.uint8]

LEAST_SIDE = 8
"""Pixels; a smaller rectangle is a slip of the hand."""
LONGEST_SIDE = 30_000
"""Pixels; OpenCV's transformations end at 32,767."""
WORK_PIXELS = 200_000
"""Pixels GrabCut works on (about a second on one core), whatever the size of the rectangle."""
ROUNDS = 5
"""Rounds of GrabCut (Rother, Kolmogorov, Blake 2004); more change nothing that can be seen."""
MARGIN = 0.2
"""Surroundings the colours of the background are learned from, as a share of the rectangle's sides."""
RIM = 0.02
"""Where the rectangle meets the picture's edge, this share of its side counts as background instead."""
SPECK = 0.02
"""Parts smaller than this share of the largest one are dropped."""
EDGE_RADIUS = 4
"""Pixels at the working size within which the guided filter (He, Sun, Tang 2013) may move an edge."""
EDGE_EPSILON = 0.02
"""Variance, with subject and background 1 apart, from which on the guided filter sees an edge."""
STRIP = 512
"""Rows refined at once, so that memory stays small."""

WHOLE = (0, 0, 0, 0)
"""GrabCut's own rectangle, which it does not look at when labels are given."""
MISSING = "Selecting a subject needs OpenCV, which this server does not have; use the lasso or the brush instead."
NOTHING = "No subject was found there: draw the rectangle a little larger than the subject, with background around it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """What a person painted to help: it belongs to the subject, or it does not."""

    include: bool
    size: float
    """Diameter in picture pixels."""
    points: tuple[tuple[float, float], ...]
    """In picture pixels, at least one."""


def select_subject(picture: Picture, box: Box, strokes: Sequence[Stroke] = ()) -> Mask:
    """Return the mask of the subject, of the box's size, 255 = subject with smooth edges. Takes a second: use a thread.

    Equal input gives an equal mask. Raises InvalidRequest (field "box" when it lies outside the picture or is too
    small, or when nothing is found; field "picture" for damaged data) and ConfigurationError without OpenCV.
    """
    _require_opencv()
    inside = box.intersection(Box.of(picture.size))
    if inside is None or min(box.width, box.height) < LEAST_SIDE or max(box.width, box.height) > LONGEST_SIDE:
        allowed = f"a rectangle of {LEAST_SIDE} to {LONGEST_SIDE:,} pixels that meets the picture"
        raise InvalidRequest("box", f"{box.width} × {box.height} at {box.x}, {box.y}", allowed)
    around = _surroundings(inside, picture)
    pixels = three_channels(decode(picture).pixels[around.y : around.bottom, around.x : around.right])
    found = _cut(pixels, inside, around, strokes)
    refined = _refined(found, pixels)
    return from_array(_of_box(refined, box, inside, around))


def _require_opencv() -> None:
    try:
        import cv2  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(MISSING, detail=str(error)) from error


def _surroundings(box: Box, picture: Picture) -> Box:
    across, down = (max(4, math.ceil(MARGIN * side)) for side in (box.width, box.height))
    wide = Box.between(box.x - across, box.y - down, box.right + across, box.bottom + down)
    return wide.intersection(Box.of(picture.size)) or box


def _cut(pixels: NDArray[Any], box: Box, around: Box, strokes: Sequence[Stroke]) -> Channel:
    """Run GrabCut on a smaller picture; 255 = subject, at that size."""
    import cv2
    import numpy

    scale = min(1.0, math.sqrt(WORK_PIXELS / around.size.pixels))
    size = max(2, round(around.width * scale)), max(2, round(around.height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    labels = _labels(size, box, around, strokes)
    # Its colour models start from random samples.
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(small, labels, WHOLE, numpy.zeros((1, 65)), numpy.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
    except cv2.error as error:
        raise InvalidRequest("box", box.to_json(), "a subject", sentence=NOTHING, detail=str(error)) from error
    found = numpy.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(numpy.uint8) * 255
    found = _without_specks(found, labels == cv2.GC_FGD)
    if not found.any():
        raise InvalidRequest("box", box.to_json(), "a subject", sentence=NOTHING)
    return found


def _labels(size: tuple[int, int], box: Box, around: Box, strokes: Sequence[Stroke]) -> Channel:
    """What GrabCut starts from: background outside the box and under strokes that say so, else perhaps subject."""
    import cv2
    import numpy

    across, down = size[0] / around.width, size[1] / around.height
    left, top = round((box.x - around.x) * across), round((box.y - around.y) * down)
    right, bottom = round((box.right - around.x) * across), round((box.bottom - around.y) * down)
    rim_x, rim_y = (max(1, round(RIM * side)) for side in (right - left, bottom - top))
    left, right = max(left, rim_x), min(right, size[0] - rim_x)
    top, bottom = max(top, rim_y), min(bottom, size[1] - rim_y)
    labels = numpy.full((size[1], size[0]), cv2.GC_BGD, numpy.uint8)
    labels[top:bottom, left:right] = cv2.GC_PR_FGD
    for stroke in strokes:
        path = numpy.array([((x - around.x) * across, (y - around.y) * down) for x, y in stroke.points])
        path = numpy.clip(path, -size[0] - size[1], 2 * (size[0] + size[1])).round().astype(numpy.int32)
        label, thick = (cv2.GC_FGD if stroke.include else cv2.GC_BGD), max(1, round(stroke.size * across))
        cv2.polylines(labels, [path.reshape(-1, 1, 2)], False, label, thick)
        cv2.circle(labels, path[-1].tolist(), thick // 2, label, -1)
    return labels


def _without_specks(found: Channel, wished: NDArray[Any]) -> Channel:
    """Drop small parts but those somebody painted on, and fill small holes."""
    import cv2
    import numpy

    for value in (255, 0):
        count, parts, facts, _ = cv2.connectedComponentsWithStats((found == value).astype(numpy.uint8), connectivity=4)
        sizes = facts[:, cv2.CC_STAT_AREA]
        least = SPECK * max(sizes[1:], default=0)
        small = sizes < least
        small[0] = False
        if value:
            small[numpy.unique(parts[wished])] = False
        if count > 1:
            found[small[parts]] = 255 - value
    return found


def _refined(found: Channel, pixels: NDArray[Any]) -> Channel:
    """Bring the mask to the picture's own size, its edge to the nearest edge of colour (fast guided filter)."""
    import cv2
    import numpy

    height, width = pixels.shape[:2]
    rows, columns = found.shape
    small = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    telling = _telling_colour(small, found)
    slope, offset = _guided(small @ telling, found.astype(numpy.float32) / 255)
    refined = numpy.empty((height, width), numpy.uint8)
    for top in range(0, height, STRIP):
        lines = min(STRIP, height - top)
        share = _enlarged(slope, top, lines, width, height) * (pixels[top : top + lines] @ telling)
        share += _enlarged(offset, top, lines, width, height)
        # Half a mask is where the edge is; a quarter to either side it is all or nothing.
        refined[top : top + lines] = numpy.clip((share - 0.5) * 2 + 0.5, 0, 1) * 255 + 0.5
    return refined


def _enlarged(small: NDArray[Any], top: int, lines: int, width: int, height: int) -> NDArray[Any]:
    """Some rows of the small picture brought to width and height."""
    import cv2
    import numpy

    across, down = small.shape[1] / width, small.shape[0] / height
    place = numpy.array([[across, 0, across / 2 - 0.5], [0, down, (top + 0.5) * down - 0.5]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return numpy.asarray(cv2.warpAffine(small, place, (width, lines), flags=how, borderMode=cv2.BORDER_REPLICATE))


def _telling_colour(pixels: NDArray[Any], found: Channel) -> NDArray[Any]:
    """The mixture of red, green and blue that tells the subject from what is next to it (Fisher's discriminant).

    Scaled so that the two differ by about 1.
    """
    import cv2
    import numpy

    near = numpy.ones((4 * EDGE_RADIUS + 1, 4 * EDGE_RADIUS + 1), numpy.uint8)
    inner = pixels[(found == 255) & (cv2.erode(found, near) == 0)].astype(numpy.float64)
    outer = pixels[(found == 0) & (cv2.dilate(found, near) == 255)].astype(numpy.float64)
    if len(inner) < 2 or len(outer) < 2:
        return numpy.full(3, 1 / 765, numpy.float32)
    apart = inner.mean(axis=0) - outer.mean(axis=0)
    spread = numpy.cov(inner, rowvar=False) + numpy.cov(outer, rowvar=False) + numpy.eye(3)
    mixture = numpy.linalg.solve(spread, apart)
    return (mixture / max(float(mixture @ apart), 1e-6)).astype(numpy.float32)


def _guided(guide: NDArray[Any], values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Slope and offset by which, around each pixel, the guide tells the values best."""
    import cv2

    def mean(rows: NDArray[Any]) -> NDArray[Any]:
        return cv2.blur(rows, (2 * EDGE_RADIUS + 1, 2 * EDGE_RADIUS + 1))

    middle, average = mean(guide), mean(values)
    spread = mean(guide * guide) - middle * middle
    slope = (mean(guide * values) - middle * average) / (spread + EDGE_EPSILON)
    offset = average - slope * middle
    return mean(slope), mean(offset)


def _of_box(values: Channel, box: Box, inside: Box, around: Box) -> Channel:
    """Cut the box out of its surroundings; beyond the picture there is nothing."""
    import numpy

    result = numpy.zeros((box.height, box.width), numpy.uint8)
    part = values[inside.y - around.y : inside.bottom - around.y, inside.x - around.x : inside.right - around.x]
    result[inside.y - box.y : inside.bottom - box.y, inside.x - box.x : inside.right - box.x] = part
    return result
