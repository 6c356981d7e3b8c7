"""Words inside a picture file: written into the container beside the untouched pixels, and read back."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping

from . import exif

MAX_TEXT = 1024 * 1024
"""Bytes of one text that are read: a ComfyUI workflow takes 200 kB."""
MAX_TEXTS = 64
MAX_PARTS = 20_000
"""Chunks or segments of a file that are walked over."""
MAX_SEGMENT = 65_533
"""Bytes that fit into one segment of a JPEG."""

_EXIF = b"Exif\0\0"
_HAS_EXIF, _HAS_ALPHA = 0x08, 0x10
"""Bits of the VP8X chunk."""


def with_text(data: bytes, mime: str, name: str, text: str) -> bytes | None:
    """Return the file with `text` in it: a PNG's iTXt chunk called `name`, else the user comment of its EXIF.

    The compressed pixels, the profile and all other metadata stay bit by bit; a text in the same place is
    replaced. None when the text does not fit in or the container is broken.
    """
    try:
        return _WRITERS[mime](data, name, text)
    except (ValueError, IndexError, KeyError, struct.error):
        return None


def texts(data: bytes, mime: str) -> dict[str, str]:
    """All texts of a file by name: PNG keywords, UserComment, ImageDescription, Comment. Never raises; bounded."""
    found: dict[str, str] = {}
    try:
        for name, text in _READERS[mime](data):
            found.setdefault(name[:100], text)
            if len(found) == MAX_TEXTS:
                break
    except (ValueError, IndexError, KeyError, struct.error, zlib.error):
        pass  # what stands before the damage counts
    return found


# PNG: chunks of length, kind, body, checksum


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each complete chunk."""
    position = 8
    for _ in range(MAX_PARTS):
        if position + 12 > len(data):
            return
        (length,) = struct.unpack_from(">I", data, position)
        end = position + 12 + length
        if end > len(data):
            return
        yield data[position + 4 : position + 8], position, end
        position = end
    raise ValueError("too many chunks")


def _with_png_text(data: bytes, name: str, text: str) -> bytes:
    keyword = name.encode("latin-1")
    body = keyword + b"\0\0\0\0\0" + text.encode("utf-8", errors="replace")
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    header_end, kept = 0, []
    for kind, start, end in _png_chunks(data):
        if kind == b"IHDR":
            header_end = end
        elif not (kind == b"iTXt" and data.startswith(keyword + b"\0", start + 8)):
            kept.append(data[start:end])
        if kind == b"IEND":
            return b"".join([data[:header_end], chunk, *kept, data[end:]])
    raise ValueError("a PNG without its end")


def _png_texts(data: bytes) -> Iterator[tuple[str, str]]:
    readers: Mapping[bytes, Callable[[bytes], str | None]] = {
        b"tEXt": lambda body: body.decode("latin-1"),
        b"zTXt": lambda body: _inflated(body[1:], "latin-1"),
        b"iTXt": _international,
    }
    for kind, start, end in _png_chunks(data):
        if end - start > MAX_TEXT:
            continue
        body = data[start + 8 : end - 4]
        if kind == b"eXIf":
            yield from exif.words(body).items()
        elif kind in readers:
            keyword, _, rest = body.partition(b"\0")
            text = readers[kind](rest)
            if text is not None:
                yield keyword.decode("latin-1"), text


def _international(rest: bytes) -> str | None:
    compressed, rest = rest[:1] == b"\1", rest[2:]
    _, _, rest = rest.partition(b"\0")
    _, _, rest = rest.partition(b"\0")
    return _inflated(rest, "utf-8") if compressed else rest.decode("utf-8", errors="replace")


def _inflated(packed: bytes, encoding: str) -> str | None:
    """Unpack at most MAX_TEXT bytes; what would be longer is no text but a bomb."""
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(packed, MAX_TEXT)
    except zlib.error:
        return None
    return None if unpacker.unconsumed_tail else plain.decode(encoding, errors="replace")


