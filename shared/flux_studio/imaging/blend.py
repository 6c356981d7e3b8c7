"""Mix an answer into a picture by weights; a weight of 0 leaves every channel as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pixels import image_of, pixels_of
from .window import over_255

if TYPE_CHECKING:
    from PIL import Image

    from .pixels import Channel, Pixels

BRIGHTNESS = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in what a grey picture shows (ITU-R BT.601, as Pillow's L)."""
COLOURFUL = 8
"""Levels between the channels, on average, above which an answer has colour rather than the noise of JPEG."""


def blended(canvas: Image.Image, answer: Pixels, corner: tuple[int, int], weights: Channel) -> Image.Image:
    """Lay the answer (three channels) on the canvas at `corner` (x, y), as far as the weights (0 to 255) say.

    A grey picture stays grey when the answer is, or when its profile is one for grey; else it becomes RGB, whose
    equal channels are the same grey. Paints on the canvas itself where it can, and returns what was painted on.
    """
    if canvas.mode == "L":
        if "icc_profile" not in canvas.info and _is_colourful(answer, weights):
            canvas = canvas.convert("RGB")
        else:
            answer = _grey(answer)
    height, width = weights.shape
    old = pixels_of(canvas.crop((*corner, corner[0] + width, corner[1] + height)))
    mix = _over_transparency if canvas.mode == "RGBA" else _over_opaque
    canvas.paste(image_of(mix(old, answer, weights[:, :, None])), corner)
    return canvas


def _over_opaque(old: Pixels, new: Pixels, weights: Channel) -> Pixels:
    import numpy

    strong = weights.astype(numpy.uint16)
    return over_255(old * (255 - strong) + new * strong)


def _over_transparency(old: Pixels, new: Pixels, weights: Channel) -> Pixels:
    """The answer is opaque; a transparent pixel below counts for its colour only as far as it is visible."""
    import numpy

    share = weights.astype(numpy.float32) / 255
    below = old[:, :, 3:].astype(numpy.float32) / 255 * (1 - share)
    opacity = below + share
    colours = (old[:, :, :3] * below + new * share) / numpy.maximum(opacity, 1e-6)
    mixed = numpy.rint(numpy.concatenate([colours, opacity * 255], axis=2)).astype(numpy.uint8)
    return numpy.where(weights > 0, mixed, old)


def _grey(colours: Pixels) -> Pixels:
    import numpy

    shades: Pixels = numpy.rint(colours @ numpy.array(BRIGHTNESS, numpy.float32)).astype(numpy.uint8)
    return shades[:, :, None]


def _is_colourful(answer: Pixels, weights: Channel) -> bool:
    import numpy

    shown = answer[weights > 0]
    if not len(shown):
        return False
    return bool((shown.max(axis=1).astype(numpy.int16) - shown.min(axis=1)).mean() > COLOURFUL)
