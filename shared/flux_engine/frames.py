"""The pipe between engine and worker: a length, a JSON header, then raw files; no pickles, no copies in base64."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

LENGTH = struct.Struct(">I")
MAX_HEADER = 256 * 1024 * 1024
BLOBS = "blobs"
"""Key of the header that lists the sizes of the files behind it."""


class Broken(Exception):
    """The other side ended in the middle, or wrote something else: the pipe cannot be read any further."""


def pack(header: dict[str, Any], blobs: Sequence[bytes] = ()) -> bytes:
    """One frame as bytes."""
    text = json.dumps({**header, BLOBS: [len(blob) for blob in blobs]}).encode()
    return b"".join((LENGTH.pack(len(text)), text, *blobs))


def read(stream: BinaryIO) -> tuple[dict[str, Any], list[bytes]] | None:
    """Read one frame, blocking; None at an orderly end. Raises Broken."""
    start = stream.read(LENGTH.size)
    if not start:
        return None
    header = _header(_exactly(stream, _length(start)))
    return header, [_exactly(stream, size) for size in header.pop(BLOBS, [])]


async def read_async(stream: asyncio.StreamReader) -> tuple[dict[str, Any], list[bytes]] | None:
    """The same in the engine's event loop."""
    try:
        start = await stream.readexactly(LENGTH.size)
        header = _header(await stream.readexactly(_length(start)))
        return header, [await stream.readexactly(size) for size in header.pop(BLOBS, [])]
    except asyncio.IncompleteReadError as error:
        if not error.partial:
            return None
        raise Broken("ended in the middle of a frame") from error


def _length(start: bytes) -> int:
    if len(start) < LENGTH.size:
        raise Broken("ended in the middle of a length")
    length = int(LENGTH.unpack(start)[0])
    if length > MAX_HEADER:
        raise Broken(f"a header of {length} bytes")
    return length


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise Broken("ended in the middle of a frame")
    return data


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except ValueError as error:
        raise Broken("a header that is not JSON") from error
    if not isinstance(header, dict):
        raise Broken("a header that is no object")
    return header
