"""Small pictures for lists and progress."""

from __future__ import annotations

from io import BytesIO

from .decode import MAX_PIXELS, opened, wrong_type
from .modes import has_alpha, plain_upright
from .signature import PICTURE_MIMES, sniff

QUALITY = 80
BACKGROUND = (255, 255, 255)
"""JPEG has no transparency: what shines through is white, as in the chat's light theme."""


def thumbnail(data: bytes, side: int = 256) -> bytes:
    """Return an upright JPEG without metadata whose longer side is at most `side` pixels; never enlarges.

    Raises InvalidRequest (field "picture") when the data is no JPEG, PNG or WebP or is damaged.
    """
    from PIL import Image

    mime = sniff(data)
    if mime not in PICTURE_MIMES:
        raise wrong_type(data, mime)
    with opened(data, (PICTURE_MIMES[mime],), MAX_PIXELS) as image:
        # A JPEG is decoded at a fraction of its size straight away.
        image.draft(None, (side * 2, side * 2))
        small = plain_upright(image)
        small.thumbnail((side, side))
        if has_alpha(small):
            flat = Image.new("RGB", small.size, BACKGROUND)
            flat.paste(small, mask=small.getchannel("A"))
            small = flat
        out = BytesIO()
        small.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