# JPEG: segments of a marker, a length and a body, up to the compressed pixels


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment before the pixels; the last one is the start of scan, of no length."""
    position = 2
    for _ in range(MAX_PARTS):
        if data[position] != 0xFF:
            raise ValueError("no marker where a JPEG segment should begin")
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker == 0xDA:
            yield marker, position, position
            return
        (length,) = struct.unpack_from(">H", data, position + 2)
        end = position + 2 + length
        if length < 2 or end > len(data):
            raise ValueError("a JPEG segment that is cut")
        yield marker, position, end
        position = end
    raise ValueError("too many segments")


def _with_jpeg_comment(data: bytes, name: str, text: str) -> bytes | None:
    old, place = None, 2
    for marker, start, end in _jpeg_segments(data):
        if marker == 0xE0 and start == place:
            place = end  # JFIF wants to be first
        if marker == 0xE1 and data.startswith(_EXIF, start + 4):
            old = (start, end)
    block = exif.with_comment(text, data[old[0] + 10 : old[1]] if old else None)
    if block is None or len(_EXIF) + len(block) > MAX_SEGMENT:
        return None
    segment = b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(block)) + _EXIF + block
    before, after = old or (place, place)
    return data[:before] + segment + data[after:]


def _jpeg_texts(data: bytes) -> Iterator[tuple[str, str]]:
    for marker, start, end in _jpeg_segments(data):
        body = data[start + 4 : end]
        if marker == 0xE1 and body.startswith(_EXIF):
            yield from exif.words(body).items()
        elif marker == 0xFE:
            yield "Comment", body.decode("utf-8", errors="replace").strip("\0 \r\n")


# WebP: a RIFF file of chunks of kind, length and body


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    position = 12
    for _ in range(MAX_PARTS):
        if position + 8 > len(data):
            return
        (length,) = struct.unpack_from("<I", data, position + 4)
        end = position + 8 + length + length % 2
        if position + 8 + length > len(data):
            raise ValueError("a WebP chunk that is cut")
        yield data[position : position + 4], position, end
        position = end
    raise ValueError("too many chunks")


def _with_webp_comment(data: bytes, name: str, text: str) -> bytes | None:
    """EXIF follows the pixels and is announced in VP8X, which a plain file has not got yet."""
    parts = {kind: (start, end) for kind, start, end in _webp_chunks(data)}
    old = parts.get(b"EXIF")
    block = exif.with_comment(text, data[old[0] + 8 : old[1]].removeprefix(_EXIF) if old else None)
    if block is None:
        return None
    chunk = b"EXIF" + struct.pack("<I", len(block)) + block + bytes(len(block) % 2)
    chunks = [(kind, data[start:end]) for kind, start, end in _webp_chunks(data) if kind != b"EXIF"]
    head = [(kind, body) for kind, body in chunks if kind == b"VP8X"]
    rest = [body for kind, body in chunks if kind not in (b"VP8X", b"XMP ")]
    xmp = [body for kind, body in chunks if kind == b"XMP "]
    extended: bytes = _announced(head[0][1]) if head else _extended(*chunks[0])
    body = b"".join([extended, *rest, chunk, *xmp])
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _announced(chunk: bytes) -> bytes:
    return chunk[:8] + bytes([chunk[8] | _HAS_EXIF]) + chunk[9:]


def _extended(kind: bytes, chunk: bytes) -> bytes:
    """The VP8X chunk of a plain file, its size and transparency read off the head of the pixels."""
    body = chunk[8:]
    if kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", body, 6))
        flags = _HAS_EXIF
    elif kind == b"VP8L" and body[0] == 0x2F:
        (bits,) = struct.unpack_from("<I", body, 1)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = _HAS_EXIF | (_HAS_ALPHA if bits >> 28 & 1 else 0)
    else:
        raise ValueError("a WebP that begins with neither VP8 nor VP8L")
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"".join([b"VP8X", struct.pack("<IB3x", 10, flags), sides])


def _webp_texts(data: bytes) -> Iterator[tuple[str, str]]:
    for kind, start, end in _webp_chunks(data):
        if kind == b"EXIF":
            yield from exif.words(data[start + 8 : end]).items()


_WRITERS: Mapping[str, Callable[[bytes, str, str], bytes | None]] = {
    "image/png": _with_png_text,
    "image/jpeg": _with_jpeg_comment,
    "image/webp": _with_webp_comment,
}
_READERS: Mapping[str, Callable[[bytes], Iterator[tuple[str, str]]]] = {
    "image/png": _png_texts,
    "image/jpeg": _jpeg_texts,
    "image/webp": _webp_texts,
}
