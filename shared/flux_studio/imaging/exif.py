"""The few EXIF fields that hold words: a picture's description and its user comment, read and written."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

DESCRIPTION, EXIF_FOLDER, COMMENT = 0x010E, 0x8769, 0x9286
"""Tags of the EXIF standard: ImageDescription, the pointer to the Exif fields, UserComment."""
NAMES: Mapping[int, str] = {DESCRIPTION: "ImageDescription", COMMENT: "UserComment"}

MAX_FIELDS = 512
"""Entries of a folder that are looked at; cameras write some sixty."""

_HEADER = b"Exif\0\0"
_BYTE, _ASCII, _LONG, _UNDEFINED = 1, 2, 4, 7
_WIDTHS: Mapping[int, int] = {_BYTE: 1, _ASCII: 1, _LONG: 4, _UNDEFINED: 1}
"""Bytes of one value of the types we read; Pillow writes comments as plain bytes."""
_PLAIN, _UNICODE, _UNKNOWN = b"ASCII\0\0\0", b"UNICODE\0", bytes(8)


def with_comment(text: str, existing: bytes | None = None) -> bytes | None:
    """Return an EXIF block (without "Exif\\0\\0") whose user comment is `text`; other fields of `existing` stay.

    None when the existing block cannot be read: it is not for us to throw away.
    """
    comment = _encoded(text)
    if existing:
        return _merged(existing, comment)
    folder = struct.pack("<HHHIII", 1, EXIF_FOLDER, _LONG, 1, 26, 0)
    fields = struct.pack("<HHHIII", 1, COMMENT, _UNDEFINED, len(comment), 44, 0)
    return b"II*\0" + struct.pack("<I", 8) + folder + fields + comment


def words(block: bytes) -> dict[str, str]:
    """The description and the user comment of an EXIF block, each where there is one. Never raises."""
    block = block.removeprefix(_HEADER)
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return {}
    try:
        return _words(block, order)
    except struct.error:
        return {}


def _words(block: bytes, order: str) -> dict[str, str]:
    (first,) = struct.unpack_from(order + "I", block, 4)
    found: dict[str, str] = {}
    folders = [first]
    for tag, value in _fields(block, order, first):
        if tag == EXIF_FOLDER and len(value) == 4:
            folders.append(struct.unpack(order + "I", value)[0])
    for folder in folders:
        for tag, value in _fields(block, order, folder):
            if tag in NAMES and (text := _decoded(tag, value, order)):
                found.setdefault(NAMES[tag], text)
    return found


def _fields(block: bytes, order: str, folder: int) -> Iterator[tuple[int, bytes]]:
    """Tag and bytes of each field of a folder that has a type we read."""
    (count,) = struct.unpack_from(order + "H", block, folder)
    for index in range(min(count, MAX_FIELDS)):
        place = folder + 2 + 12 * index
        tag, kind, length = struct.unpack_from(order + "HHI", block, place)
        width = _WIDTHS.get(kind, 0) * length
        if not width:
            continue
        start = place + 8 if width <= 4 else struct.unpack_from(order + "I", block, place + 8)[0]
        if start + width <= len(block):
            yield tag, block[start : start + width]


def _encoded(text: str) -> bytes:
    """UTF-16 as other tools of this field write it; plain letters alone take half of that."""
    if text.isascii():
        return _PLAIN + text.encode("ascii")
    return _UNICODE + text.encode("utf-16-be", errors="replace")


def _decoded(tag: int, value: bytes, order: str) -> str:
    """Text of a field; tools disagree about the byte order of UTF-16, so the more readable one is taken."""
    start, body = value[:8], value[8:]
    if tag == COMMENT and start == _UNICODE:
        both = [body.decode(f"utf-16-{end}", errors="replace") for end in ("be", "le")]
        text = max(both, key=lambda each: sum(character.isascii() for character in each[:1000]))
    else:
        text = (body if tag == COMMENT and start in (_PLAIN, _UNKNOWN) else value).decode("utf-8", errors="replace")
    return text.strip("\0 \r\n\t\ufeff")


def _merged(existing: bytes, comment: bytes) -> bytes | None:
    """Let Pillow write all fields anew, the comment among them."""
    from PIL import Image

    from .decode import DECODE_ERRORS

    exif = Image.Exif()
    try:
        exif.load(existing)
        exif.get_ifd(EXIF_FOLDER)[COMMENT] = comment
        return exif.tobytes(offset=8).removeprefix(_HEADER)
    except DECODE_ERRORS:
        return None
