"""Reads the pictures of a request as strictly as the service, and says what is wrong with them."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import Image

from .endpoints import EndpointSpec

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 20_000_000
"""20 MB and 20 MP per input picture (Kontext and FLUX.2 pages)."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow raises on broken or hostile files."""
MIN_SIDE = 64
MIN_SIDES = {"flux-pro-1.0-expand": 256, "flux-pro-1.0-canny": 256, "flux-pro-1.0-depth": 256, "flux-3-image": 256}
"""Smallest side in pixels, by endpoint; 64 elsewhere."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class InputPicture:
    """One picture of a request; `problem` is set when the service would not take it."""

    field: str
    data: bytes = dataclasses.field(repr=False, default=b"")
    mime: str = ""
    width: int = 0
    height: int = 0
    sha256: str = ""
    """Of the file; computed with the decoding, because it takes a while for 20 MB."""
    problem: str | None = None

    def facts(self) -> dict[str, Any]:
        """What the log keeps instead of the text."""
        facts = {"bytes": len(self.data), "sha256": self.sha256, "mime": self.mime}
        return {**facts, "width": self.width, "height": self.height, "problem": self.problem}


def picture_texts(endpoint: EndpointSpec, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(field, text) of every picture given, lists flattened."""
    for name in endpoint.picture_fields:
        value = body.get(name)
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and text:
                yield name, text


def decode(name: str, text: str) -> InputPicture:
    """Base64 text to a picture; never raises, the problem is part of the answer."""
    if text.startswith("data:"):
        return InputPicture(field=name, problem=f"{name}: base64 must not have a data: prefix")
    if text.startswith(("http://", "https://")):
        return InputPicture(field=name, problem=f"{name}: the sandbox fetches no URLs, send base64")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return InputPicture(field=name, problem=f"{name}: not valid base64")
    return measured(name, data)


def measured(name: str, data: bytes) -> InputPicture:
    """A picture file with its facts, or with the problem that makes it unusable."""
    picture = InputPicture(field=name, data=data, sha256=hashlib.sha256(data).hexdigest())
    if len(data) > MAX_BYTES:
        return dataclasses.replace(picture, problem=f"{name}: larger than 20 MB")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            (width, height), mime = image.size, image.get_format_mimetype() or ""
            if width * height <= MAX_PIXELS:
                image.load()
    except UNREADABLE as error:
        reason = f"{name}: invalid or corrupted image input ({type(error).__name__})"
        return dataclasses.replace(picture, problem=reason)
    problem = f"{name}: more than 20 megapixels" if width * height > MAX_PIXELS else None
    return dataclasses.replace(picture, mime=mime, width=width, height=height, problem=problem)


def read_pictures(endpoint: EndpointSpec, body: Mapping[str, Any]) -> tuple[InputPicture, ...]:
    """All pictures of a valid body. CPU work: call it in a thread."""
    return tuple(decode(name, text) for name, text in picture_texts(endpoint, body))


def first_problem(endpoint: EndpointSpec, pictures: tuple[InputPicture, ...]) -> str | None:
    """Why these pictures cannot be used together, None when they can."""
    for picture in pictures:
        smallest = MIN_SIDES.get(endpoint.name, MIN_SIDE)
        if picture.problem is not None:
            return picture.problem
        if min(picture.width, picture.height) < smallest:
            return f"{picture.field}: each side needs at least {smallest} pixels"
    sizes = {picture.field: (picture.width, picture.height) for picture in pictures}
    if "mask" in sizes and "image" in sizes and sizes["mask"] != sizes["image"]:
        return f"mask: {sizes['mask']} is not the size of the image {sizes['image']}"
    return None
