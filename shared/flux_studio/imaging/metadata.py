"""Take position, camera, comments and provenance out of a file without touching a pixel."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

_JPEG_START_OF_SCAN = 0xDA
_JPEG_END = 0xD9
_JPEG_WITHOUT_LENGTH = (0x01, *range(0xD0, 0xD9))
_JPEG_KEPT: Mapping[int, tuple[bytes, ...]] = {0xE0: (b"JFIF\0",), 0xE2: (b"ICC_PROFILE\0",), 0xEE: (b"Adobe",)}
"""Application segments that decide how pixels look; EXIF, XMP, IPTC, C2PA and second pictures are in the others."""
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"sBIT", b"pHYs"}
)
_WEBP_DROPPED = frozenset({b"EXIF", b"XMP "})
_WEBP_METADATA_FLAGS = 0x0C
"""Bits of the VP8X chunk that announce EXIF and XMP."""


def strip_metadata(data: bytes, mime: str) -> bytes:
    """Return the same pixels without metadata; the colour profile stays. Returns `data` itself if it has none.

    Raises ValueError or struct.error when the container is broken.
    """
    stripped = _STRIPPERS[mime](data)
    return data if stripped == data else stripped


def _strip_jpeg(data: bytes) -> bytes:
    kept = [data[:2]]
    position = 2
    while position < len(data):
        if data[position] != 0xFF:
            raise ValueError("no marker where a JPEG segment should begin")
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in _JPEG_WITHOUT_LENGTH:
            end = position + 2
        elif marker == _JPEG_END:
            kept.append(data[position : position + 2])
            break
        else:
            end = position + 2 + _jpeg_length(data, position)
            if marker == _JPEG_START_OF_SCAN:
                end = _end_of_scan(data, end)
        if _keeps_jpeg_segment(marker, data[position + 4 : position + 20]):
            kept.append(data[position:end])
        position = end
    return b"".join(kept)


def _jpeg_length(data: bytes, position: int) -> int:
    (length,) = struct.unpack_from(">H", data, position + 2)
    if length < 2:
        raise ValueError("JPEG segment shorter than its own length field")
    return int(length)


def _end_of_scan(data: bytes, position: int) -> int:
    """Return where the compressed pixels end: at the first marker that is neither stuffing nor a restart."""
    while True:
        position = data.find(b"\xff", position)
        if position < 0 or position + 1 >= len(data):
            return len(data)
        if data[position + 1] != 0 and not 0xD0 <= data[position + 1] <= 0xD7:
            return position
        position += 2


def _keeps_jpeg_segment(marker: int, start: bytes) -> bool:
    is_application = 0xE0 <= marker <= 0xEF
    is_comment = marker == 0xFE
    return start.startswith(_JPEG_KEPT.get(marker, ())) if is_application else not is_comment


def _strip_png(data: bytes) -> bytes:
    kept = [data[:8]]
    position = 8
    while position < len(data):
        (length,) = struct.unpack_from(">I", data, position)
        kind, end = data[position + 4 : position + 8], position + 12 + length
        if kind in _PNG_KEPT:
            kept.append(data[position:end])
        if kind == b"IEND":
            break
        position = end
    return b"".join(kept)


def _strip_webp(data: bytes) -> bytes:
    kept: list[bytes] = []
    position = 12
    while position + 8 <= len(data):
        kind, (length,) = data[position : position + 4], struct.unpack_from("<I", data, position + 4)
        end = position + 8 + length + length % 2
        if kind == b"VP8X":
            flags = data[position + 8] & ~_WEBP_METADATA_FLAGS
            kept.append(data[position : position + 8] + bytes([flags]) + data[position + 9 : end])
        elif kind not in _WEBP_DROPPED:
            kept.append(data[position:end])
        position = end
    body = b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


_STRIPPERS: Mapping[str, Callable[[bytes], bytes]] = {
    "image/jpeg": _strip_jpeg,
    "image/png": _strip_png,
    "image/webp": _strip_webp,
}
