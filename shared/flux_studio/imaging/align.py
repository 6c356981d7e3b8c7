"""Bring an answer back to the original's place: providers scale, crop and shift by fractions of a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .area import WorkArea
from .window import visible

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .pixels import Pixels
    from .window import Channel

TILES = ((128, 7), (64, 10), (32, 14))
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
        return max(
            abs(self.at(axis, end, length)) for axis, length in enumerate((width, height)) for end in (0, length)
        )


def aligned(answer: Pixels, original: Pixels, strokes: Channel, area: WorkArea, *, enabled: bool = True) -> Pixels:
    """Scale an answer of any size to the visible part of the area, moved so that it lies on the original.

    `original` and `strokes` show the visible part; only what the mask protects is compared. The movement is dropped
    unless the protected pixels fit clearly better with it.
    """
    plain = placed(answer, area, Drift())
    if not enabled:
        return plain
    drift = measured_drift(original, plain, strokes)
    height, width = strokes.shape
    if drift.largest(width, height) < NEGLIGIBLE:
        return plain
    moved = placed(answer, area, drift)
    kept = strokes[::2, ::2] == 0
    before, after = (_difference(original, each, kept) for each in (plain, moved))
    return moved if after < before * BETTER else plain


def placed(answer: Pixels, area: WorkArea, drift: Drift) -> Pixels:
    """Scale the answer, which shows the whole box, to the visible part in one single resampling."""
    import numpy
    from PIL import Image

    seen, box = visible(area), area.box
    rows, columns = answer.shape[:2]
    across, down = columns / box.width, rows / box.height
    left, right = ((end + drift.at(0, end, seen.width) + seen.x - box.x) * across for end in (0, seen.width))
    top, bottom = ((end + drift.at(1, end, seen.height) + seen.y - box.y) * down for end in (0, seen.height))
    reach = int(max(0.0, -left, -top, right - columns, bottom - rows)) + 1
    if reach > 1 or min(left, top) < 0 or right > columns or bottom > rows:
        answer = numpy.pad(answer, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
        left, top, right, bottom = left + reach, top + reach, right + reach, bottom + reach
    image = Image.fromarray(answer)
    source = (left, top, right, bottom)
    return numpy.asarray(image.resize((seen.width, seen.height), Image.Resampling.LANCZOS, box=source))


def measured_drift(original: Pixels, answer: Pixels, strokes: Channel) -> Drift:
    """Measure by phase correlation of protected tiles how the answer is shifted and scaled; none where nothing fits."""
    import numpy

    for side, count in TILES:
        places = _tiles(original, strokes, side, count)
        if len(places) < FEWEST_TILES:
            continue
        moves, peaks = _movements(*(_stacked(pixels, places, side) for pixels in (original, answer)))
        clear = (peaks > CLEAR_PEAK) & (numpy.abs(moves).max(axis=1) < side / 4)
        if numpy.count_nonzero(clear) < FEWEST_TILES:
            continue
        middles = numpy.array(places, float)[clear] + side / 2
        height, width = strokes.shape
        fits = [
            _line(middles[:, axis] - length / 2, moves[clear][:, axis], peaks[clear], length)
            for axis, length in enumerate((width, height))
        ]
        return Drift(shift=(fits[0][0], fits[1][0]), scale=(fits[0][1], fits[1][1]))
    return Drift()


def _tiles(original: Pixels, strokes: Channel, side: int, count: int) -> list[tuple[int, int]]:
    """Corners (x, y) of tiles that are protected throughout and show something."""
    import numpy

    height, width = strokes.shape
    if min(width, height) < side:
        return []
    lefts, tops = ({int(at) for at in numpy.linspace(0, length - side, count)} for length in (width, height))
    return [
        (x, y)
        for y in sorted(tops)
        for x in sorted(lefts)
        if not strokes[y : y + side, x : x + side].any() and original[y : y + side, x : x + side, 1].std() > TEXTURE
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

    differences = numpy.abs(original[::2, ::2].astype(numpy.int16) - answer[::2, ::2])
    return float(differences[kept].mean()) if kept.any() else 0.0
