"""The line where an answer meets the original: bring the colours together, and measure what is left to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .morphology import dilated

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from .pixels import Channel, Pixels

RING = 32
"""Width in pixels of the surroundings that are compared."""
FEWEST = 64
"""Pixels of a ring that say something about colours."""
LARGEST_SHIFT = 40.0
"""A larger difference of the means (0 to 255) is another motif, not another tone."""
GAINS = (0.8, 1.25)
"""Bounds of the change of contrast."""
VISIBLE_STEP = 6.0
"""Levels (0 to 255) a seam may add to the picture's own steps before it is seen; about 2 % of the range, the
contrast at which people tell neighbouring greys apart in a busy surrounding."""


def colours_matched(answer: Pixels, original: Pixels, strokes: Channel) -> Pixels:
    """Shift and stretch each channel of the answer so that its mean and spread around the mask are the original's.

    Unchanged when there is too little to compare, when the surroundings show something else, or when it would not help.
    """
    import numpy

    ring = _ring(strokes)
    there, here = original[ring].astype(numpy.float32), answer[ring].astype(numpy.float32)
    if len(there) < FEWEST:
        return answer
    spread = numpy.maximum(here.std(axis=0), 1.0)
    gain = numpy.clip(there.std(axis=0) / spread, *GAINS)
    shift = there.mean(axis=0) - here.mean(axis=0)
    if numpy.abs(shift).max() > LARGEST_SHIFT:
        return answer
    levels = numpy.arange(256, dtype=numpy.float32)[:, None]
    table = numpy.rint((levels - here.mean(axis=0)) * gain + there.mean(axis=0)).clip(0, 255).astype(numpy.uint8)
    before = numpy.abs(here - there).mean()
    after = numpy.abs(_looked_up(table, answer[ring]).astype(numpy.float32) - there).mean()
    return _looked_up(table, answer) if after < before else answer


def seam_step(finished: Pixels, strokes: Channel) -> float:
    """How much larger the steps across the mask's border are than the picture's own steps around it, in levels.

    Both arrays have the same rows and columns. 0 means that nothing is left to see; a seam is plainly visible above
    VISIBLE_STEP.
    """
    import numpy

    values = finished[:, :, :3].astype(numpy.int16)
    masked, ring = strokes > 0, _ring(strokes)
    across: list[NDArray[Any]] = []
    own: list[NDArray[Any]] = []
    for axis in (0, 1):
        steps = numpy.abs(numpy.diff(values, axis=axis)).mean(axis=2)
        first, second = (numpy.take(masked, range(*span), axis=axis) for span in _pairs(masked.shape[axis]))
        near = numpy.take(ring, range(*_pairs(ring.shape[axis])[0]), axis=axis)
        across.append(steps[first != second])
        own.append(steps[near & ~first & ~second])
    edge, usual = numpy.concatenate(across), numpy.concatenate(own)
    if not len(edge) or not len(usual):
        return 0.0
    return max(0.0, float(edge.mean() - usual.mean()))


def _ring(strokes: Channel) -> NDArray[numpy.bool_]:
    masked = strokes > 0
    around: NDArray[numpy.bool_] = (dilated(strokes, RING) > 0) & ~masked
    return around


def _pairs(length: int) -> tuple[tuple[int, int], tuple[int, int]]:
    return (0, length - 1), (1, length)


def _looked_up(table: Pixels, pixels: Pixels) -> Pixels:
    import numpy

    return numpy.stack([table[:, channel][pixels[..., channel]] for channel in range(3)], axis=-1)
