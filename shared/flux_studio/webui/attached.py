"""The pictures of one message: attached files, or data URIs in a call of the API; checked, counted, read."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalog import ModelCard
from ..catalog.check import too_many_pictures
from ..errors import InvalidRequest
from ..imaging import ALLOWED, as_picture
from ..types import Picture
from . import files
from .caller import Caller
from .messages import is_picture, picture_ids

DATA_PREFIX = "data:image/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the bytes of one input picture come from: a file of the host, or a data URI."""

    file: str = ""
    link: str = ""


def attached(caller: Caller, body: Mapping[str, Any]) -> tuple[Source, ...]:
    """The pictures given with this question, in order; raises InvalidRequest for what is no picture."""
    given = caller.user_message.get("files") or []
    _require_pictures(given)
    identifiers = picture_ids({"files": given})
    if identifiers:
        return tuple(Source(file=each) for each in identifiers)
    return tuple(Source(link=each) for each in _inline_pictures(body.get("messages") or []))


def require_few(card: ModelCard, sources: Sequence[Source]) -> None:
    """Raise InvalidRequest before any is read: hundreds of them would fill the memory."""
    if sources and (fault := too_many_pictures(card, len(sources))):
        raise fault


async def read(source: Source, caller: Caller) -> Picture:
    """Load one picture; raises NotPermitted, StorageError, InvalidRequest."""
    if source.file:
        return await files.read(source.file, user=caller.user, own_only=caller.temporary)
    return await _decode(source.link)


def _require_pictures(given: Sequence[Mapping[str, Any]]) -> None:
    """Raise InvalidRequest naming the first attachment that is none: left out in silence, it would be missed."""
    for item in given:
        if not is_picture(item):
            name = str(item.get("name") or item.get("type") or "The attachment")[:80]
            sentence = f"“{name}” is not a picture; possible are {ALLOWED}."
            raise InvalidRequest("picture", name, ALLOWED, sentence=sentence)


def _inline_pictures(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """Data URIs of the last user message, as direct API callers send them."""
    last: Mapping[str, Any] = next((message for message in reversed(messages) if message.get("role") == "user"), {})
    parts = last.get("content")
    links = [
        str((part.get("image_url") or {}).get("url", ""))
        for part in (parts if isinstance(parts, list) else [])
        if isinstance(part, Mapping) and part.get("type") == "image_url"
    ]
    if any(not link.startswith(DATA_PREFIX) for link in links):
        raise InvalidRequest("picture", "a link", "attached picture files or data:image/… addresses")
    return links


async def _decode(link: str) -> Picture:
    """Read a data URI; the declared type is ignored, the magic bytes decide."""
    _, _, encoded = link.partition(",")
    try:
        data = await asyncio.to_thread(base64.b64decode, encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest("picture", "broken data", "a base64 encoded picture") from error
    return await asyncio.to_thread(as_picture, data)
