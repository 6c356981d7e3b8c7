"""Cut out what a model gets, and paste its answer back so that no protected pixel changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InvalidRequest
from ..types import Mask, Picture
from .align import aligned
from .area import Box, WorkArea
from .blend import blended
from .masks import as_array, bounds, from_array
from .morphology import feathered
from .pixels import Decoded, decode, encode, three_channels
from .proof import proven
from .seam import RING, colours_matched
from .window import (
    flat_window,
    flattened,
    laid_on_canvas,
    mirrored,
    old_ground,
    rows_and_columns,
    visible,
    with_new_ground,
)

if TYPE_CHECKING:
    from PIL import Image

    from .pixels import Channel, Pixels

SOFTEST = 6
"""Largest softness of the seam: its ramp is four times as wide, 24 pixels."""
SIDE_PER_SOFTNESS = 128
"""Pixels of the mask's longer side for each step of softness: a mask of 500 pixels gets a ramp of 12."""
WIDEST_SEAM = 64
"""Pixels a seam may be wide when a person chooses its width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """A finished picture with its proof."""

    picture: Picture
    """PNG with the original's profile and transparency."""
    protected: int
    """Pixels of the original whose mask value is 0."""
    changed: int
    """How many of them differ in the finished file after decoding it; always 0."""


def cut_out(original: Picture, mask: Mask, area: WorkArea) -> tuple[Picture, Mask]:
    """Return the picture and mask to send, both of `area.sent`: an RGB PNG without profile, and 0 or 255.

    The mask has the size of the area's canvas; the least touch of the brush is sent as 255. Colours are not converted
    by the profile, so what comes back fits the original's. `edit.request_for` puts it into a request, or what else a
    model takes instead of a mask. Raises InvalidRequest (fields "picture", "mask").
    """
    import numpy
    from PIL import Image

    _require_fitting(original, mask, area)
    size = (area.sent.width, area.sent.height)
    strokes = with_new_ground(as_array(mask), area)[rows_and_columns(visible(area), area.canvas)]
    smooth = Image.fromarray(mirrored(strokes, area)).resize(size, Image.Resampling.BOX)
    part = mirrored(flat_window(decode(original).pixels, area), area)
    return _scaled(part, size), from_array((numpy.asarray(smooth) > 0) * 255)


def cut_picture(original: Picture, area: WorkArea) -> Picture:
    """Return only the original's part of the area, of the size of `area.inside`: for models that extend a picture."""
    frame = Box.of(area.picture)
    part = area.box.intersection(frame) or frame
    pixels = flattened(decode(original).pixels[rows_and_columns(part, frame)])
    return _scaled(pixels, (area.inside.width, area.inside.height))


def paste_back(
    original: Picture,
    result: Picture,
    mask: Mask,
    area: WorkArea,
    *,
    align: bool = True,
    match_colour: bool = True,
    seam: int | None = None,
) -> Pasted:
    """Blend a model's answer into the original through the feathered mask; where the mask is 0, every bit stays.

    The mask has the size of the area's canvas; what the canvas adds to the picture always comes from the answer. The
    answer may have any size: it is scaled to the area's box, moved back by `align` and brought to the colours around
    the mask by `match_colour`, each only where that makes it fit better. `seam` is the width of the blend inside the
    mask, 0 to WIDEST_SEAM pixels in steps of 4, None = chosen by the size of the mask.
    Raises InvalidRequest (fields "picture", "mask").
    """
    _require_fitting(original, mask, area)
    before, answer = decode(original), three_channels(decode(result).pixels)
    strokes = with_new_ground(as_array(mask), area)
    finished = _finished(before, answer, strokes, area, _Wishes(align=align, colour=match_colour, seam=seam))
    picture = encode(finished)
    proof = proven(before.pixels, decode(picture).pixels, strokes, area)
    return Pasted(picture=picture, protected=proof.protected, changed=proof.changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wishes:
    align: bool
    colour: bool
    seam: int | None


def _finished(before: Decoded, answer: Pixels, strokes: Channel, area: WorkArea, wishes: _Wishes) -> Image.Image:
    """Paste at the level of pixels: no encoding, no decoding. Paints on `before.image`."""
    seen, canvas = visible(area), laid_on_canvas(before.image, area)
    window, marks = flat_window(before.pixels, area), strokes[rows_and_columns(seen, area.canvas)]
    focus = _focus(marks, seen)
    if focus is None:
        return canvas
    part = rows_and_columns(focus, seen)
    answer = aligned(answer, window, marks, area, focus, enabled=wishes.align)
    if wishes.colour:
        answer = colours_matched(answer, window[part], marks[part])
    weights = _weights(marks[part], rows_and_columns(focus, area.canvas), area, wishes.seam)
    return blended(canvas, answer, (focus.x - area.canvas.x, focus.y - area.canvas.y), weights)


def _focus(marks: Channel, seen: Box) -> Box | None:
    """What there is to work on: everything marked, with the ring around it that colours are compared on."""
    marked = bounds(from_array(marks))
    if marked is None:
        return None
    wide = Box.between(marked.x - RING, marked.y - RING, marked.right + RING, marked.bottom + RING)
    return wide.moved(seen.x, seen.y).intersection(seen)


def _weights(marks: Channel, place: tuple[slice, slice], area: WorkArea, seam: int | None) -> Channel:
    """How much of the answer shows: all of it on new ground, which has nothing to blend with."""
    import numpy

    weights = feathered(marks, _softness(marks, seam))
    return numpy.where(old_ground(area)[place], weights, numpy.uint8(255)) if area.extends else weights


def _softness(marks: Channel, seam: int | None) -> int:
    """Steps of 4 pixels: the person's own, else what suits the size of the mask."""
    if seam is not None:
        return round(min(seam, WIDEST_SEAM) / 4)
    longer = int(max(marks.shape)) - 2 * RING
    return max(1, min(SOFTEST, longer // SIDE_PER_SOFTNESS))


def _scaled(pixels: Pixels, size: tuple[int, int]) -> Picture:
    from PIL import Image

    return encode(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def _require_fitting(original: Picture, mask: Mask, area: WorkArea) -> None:
    if original.size != area.picture:
        raise InvalidRequest("picture", str(original.size), f"the size the area was planned for, {area.picture}")
    if (mask.width, mask.height) != (area.canvas.width, area.canvas.height):
        raise InvalidRequest("mask", f"{mask.width} × {mask.height}", f"the size of the canvas, {area.canvas.size}")
