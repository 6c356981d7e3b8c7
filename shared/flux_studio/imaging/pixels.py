"""Encoded pictures to pixels and back, without changing a single value."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ..types import Picture
from .decode import MAX_PIXELS, opened
from .modes import plain_upright
from .signature import PICTURE_MIMES

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from PIL import Image

    Pixels = NDArray[numpy.uint8]
    Channel = NDArray[numpy.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """An upright picture in one of PLAIN_MODES, with its pixels as rows x columns x channels (1, 3 or 4)."""

    image: Image.Image
    """What is painted on and encoded; `pixels` keeps what was decoded."""
    pixels: Pixels


def decode(picture: Picture) -> Decoded:
    """Decode to upright 8-bit pixels. Raises InvalidRequest (field "picture") for damaged data."""
    with opened(picture.data, (PICTURE_MIMES[picture.mime],), MAX_PIXELS) as image:
        plain = plain_upright(image)
    return Decoded(image=plain, pixels=pixels_of(plain))


def pixels_of(image: Image.Image) -> Pixels:
    """Copy the pixels of a picture as rows x columns x channels."""
    import numpy

    pixels = numpy.asarray(image)
    return pixels.reshape(*pixels.shape[:2], -1)


def image_of(pixels: NDArray[Any]) -> Image.Image:
    """The picture of rows x columns x channels (1, 3 or 4)."""
    from PIL import Image

    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def encode(image: Image.Image) -> Picture:
    """Write a PNG of the fastest compression, which keeps every value, with the profile in the picture's info."""
    profile = image.info.get("icc_profile")
    settings: dict[str, Any] = {"icc_profile": profile} if profile else {}
    out = BytesIO()
    image.save(out, "PNG", compress_level=1, **settings)
    return Picture(data=out.getvalue(), mime="image/png", width=image.width, height=image.height)


def three_channels(pixels: Pixels) -> Pixels:
    """Grey is repeated, transparency left out."""
    import numpy

    return numpy.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[:, :, :3]
