"""Turn untrusted bytes into a Picture, or say in one sentence why not."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from ..errors import InvalidRequest
from ..types import Picture, Size
from .signature import NAMES, PICTURE_MIMES, sniff

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 64_000_000
"""A decoded picture takes 4 bytes a pixel, so one of this size takes 256 MB; cameras of phones give 12 to 50 MP."""
MAX_BYTES = 64 * 1024 * 1024
"""The cap of every download (DESIGN section 8)."""
ALLOWED = "JPEG, PNG or WebP"

DECODE_ERRORS = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What Pillow's parsers raise on broken files; there is no common base class."""

ORIENTATION_TAG = 0x0112
TURNED_ORIENTATIONS = (5, 6, 7, 8)
"""EXIF orientations that exchange width and height."""

_decoders = threading.BoundedSemaphore(2)
"""At most two pictures are held decoded at once, whatever number of threads asks."""


def inspect(
    data: bytes, *, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES, file: str | None = None
) -> Picture:
    """Check encoded bytes completely and describe them; the bytes themselves stay as they are.

    Width and height are those after EXIF orientation. Raises InvalidRequest (field "picture") for
    another type, too many bytes or pixels (checked before any pixel is decoded), or damaged data.
    """
    mime = sniff(data)
    if mime not in PICTURE_MIMES:
        raise wrong_type(data, mime)
    if len(data) > max_bytes:
        raise too_many_bytes(len(data), max_bytes)
    with opened(data, (PICTURE_MIMES[mime],), max_pixels) as image:
        turned = orientation(image) in TURNED_ORIENTATIONS
        width, height = reversed(image.size) if turned else image.size
        _require_complete(data, mime)
        if mime == "image/jpeg":
            # The whole stream is read at an eighth of the size: finds cut files with 1/64 of the memory.
            image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))
        image.load()
    return Picture(data=data, mime=mime, width=width, height=height, file=file)


def measure(data: bytes) -> tuple[str, Size]:
    """Read type and size (after EXIF orientation) off the header; raises InvalidRequest as `inspect` does."""
    mime = sniff(data)
    if mime not in PICTURE_MIMES:
        raise wrong_type(data, mime)
    with opened(data, (PICTURE_MIMES[mime],)) as image:
        width, height = reversed(image.size) if orientation(image) in TURNED_ORIENTATIONS else image.size
    return mime, Size(width=width, height=height)


@contextmanager
def opened(data: bytes, formats: tuple[str, ...], max_pixels: int = MAX_PIXELS) -> Iterator[Image.Image]:
    """Open bytes with Pillow, header only; the caller decodes inside the block.

    `formats` are Pillow's names, so no other parser touches the bytes. Raises InvalidRequest
    (field "picture") for too many pixels and for every fault met inside the block.
    """
    from PIL import Image

    with _decoders:
        try:
            with Image.open(BytesIO(data), formats=list(formats)) as image:
                if image.width * image.height > max_pixels:
                    raise too_many_pixels(max_pixels, f"{image.width} × {image.height}")
                yield image
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise too_many_pixels(max_pixels, "a giant picture") from error
        except DECODE_ERRORS as error:
            raise damaged(error) from error


def orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 (upright) to 8; unreadable EXIF counts as upright."""
    try:
        value = image.getexif().get(ORIENTATION_TAG, 1)
    except DECODE_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def wrong_type(data: bytes, mime: str) -> InvalidRequest:
    found = NAMES[mime] if data else "an empty file"
    return InvalidRequest("picture", found, ALLOWED, sentence=f"This is {found}; possible are {ALLOWED}.")


def too_many_bytes(count: int, limit: int) -> InvalidRequest:
    allowed = f"up to {limit / 1024 / 1024:.3g} MB"
    return InvalidRequest("picture", f"{count / 1024 / 1024:.1f} MB", allowed)


def too_many_pixels(limit: int, found: str) -> InvalidRequest:
    return InvalidRequest("picture", found, f"up to {limit / 1_000_000:.3g} megapixels")


def damaged(error: BaseException) -> InvalidRequest:
    return InvalidRequest(
        "picture",
        "a damaged file",
        "complete files",
        sentence="This picture is damaged or incomplete and cannot be read; save it anew or take another one.",
        detail=f"{type(error).__name__}: {error}",
    )


def _require_complete(data: bytes, mime: str) -> None:
    """Find cut files that the decoders would forgive; raises one of DECODE_ERRORS."""
    from PIL import Image

    if mime == "image/png":
        with Image.open(BytesIO(data), formats=["PNG"]) as image:
            image.verify()
    if mime == "image/webp" and int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise EOFError("RIFF is longer than the file")
