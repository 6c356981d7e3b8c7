"""Pictures made for the tests: every format, mode and fault that people and attackers send."""

from __future__ import annotations

import functools
import struct
import zlib
from io import BytesIO
from typing import Any

import numpy
from PIL import Image, ImageCms

GPS_NOTE = "Secret Camera 9000"


def drawing(width: int = 160, height: int = 90, mode: str = "RGB") -> Image.Image:
    """A picture with a red top left quarter, so that turning it shows."""
    pixels = numpy.random.default_rng(7).integers(0, 60, (height, width, 3), dtype=numpy.uint8)
    pixels[: height // 2, : width // 2] = (220, 20, 20)
    return Image.fromarray(pixels).convert(mode)


def encoded(image: Image.Image, format_name: str, **settings: Any) -> bytes:
    out = BytesIO()
    image.save(out, format_name, **settings)
    return out.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """EXIF with an orientation, a camera name and a position."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x0110] = GPS_NOTE
    data.get_ifd(0x8825).update({1: "N", 2: (48.0, 0.0, 14.5), 3: "E", 4: (7.0, 51.0, 7.0)})
    return data


@functools.cache
def profile() -> bytes:
    """A colour profile; made once, because it holds the second of its making."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    """A PNG written by hand: `colour` 0 grey, 2 RGB, 6 RGBA; `rows` with their filter bytes."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def png_claiming(width: int, height: int) -> bytes:
    """A bomb: a few bytes that claim a giant picture."""
    return png(width, height, 8, 2, b"\0" * 1000)


def deep_png(colour: int, width: int = 70, height: int = 70) -> bytes:
    """16 bits a channel, all at half brightness (0x8080)."""
    channels = {0: 1, 2: 3, 6: 4}[colour]
    return png(width, height, 16, colour, (b"\0" + b"\x80\x80" * channels * width) * height)
