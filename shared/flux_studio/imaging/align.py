"""Bring an answer back to the original's place: providers scale, crop and shift by fractions of a pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .area import Box, WorkArea
from .window import visible

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .pixels import Channel, Pixels

    Source = tuple[float, float, float, float]

TILES = ((128, 6), (64, 10), (32, 14))
"""Side of the tiles that are compared and how many are laid along each side; smaller ones where larger find no room."""
FEWEST_TILES = 4
TEXTURE = 3.0
"""Standard deviation (levels) below which a tile shows nothing that could be found again."""
FREQUENCIES = 0.1
"""Width of the low-pass in cycles per pixel: its peak is a Gaussian of 1.6 pixels, and the noise of JPEG is outside."""
CLEAR_PEAK = 0.2
"""Share of a perfect peak below which two tiles show different things."""
LARGEST_SCALE = 0.05
NEGLIGIBLE = 0.04
"""Pixels of movement that no eye and no blend can tell from none."""
MEASURED_SIDE = 1024
"""Longest side in pixels at which the drift is measured."""
BETTER = 0.97
"""An alignment counts when the remaining difference is below this share of the difference without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far an answer lies from its place, in pixels: `shift` in the middle, `scale` more per pixel away from it."""

    shift: tuple[float, float] = (0.0, 0.0)
    """Across and down."""
    scale: tuple[float, float] = (0.0, 0.0)

    def at(self, axis: int, position: float, length: int) -> float:
        """The drift at a position along an axis (0 across, 1 down) of this length."""
        return self.shift[axis] + self.scale[axis] * (position - length / 2)

    def largest(self, width: int, height: int) -> float:
        """The longest way anything goes along an axis, in a part of this size."""
        return max(
            abs(self.at(axis, end, length)) for axis, length in enumerate((width, height)) for end in (0, length)
        )

    def enlarged(self, across: float, down: float) -> Drift:
        """The same drift in smaller pixels: so many of them to one."""
        return Drift(shift=(self.shift[0] * across, self.shift[1] * down), scale=self.scale)


def aligned(
    answer: Pixels, original: Pixels, strokes: Channel, area: WorkArea, seen: Box | None = None, *, enabled: bool = True
) -> Pixels:
    """Scale an answer of any size to a part of the area's box, moved so that it lies on the original.

    `original` and `strokes` show the visible part of the box, `seen` the part that is wanted (None = all of it). Only
    what the mask protects is compared; the movement is dropped unless that fits clearly better with it.
    """
    drift = _useful_drift(answer, original, strokes, area) if enabled else Drift()
    return placed(answer, area, drift, seen or visible(area))


def _useful_drift(answer: Pixels, original: Pixels, strokes: Channel, area: WorkArea) -> Drift:
    """Measure at a smaller size, which is enough for a twentieth of a pixel; no drift where it would not help."""
    from PIL import Image

    height, width = strokes.shape
    fewer = max(1, math.ceil(max(width, height) / MEASURED_SIDE))
    small = (max(1, width // fewer), max(1, height // fewer))
    there, kept = (_resized(each, small, Image.Resampling.BOX) for each in (original, strokes))
    kept = kept == 0
    whole = visible(area)
    plain = placed(answer, area, Drift(), whole, small)
    drift = measured_drift(there, plain, kept).enlarged(width / small[0], height / small[1])
    if drift.largest(width, height) < NEGLIGIBLE:
        return Drift()
    moved = placed(answer, area, drift, whole, small)
    before, after = (_difference(there, each, kept) for each in (plain, moved))
    return drift if after < before * BETTER else Drift()


def placed(
    answer: Pixels, area: WorkArea, drift: Drift, seen: Box | None = None, size: tuple[int, int] | None = None
) -> Pixels:
    """Scale what the answer, which shows the whole box, has of the part `seen`, in one single resampling."""
    import numpy
    from PIL import Image

    whole, box = visible(area), area.box
    seen = seen or whole
    rows, columns = answer.shape[:2]
    across, down = columns / box.width, rows / box.height
    left, right = ((end + drift.at(0, end - whole.x, whole.width) - box.x) * across for end in (seen.x, seen.right))
    top, bottom = ((end + drift.at(1, end - whole.y, whole.height) - box.y) * down for end in (seen.y, seen.bottom))
    reach = math.ceil(max(0.0, -left, -top, right - columns, bottom - rows))
    if reach:
        answer = numpy.pad(answer, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    source = (left + reach, top + reach, right + reach, bottom + reach)
    part: Pixels = _resized(answer, size or (seen.width, seen.height), Image.Resampling.LANCZOS, source)
    return part


def _resized(pixels: NDArray[Any], size: tuple[int, int], way: Any, source: Source | None = None) -> Any:
    import numpy
    from PIL import Image

    return numpy.asarray(Image.fromarray(pixels).resize(size, way, box=source))


def measured_drift(original: Pixels, answer: Pixels, kept: NDArray[Any]) -> Drift:
    """Measure by phase correlation of protected tiles how the answer is shifted and scaled; none where nothing fits."""
    import numpy

    for side, count in TILES:
        places = _tiles(original, kept, side, count)
        if len(places) < FEWEST_TILES:
            continue
        moves, peaks = _movements(*(_stacked(pixels, places, side) for pixels in (original, answer)))
        clear = (peaks > CLEAR_PEAK) & (numpy.abs(moves).max(axis=1) < side / 4)
        if numpy.count_nonzero(clear) < FEWEST_TILES:
            continue
        middles = numpy.array(places, float)[clear] + side / 2
        height, width = kept.shape
        fits = [
            _line(middles[:, axis] - length / 2, moves[clear][:, axis], peaks[clear], length)
            for axis, length in enumerate((width, height))
        ]
        return Drift(shift=(fits[0][0], fits[1][0]), scale=(fits[0][1], fits[1][1]))
    return Drift()


def _tiles(original: Pixels, kept: NDArray[Any], side: int, count: int) -> list[tuple[int, int]]:
    """Corners (x, y) of tiles that are protected throughout and show something."""
    import numpy

    height, width = kept.shape
    if min(width, height) < side:
        return []
    lefts, tops = ({int(at) for at in numpy.linspace(0, length - side, count)} for length in (width, height))
    return [
        (x, y)
        for y in sorted(tops)
        for x in sorted(lefts)
        if kept[y : y + side, x : x + side].all() and original[y : y + side, x : x + side, 1].std() > TEXTURE
    ]


def _stacked(pixels: Pixels, places: list[tuple[int, int]], side: int) -> NDArray[Any]:
    """Brightness of all tiles without their mean, faded out at the edges, as tiles x rows x columns."""
    import numpy

    tiles = numpy.stack([pixels[y : y + side, x : x + side].sum(axis=2, dtype=numpy.float32) for x, y in places])
    fade = numpy.hanning(side).astype(numpy.float32)
    faded: NDArray[Any] = (tiles - tiles.mean(axis=(1, 2), keepdims=True)) * (fade[:, None] * fade)
    return faded


def _movements(there: NDArray[Any], here: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return how far each tile moved (across, down, in fractions of a pixel) and how clear that is (1 = identical)."""
    import numpy

    side = there.shape[1]
    cross = numpy.fft.rfft2(here) * numpy.conj(numpy.fft.rfft2(there))
    rows, columns = numpy.fft.fftfreq(side)[:, None], numpy.fft.rfftfreq(side)
    low_pass = numpy.exp(-(rows**2 + columns**2) / (2 * FREQUENCIES**2))
    surface = numpy.fft.irfft2(cross / (numpy.abs(cross) + 1e-6) * low_pass, s=(side, side))
    perfect = numpy.fft.irfft2(low_pass, s=(side, side))[0, 0]
    tiles = numpy.arange(len(there))
    top, left = numpy.divmod(surface.reshape(len(there), -1).argmax(axis=1), side)
    across = left + _vertex(*(surface[tiles, top, (left + step) % side] for step in (-1, 0, 1)))
    down = top + _vertex(*(surface[tiles, (top + step) % side, left] for step in (-1, 0, 1)))
    moves = numpy.stack([across, down], axis=1)
    return (moves + side / 2) % side - side / 2, surface[tiles, top, left] / perfect


