"""Drawings over a picture (arrows, boxes, words): read and checked, cut out for a model, laid onto the picture."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from ..errors import InvalidRequest
from ..types import Picture, Size
from .area import Box, WorkArea
from .decode import MAX_PIXELS, opened
from .masks import MAX_BYTES
from .signature import NAMES, sniff

if TYPE_CHECKING:
    from PIL import Image

ALLOWED = "a transparent PNG with something drawn on it"


def read_markup(png: bytes, size: Size) -> Picture:
    """Check a drawing of exactly this size: a PNG with transparency, partly drawn on, of at most 8 MB.

    Decodes, so call it in a thread. Raises InvalidRequest (field "markup") for anything else.
    """
    mime = sniff(png)
    if mime != "image/png":
        raise InvalidRequest("markup", NAMES[mime] if png else "an empty file", ALLOWED)
    if len(png) > MAX_BYTES:
        raise InvalidRequest("markup", f"{len(png) / 1024 / 1024:.1f} MB", f"up to {MAX_BYTES // 1024 // 1024} MB")
    try:
        with opened(png, ("PNG",), MAX_PIXELS) as image:
            if image.size != (size.width, size.height):
                raise InvalidRequest("markup", f"{image.width} × {image.height}", f"the size of the region, {size}")
            if image.mode != "RGBA":
                raise InvalidRequest("markup", f"a picture without transparency ({image.mode})", ALLOWED)
            least, most = image.getchannel("A").getextrema()
    except InvalidRequest as error:
        raise InvalidRequest("markup", error.value, error.allowed, detail=error.detail) from error
    if not most or least == 255:
        raise InvalidRequest("markup", "nothing drawn" if not most else "everything covered", ALLOWED)
    return Picture(data=png, mime="image/png", width=size.width, height=size.height)


def drawn_box(markup: Picture) -> Box:
    """Return the smallest box around all that is drawn, in the drawing's own pixels."""
    with opened(markup.data, ("PNG",)) as image:
        left, top, right, bottom = image.getchannel("A").getbbox() or (0, 0, image.width, image.height)
    return Box.between(left, top, right, bottom)


def cut_markup(markup: Picture, place: Box, area: WorkArea) -> Picture:
    """Return the drawing's part in the work area, of `area.sent`; `place` is where the drawing lies on the picture."""
    from PIL import Image

    with opened(markup.data, ("PNG",)) as image:
        sheet = Image.new("RGBA", (area.box.width, area.box.height))
        sheet.paste(image, (place.x - area.box.x, place.y - area.box.y))
    return _encoded(sheet.resize((area.sent.width, area.sent.height), Image.Resampling.LANCZOS))


def scaled_markup(markup: Picture, size: Size) -> Picture:
    """Return the drawing in another size; the same object when nothing changes."""
    from PIL import Image

    if markup.size == size:
        return markup
    with opened(markup.data, ("PNG",)) as image:
        return _encoded(image.convert("RGBA").resize((size.width, size.height), Image.Resampling.LANCZOS))


def drawn_over(picture: Picture, markup: Picture) -> Picture:
    """Return the picture, upright and in plain colours, with the drawing on it: a PNG of the picture's size."""
    from PIL import Image

    from .modes import plain_upright
    from .signature import PICTURE_MIMES

    with opened(picture.data, (PICTURE_MIMES[picture.mime],)) as image:
        below = plain_upright(image).convert("RGBA")
    with opened(scaled_markup(markup, picture.size).data, ("PNG",)) as above:
        return _encoded(Image.alpha_composite(below, above.convert("RGBA")).convert("RGB"))


def _encoded(image: Image.Image) -> Picture:
    out = BytesIO()
    image.save(out, "PNG", compress_level=6)
    return Picture(data=out.getvalue(), mime="image/png", width=image.width, height=image.height)
