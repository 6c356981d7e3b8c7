"""Bring any pixel format that Pillow reads to grey, RGB or RGBA with 8 bits."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from .decode import orientation

if TYPE_CHECKING:
    from PIL import Image

PLAIN_MODES = ("L", "RGB", "RGBA")
"""What every provider and every browser reads."""
DEEP_GREY = ("I", "I;16", "I;16L", "I;16B", "I;16N")


def has_alpha(image: Image.Image) -> bool:
    return "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info


def plain_upright(image: Image.Image) -> Image.Image:
    """Decode an opened picture: turned upright, in one of PLAIN_MODES, nothing left in its info but the profile."""
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(image) if orientation(image) != 1 else image
    upright.load()
    plain = to_plain(upright)
    profile = plain.info.get("icc_profile")
    plain.info = {"icc_profile": profile} if profile else {}
    return plain


def to_plain(image: Image.Image) -> Image.Image:
    """Return the decoded picture in one of PLAIN_MODES; a profile that no longer fits is dropped from its info."""
    if image.mode in DEEP_GREY or image.mode == "F":
        return _deep_to_grey(image)
    if image.mode == "CMYK":
        return _cmyk_to_rgb(image)
    if image.mode in PLAIN_MODES and "transparency" not in image.info:
        return image
    if has_alpha(image):
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _deep_to_grey(image: Image.Image) -> Image.Image:
    """Scale 16-bit (or float) grey to 8 bits; Pillow's own conversion would clip everything above 255."""
    import numpy
    from PIL import Image

    values = numpy.nan_to_num(numpy.asarray(image).astype(numpy.float64), posinf=0.0, neginf=0.0)
    largest = values.max(initial=0.0)
    if image.mode == "F":
        full = 1.0 if largest <= 1.0 else max(largest, 255.0)
    else:
        full = 65_535.0 if largest <= 65_535.0 else largest
    grey = numpy.clip(values * (255.0 / full) + 0.5, 0, 255).astype(numpy.uint8)
    converted = Image.fromarray(grey)
    # A profile for 16-bit grey fits 8-bit grey as well.
    converted.info = {name: value for name, value in image.info.items() if name == "icc_profile"}
    return converted


def _cmyk_to_rgb(image: Image.Image) -> Image.Image:
    """Convert by the embedded printing profile where there is one, else by Pillow's plain formula."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            managed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            managed = None
        if managed is not None:
            managed.info.pop("icc_profile", None)
            return managed
    plain = image.convert("RGB")
    plain.info.pop("icc_profile", None)
    return plain
