"""Encoded pictures to arrays of pixels and back, without changing a single value."""

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

    Pixels = NDArray[numpy.uint8]

COLOURFUL = 8
"""A grey picture becomes a colour picture when the new part differs more than this between its channels, on average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Upright pixels of 8 bits, rows x columns x channels (1 grey, 3 RGB, 4 RGBA), with their colour profile."""

    pixels: Pixels
    profile: bytes | None = None

    @property
    def colours(self) -> Pixels:
        """Rows x columns x 3; grey is repeated, transparency left out."""
        import numpy

        channels = self.pixels.shape[2]
        return numpy.repeat(self.pixels, 3, axis=2) if channels == 1 else self.pixels[:, :, :3]


def decode(picture: Picture) -> Decoded:
    """Decode to upright 8-bit pixels. Raises InvalidRequest (field "picture") for damaged data."""
    import numpy

    with opened(picture.data, (PICTURE_MIMES[picture.mime],), MAX_PIXELS) as image:
        plain = plain_upright(image)
        pixels = numpy.asarray(plain)
        profile = plain.info.get("icc_profile")
    return Decoded(pixels=pixels.reshape(*pixels.shape[:2], -1), profile=profile)


def encode(decoded: Decoded) -> Picture:
    """Write a PNG of the fastest compression, which keeps every value."""
    from PIL import Image

    pixels = decoded.pixels
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    settings: dict[str, Any] = {"icc_profile": decoded.profile} if decoded.profile else {}
    out = BytesIO()
    image.save(out, "PNG", compress_level=1, **settings)
    return Picture(data=out.getvalue(), mime="image/png", width=image.width, height=image.height)


def is_colourful(colours: Pixels) -> bool:
    """Whether pixels of three channels show colour rather than the noise of a lossy format."""
    import numpy

    if not colours.size:
        return False
    spread = colours.max(axis=-1).astype(numpy.int16) - colours.min(axis=-1)
    return bool(spread.mean() > COLOURFUL)
