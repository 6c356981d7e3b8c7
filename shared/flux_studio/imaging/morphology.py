"""Widen, narrow and soften one-channel pictures; what lies beyond an edge counts as the edge itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Channel = NDArray[numpy.uint8]


def eroded(values: Channel, radius: int) -> Channel:
    """The smallest value of the square of 2 * radius + 1 pixels around each pixel."""
    import numpy

    return _filtered(values, radius, numpy.minimum)


def dilated(values: Channel, radius: int) -> Channel:
    """The largest value of the square of 2 * radius + 1 pixels around each pixel."""
    import numpy

    return _filtered(values, radius, numpy.maximum)


def feathered(values: Channel, softness: int) -> Channel:
    """How much of the new picture shows at each pixel, 0 to 255: 0 where the mask is 0, rising inwards.

    The ramp is 4 * softness pixels wide and lies within the mask. Parts too thin for it get a shorter one, the
    thinnest none, so that no part of a mask fades away. Half-masked pixels stay at most as strong as the mask.
    """
    import numpy

    inside = (values > 0).astype(numpy.uint8) * 255
    weight = numpy.zeros_like(values)
    open_ground = inside.astype(bool)
    while softness >= 1 and open_ground.any():
        core = eroded(inside, 2 * softness)
        wide = dilated(core, 2 * softness) > 0
        # Two box filters of half the reach each: smoother than one, and still 0 outside the mask.
        ramp = _blurred(_blurred(core, softness), softness)
        numpy.copyto(weight, ramp, where=open_ground & wide)
        open_ground &= ~wide
        softness //= 2
    weight[open_ground] = 255
    return numpy.minimum(weight, values)


def _filtered(values: Channel, radius: int, choose: Callable[..., Any]) -> Channel:
    if radius < 1:
        return values
    import numpy

    for _ in range(2):
        padded = numpy.pad(values, ((radius, radius), (0, 0)), mode="edge")
        values = numpy.ascontiguousarray(_slid(padded, 2 * radius + 1, choose).T)
    return values


def _slid(values: Channel, window: int, choose: Callable[..., Any]) -> Channel:
    """Choose over each run of `window` rows, with windows that double in length."""
    rows, span = len(values) - window + 1, 1
    while span * 2 <= window:
        values = choose(values[:-span], values[span:])
        span *= 2
    return choose(values[:rows], values[window - span : window - span + rows])  # type: ignore[no-any-return]


def _blurred(values: Channel, radius: int) -> Channel:
    import numpy
    from PIL import Image, ImageFilter

    return numpy.asarray(Image.fromarray(values).filter(ImageFilter.BoxBlur(radius)))
