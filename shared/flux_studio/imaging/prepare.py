"""Make a picture fit what a model takes, and private: upright, plain pixels, no metadata, within the caps."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..catalog import PictureRule
from ..errors import InvalidRequest
from ..types import Picture, Size
from .decode import MAX_BYTES, MAX_PIXELS, inspect, opened, orientation, too_many_bytes, wrong_type
from .metadata import strip_metadata
from .modes import PLAIN_MODES, has_alpha, plain_upright
from .signature import PICTURE_MIMES, sniff

if TYPE_CHECKING:
    from PIL import Image

CONVERTIBLE: Mapping[str, str] = MappingProxyType(
    {"image/gif": "GIF", "image/bmp": "BMP", "image/tiff": "TIFF", "image/avif": "AVIF", "image/jp2": "JPEG2000"}
)
"""Further types that people attach, with Pillow's name; none starts another program as PostScript does."""
QUALITY = 95
"""JPEG and WebP quality of the first try: no visible loss, about a third of the bytes of 100."""
LOWER_QUALITIES = (88, 80)
SHRINK = 0.8
"""Each further try has this part of the last one's sides."""
MIMES = {name: mime for mime, name in PICTURE_MIMES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """One way to encode a picture."""

    format: str
    quality: int = QUALITY
    scale: float = 1.0


def as_picture(data: bytes, *, max_pixels: int = MAX_PIXELS, file: str | None = None) -> Picture:
    """Check what a person attached; the usual types stay as they are, what else Pillow reads becomes PNG.

    Raises InvalidRequest (field "picture") for anything that is no picture, damaged or too large.
    """
    mime = sniff(data)
    if mime not in CONVERTIBLE:
        return inspect(data, max_pixels=max_pixels, file=file)
    if len(data) > MAX_BYTES:
        raise too_many_bytes(len(data), MAX_BYTES)
    if not _readable(CONVERTIBLE[mime]):
        raise wrong_type(data, mime)
    with opened(data, (CONVERTIBLE[mime],), max_pixels) as image:
        png = _encoded(plain_upright(image), _Try(format="PNG"))
    return inspect(png, max_pixels=max_pixels, file=file)


def for_upload(picture: Picture, rule: PictureRule) -> Picture:
    """Return the picture as a provider may get it: upright, 8-bit grey or RGB(A), one frame, without metadata.

    The colour profile stays; transparency stays. Bytes that need no change stay the same object, metadata is
    cut out without re-encoding. Larger pictures are scaled to rule.max_pixels and rule.max_bytes.
    Raises InvalidRequest (field "picture") when a side is, or would become, shorter than rule.min_side.
    """
    _require_sides(picture.size, rule)
    with opened(picture.data, (PICTURE_MIMES[picture.mime],)) as image:
        fits = picture.size.pixels <= rule.max_pixels
        if fits and _is_plain(image, picture):
            stripped = _stripped(picture)
            if stripped is not None and len(stripped) <= rule.max_bytes:
                return picture if stripped is picture.data else _with_data(picture, stripped, picture.mime)
        return _fitted(plain_upright(image), picture, rule)


def _fitted(image: Image.Image, picture: Picture, rule: PictureRule) -> Picture:
    """Encode in the first way that keeps within the rule."""
    size = Size(width=image.width, height=image.height)
    first = min(1.0, (rule.max_pixels / size.pixels) ** 0.5)
    for attempt in _tries(PICTURE_MIMES[picture.mime], has_alpha(image), first):
        smaller = _scaled(size, attempt.scale)
        _require_sides(smaller, rule)
        data = _encoded(_resized(image, smaller), attempt)
        if len(data) <= rule.max_bytes:
            return _with_data(picture, data, MIMES[attempt.format], smaller)
    raise too_many_bytes(len(picture.data), rule.max_bytes)


def _tries(format_name: str, alpha: bool, scale: float) -> Iterator[_Try]:
    """From the best to the smallest: the own format, then lossy, then fewer pixels."""
    yield _Try(format=format_name, scale=scale)
    lossy = "WEBP" if alpha else "JPEG"
    if format_name != lossy:
        yield _Try(format=lossy, scale=scale)
    for quality in LOWER_QUALITIES:
        yield _Try(format=lossy, quality=quality, scale=scale)
    for _ in range(20):
        scale *= SHRINK
        yield _Try(format=lossy, quality=LOWER_QUALITIES[-1], scale=scale)


def _scaled(size: Size, scale: float) -> Size:
    """Scale down; rounding down keeps the area below the cap."""
    return Size(width=max(1, int(size.width * scale)), height=max(1, int(size.height * scale)))


def _resized(image: Image.Image, size: Size) -> Image.Image:
    from PIL import Image

    if image.size == (size.width, size.height):
        return image
    resized = image.resize((size.width, size.height), Image.Resampling.LANCZOS)
    resized.info = dict(image.info)
    return resized


def _encoded(image: Image.Image, attempt: _Try) -> bytes:
    settings: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
    if attempt.format == "JPEG":
        image = image if image.mode in ("L", "RGB") else image.convert("RGB")
        settings |= {"quality": attempt.quality, "subsampling": 0}
    elif attempt.format == "WEBP":
        settings |= {"quality": attempt.quality, "icc_profile": image.info.get("icc_profile") or b""}
    else:
        settings |= {"compress_level": 6}
    out = BytesIO()
    image.save(out, attempt.format, **settings)
    return out.getvalue()


def _is_plain(image: Image.Image, picture: Picture) -> bool:
    """Whether the file holds one upright frame of 8-bit grey, RGB or RGBA."""
    if orientation(image) != 1 or image.mode not in PLAIN_MODES or "transparency" in image.info:
        return False
    # Pillow reads 16-bit colour as 8 bits; only the header tells.
    deep = picture.mime == "image/png" and picture.data[24] != 8
    # A second frame of a JPEG lies behind its end and goes with the metadata.
    animated = getattr(image, "n_frames", 1) > 1 and picture.mime != "image/jpeg"
    return not deep and not animated


def _stripped(picture: Picture) -> bytes | None:
    try:
        return strip_metadata(picture.data, picture.mime)
    except (ValueError, IndexError, struct.error):
        return None


def _with_data(picture: Picture, data: bytes, mime: str, size: Size | None = None) -> Picture:
    size = size or picture.size
    return Picture(data=data, mime=mime, width=size.width, height=size.height, file=picture.file)


def _require_sides(size: Size, rule: PictureRule) -> None:
    if min(size.width, size.height) < rule.min_side:
        raise InvalidRequest("picture", str(size), f"sides of at least {rule.min_side} pixels")


def _readable(format_name: str) -> bool:
    """Whether this Pillow was built with the decoder of an optional format."""
    from PIL import features

    optional = {"AVIF": "avif", "JPEG2000": "jpg_2000"}
    return format_name not in optional or bool(features.check(optional[format_name]))