def _vertex(before: NDArray[Any], peak: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
    """Where between three neighbours a Gaussian has its top, -0.5 to 0.5 from the middle one."""
    import numpy

    low, middle, high = (numpy.log(numpy.maximum(values, 1e-9)) for values in (before, peak, after))
    bend = low - 2 * middle + high
    return numpy.clip(numpy.where(bend < 0, (low - high) / (2 * numpy.minimum(bend, -1e-9)), 0.0), -0.5, 0.5)


def _line(positions: NDArray[Any], moves: NDArray[Any], weights: NDArray[Any], length: int) -> tuple[float, float]:
    """Fit moves = shift + scale * position, letting outliers fade; no scale where the tiles lie close together."""
    import numpy

    spread = len(positions) >= 6 and numpy.ptp(positions) > length / 3
    terms = numpy.stack([numpy.ones_like(positions), positions], axis=1)[:, : 1 + spread]
    trust = weights.copy()
    found = numpy.array([float(numpy.median(moves)), 0.0][: 1 + spread])
    for _ in range(5):
        rest = numpy.abs(moves - terms @ found)
        trust = weights / (1 + (rest / max(0.1, 1.5 * float(numpy.median(rest)))) ** 2)
        root = numpy.sqrt(trust)
        found = numpy.linalg.lstsq(terms * root[:, None], moves * root, rcond=None)[0]
    scale = float(found[1]) if spread else 0.0
    return (float(found[0]), scale) if abs(scale) <= LARGEST_SCALE else (float(numpy.median(moves)), 0.0)


def _difference(original: Pixels, answer: Pixels, kept: NDArray[Any]) -> float:
    import numpy

    shown = kept[::2, ::2]
    differences = numpy.abs(original[::2, ::2].astype(numpy.int16) - answer[::2, ::2])
    return float(differences[shown].mean()) if shown.any() else 0.0
