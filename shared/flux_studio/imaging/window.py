"""The pixels of a work area: what of it lies in the picture, and what stands in for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .area import Box, WorkArea

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from PIL import Image

    from .pixels import Channel, Pixels

NEW_GROUND = 127
"""Grey of what is outside the picture: what a model of the fill family sees under its mask anyway."""
PAPER = 255
"""Transparent parts are shown on white, as in the chat's light theme."""


def visible(area: WorkArea) -> Box:
    """The part of the area's box within the canvas; never empty, because a box contains its mask."""
    return area.box.intersection(area.canvas) or area.canvas


def rows_and_columns(box: Box, origin: Box) -> tuple[slice, slice]:
    """Where a box lies in an array whose first pixel is the corner of `origin`."""
    return slice(box.y - origin.y, box.bottom - origin.y), slice(box.x - origin.x, box.right - origin.x)


def laid_on_canvas(image: Image.Image, area: WorkArea) -> Image.Image:
    """Lay a picture on its canvas; new ground is grey, and opaque where the picture has transparency."""
    from PIL import Image

    if not area.extends:
        return image
    size = (area.canvas.width, area.canvas.height)
    # Pillow makes the opaque grey of the picture's own mode from one shade.
    canvas = Image.new("L", size, NEW_GROUND).convert(image.mode)
    canvas.paste(image, (-area.canvas.x, -area.canvas.y))
    canvas.info = dict(image.info)
    return canvas


def with_new_ground(strokes: Channel, area: WorkArea) -> Channel:
    """The mask of the canvas with 255 wherever there is no original."""
    import numpy

    return strokes if not area.extends else numpy.where(old_ground(area), strokes, numpy.uint8(255))


def old_ground(area: WorkArea) -> NDArray[numpy.bool_]:
    """True where the canvas shows the original."""
    import numpy

    ground = numpy.zeros((area.canvas.height, area.canvas.width), numpy.bool_)
    ground[rows_and_columns(Box.of(area.picture), area.canvas)] = True
    return ground


def flat_window(pixels: Pixels, area: WorkArea) -> Pixels:
    """What a model sees of the visible part: three channels on white paper, new ground grey."""
    import numpy

    seen, frame = visible(area), Box.of(area.picture)
    part = seen.intersection(frame)
    if part == seen:
        return flattened(pixels[rows_and_columns(seen, frame)])
    window = numpy.full((seen.height, seen.width, 3), NEW_GROUND, numpy.uint8)
    if part is not None:
        window[rows_and_columns(part, seen)] = flattened(pixels[rows_and_columns(part, frame)])
    return window


def flattened(pixels: Pixels) -> Pixels:
    """Three channels: grey repeated, transparency laid on white paper."""
    import numpy

    channels = pixels.shape[2]
    if channels == 1:
        return numpy.repeat(pixels, 3, axis=2)
    if channels == 3 or pixels[:, :, 3].min(initial=255) == 255:
        return pixels[:, :, :3]
    opacity = pixels[:, :, 3:].astype(numpy.uint16)
    return over_255(pixels[:, :, :3] * opacity + PAPER * (255 - opacity))


def over_255(products: NDArray[numpy.uint16]) -> Pixels:
    """Divide by 255 and round; exact for every sum of two products that share a weight of 255."""
    import numpy

    products += 128
    products += products >> 8
    products >>= 8
    return products.astype(numpy.uint8)


def mirrored(window: NDArray[Any], area: WorkArea) -> NDArray[Any]:
    """Continue the visible part to the whole box by mirroring it at the edges of the canvas."""
    import numpy

    seen, box = visible(area), area.box
    reach = [(seen.y - box.y, box.bottom - seen.bottom), (seen.x - box.x, box.right - seen.right)]
    if not any(map(any, reach)):
        return window
    return numpy.pad(window, reach + [(0, 0)] * (window.ndim - 2), mode="symmetric")
