"""Masks: read and check what the page sends, measure them, change them; 255 = repaint, 0 = keep, everywhere."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequest
from ..types import Mask, Size
from .area import Box, canvas_of
from .decode import MAX_PIXELS, opened
from .morphology import dilated, eroded
from .signature import NAMES, sniff

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Channel = NDArray[numpy.uint8]

MAX_BYTES = 8 * 1024 * 1024
"""Largest mask file (DESIGN section 5)."""
ALLOWED = "a PNG with one channel, white = repaint"
ONE_CHANNEL = ("1", "L", "I", "I;16", "I;16B", "P", "RGB")
"""Modes read by brightness; a picture with transparency has two meanings and is refused."""


def read_mask(png: bytes, size: Size) -> Mask:
    """Decode a mask of exactly this size. Raises InvalidRequest (field "mask") for anything else."""
    mime = sniff(png)
    if mime != "image/png":
        raise InvalidRequest("mask", NAMES[mime] if png else "an empty file", ALLOWED)
    if len(png) > MAX_BYTES:
        raise InvalidRequest("mask", f"{len(png) / 1024 / 1024:.1f} MB", f"up to {MAX_BYTES // 1024 // 1024} MB")
    try:
        mask, fault = _decoded(png, size)
    except InvalidRequest as error:
        raise InvalidRequest("mask", error.value, ALLOWED, detail=error.detail) from error
    if mask is None:
        raise InvalidRequest("mask", *fault)
    return mask


def bounds(mask: Mask) -> Box | None:
    """Return the smallest box around everything above 0, in mask pixels; None for an empty mask."""
    rows, columns = (as_array(mask).max(axis=axis).nonzero()[0] for axis in (1, 0))
    if not len(rows):
        return None
    return Box.between(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def coverage(mask: Mask) -> float:
    """Return the share of pixels that may change, 0 to 1."""
    return 1 - mask.data.count(0) / max(1, len(mask.data))


def to_png(mask: Mask) -> bytes:
    """Encode as a grey PNG."""
    from PIL import Image

    out = BytesIO()
    Image.fromarray(as_array(mask)).save(out, "PNG", compress_level=1)
    return out.getvalue()


def to_alpha_png(mask: Mask) -> bytes:
    """Encode as a PNG that is transparent where the mask repaints: alpha = 255 − mask, black everywhere."""
    import numpy
    from PIL import Image

    values = numpy.zeros((mask.height, mask.width, 4), numpy.uint8)
    values[..., 3] = 255 - as_array(mask)
    out = BytesIO()
    Image.fromarray(values).save(out, "PNG", compress_level=6)
    return out.getvalue()


def resized(mask: Mask, size: Size) -> Mask:
    """Return the mask in another size; the same object when nothing changes."""
    import numpy
    from PIL import Image

    if (mask.width, mask.height) == (size.width, size.height):
        return mask
    scaled = Image.fromarray(as_array(mask)).resize((size.width, size.height), Image.Resampling.BILINEAR)
    return from_array(numpy.asarray(scaled))


def threshold(mask: Mask, least: int = 128) -> Mask:
    """Return the mask with 255 from `least` on and 0 below: providers blend half-masked pixels badly."""
    return from_array((as_array(mask) >= least) * 255)


def grow(mask: Mask, pixels: int) -> Mask:
    """Widen the mask by a number of pixels on all sides, shrink it for a negative number."""
    change = dilated if pixels >= 0 else eroded
    return from_array(change(as_array(mask), abs(pixels)))


def on_canvas(mask: Mask, picture: Size, region: Box | None) -> Mask:
    """Put a mask of the region's size (of the picture's without one) onto the canvas of the finished picture.

    New ground outside the picture is always repainted, whatever the mask says there.
    Raises InvalidRequest (field "mask" or "region").
    """
    canvas, place = canvas_of(picture, region), region or Box.of(picture)
    if (mask.width, mask.height) != (place.width, place.height):
        raise InvalidRequest("mask", f"{mask.width} × {mask.height}", f"the size of the region, {place.size}")
    if canvas == place and canvas.size == picture:
        return mask
    return from_array(_placed(mask, picture, canvas, place))


def as_array(mask: Mask) -> Channel:
    """View a mask as rows of bytes, without copying."""
    import numpy

    return numpy.frombuffer(mask.data, numpy.uint8).reshape(mask.height, mask.width)


def from_array(values: NDArray[Any]) -> Mask:
    """Make a mask of rows of numbers 0 to 255."""
    import numpy

    height, width = values.shape
    return Mask(data=values.astype(numpy.uint8).tobytes(), width=width, height=height)


def _decoded(png: bytes, size: Size) -> tuple[Mask | None, tuple[str, str]]:
    """Return the mask, else what was found and what is allowed."""
    import numpy

    from .modes import to_plain

    with opened(png, ("PNG",), MAX_PIXELS) as image:
        if image.size != (size.width, size.height):
            return None, (f"{image.width} × {image.height}", f"the size of the region, {size}")
        if image.mode not in ONE_CHANNEL or "transparency" in image.info:
            return None, (f"a picture with transparency ({image.mode})", ALLOWED)
        return from_array(numpy.asarray(to_plain(image).convert("L"))), ("", "")


def _placed(mask: Mask, picture: Size, canvas: Box, place: Box) -> Channel:
    import numpy

    values = numpy.full((canvas.height, canvas.width), 255, numpy.uint8)
    values[-canvas.y : picture.height - canvas.y, -canvas.x : picture.width - canvas.x] = 0
    target = values[place.y - canvas.y : place.bottom - canvas.y, place.x - canvas.x : place.right - canvas.x]
    numpy.maximum(target, as_array(mask), out=target)
    return values
