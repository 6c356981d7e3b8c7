"""Mix an answer into a picture by weights; a weight of 0 leaves every channel as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pixels import Decoded, is_colourful
from .window import over_255

if TYPE_CHECKING:
    from .pixels import Pixels
    from .window import Channel

BRIGHTNESS = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in what a grey picture shows (ITU-R BT.601, as Pillow's L)."""


def blended(canvas: Decoded, answer: Pixels, place: tuple[slice, slice], weights: Channel) -> Decoded:
    """Change `canvas` at `place` to the answer (three channels), where and as far as the weights (0 to 255) say.

    A grey picture stays grey when the answer is, or when its profile is one for grey; else it becomes RGB, whose
    equal channels are the same grey. Writes into the canvas where it can.
    """
    import numpy

    pixels, touched = canvas.pixels, weights > 0
    if pixels.shape[2] == 1:
        if canvas.profile is None and is_colourful(answer[touched]):
            pixels = numpy.repeat(pixels, 3, axis=2)
        else:
            answer = numpy.rint(answer @ numpy.array(BRIGHTNESS, numpy.float32)).astype(numpy.uint8)[:, :, None]
    window = pixels[place]
    mix = _over_transparency if pixels.shape[2] == 4 else _over_opaque
    window[touched] = mix(window[touched], answer[touched], weights[touched][:, None])
    return Decoded(pixels=pixels, profile=canvas.profile)


def _over_opaque(old: Pixels, new: Pixels, weights: Pixels) -> Pixels:
    import numpy

    strong = weights.astype(numpy.uint16)
    return over_255(old * (255 - strong) + new * strong)


def _over_transparency(old: Pixels, new: Pixels, weights: Pixels) -> Pixels:
    """The answer is opaque; a transparent pixel below counts for its colour only as far as it is visible."""
    import numpy

    share = weights.astype(numpy.float32) / 255
    below = old[:, 3:].astype(numpy.float32) / 255 * (1 - share)
    opacity = below + share
    colours = (old[:, :3] * below + new * share) / opacity
    mixed: Pixels = numpy.rint(numpy.concatenate([colours, opacity * 255], axis=1)).astype(numpy.uint8)
    return mixed
