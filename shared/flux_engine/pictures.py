"""Files in, files out: decoding inputs under caps, encoding results fast, previews small."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from .errors import invalid
from .spec import Format

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 40_000_000
PREVIEW_SIDE = 256
MIME: dict[Format, str] = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
SAVE: dict[Format, dict[str, object]] = {
    # level 6, Pillow's default, takes four times as long for a tenth less (measured at 1024 x 1024)
    "png": {"compress_level": 1},
    "jpeg": {"quality": 95, "subsampling": 0},
    "webp": {"quality": 92, "method": 0},
}


def decode(data: bytes, name: str) -> Image:
    """Read one input as RGB. Raises EngineFault for what is no picture or too large."""
    return _opened(data, name).convert("RGB")


def decode_mask(data: bytes, like: Image) -> Image:
    """Read a mask as one channel of the picture's size; white is repainted."""
    from PIL import Image as Pillow

    mask = _opened(data, "mask").convert("L")
    if mask.size != like.size:
        raise invalid(
            "mask", f"mask: {mask.size[0]} x {mask.size[1]} pixels, the picture has {like.size[0]} x {like.size[1]}."
        )
    return (
        mask.point(lambda value: 255 if value >= 1 else 0)
        if mask.getextrema() != (0, 0)
        else Pillow.new("L", like.size)
    )


def encode(picture: Image, form: Format) -> bytes:
    """Write one result."""
    file = io.BytesIO()
    picture.save(file, format=form.upper(), **SAVE[form])
    return file.getvalue()


def encode_preview(picture: Image) -> bytes:
    """A JPEG of at most 256 pixels a side, about 10 kB."""
    small = picture.copy()
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    file = io.BytesIO()
    small.convert("RGB").save(file, format="JPEG", quality=80)
    return file.getvalue()


def _opened(data: bytes, name: str) -> Image:
    from PIL import Image as Pillow
    from PIL import ImageOps, UnidentifiedImageError

    try:
        picture = Pillow.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
        if picture.width * picture.height > MAX_PIXELS:
            raise invalid(name, f"{name}: more than {MAX_PIXELS // 1_000_000} megapixels.")
        picture.load()
        return ImageOps.exif_transpose(picture)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        raise invalid(name, f"{name}: not readable as a PNG, JPEG or WebP picture.") from error
