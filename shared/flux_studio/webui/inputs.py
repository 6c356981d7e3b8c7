"""Which pictures a question works on: attached ones, or the newest of this branch, named so nobody has to guess."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalog import ModelCard
from ..catalog.check import in_order, too_many_pictures
from ..errors import InvalidRequest
from ..imaging import ALLOWED, as_picture
from ..types import Picture, Task
from . import files
from .caller import Caller
from .messages import ChatPicture, is_picture, newest_picture_of_chat, picture_ids

WORKS_ON_ONE: frozenset[Task] = frozenset({"edit", "deblur"})
"""Tasks for which a single picture is enough, so that the newest of the chat can be taken."""
DATA_PREFIX = "data:image/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Pictures for a request and the sentence that says which they are."""

    pictures: tuple[Picture, ...] = ()
    origin: str = ""


async def gather(caller: Caller, body: Mapping[str, Any], card: ModelCard, *, fresh: bool) -> Inputs:
    """Attached pictures first; without any, the newest picture of this branch if the model works on a single one.

    `fresh` (--new) starts from nothing. Raises NotPermitted, StorageError, InvalidRequest.
    """
    attached = await _attached(caller, body, card)
    if attached:
        unique = tuple({picture.id: picture for picture in attached}.values())
        return Inputs(pictures=unique, origin=attached_origin(card, len(unique)))
    if fresh or not card.tasks & WORKS_ON_ONE:
        return Inputs()
    return await _newest(caller, may_start_afresh="generate" in card.tasks)


async def _attached(caller: Caller, body: Mapping[str, Any], card: ModelCard) -> list[Picture]:
    given = caller.user_message.get("files") or []
    _require_pictures(given)
    identifiers = picture_ids({"files": given})
    links = [] if identifiers else _inline_pictures(body.get("messages") or [])
    if fault := too_many_pictures(card, len(identifiers) + len(links)):
        raise fault  # before any is read: hundreds of them would fill the memory
    read = [await files.read(each, user=caller.user, own_only=caller.temporary) for each in identifiers]
    return read + [await _decode(link) for link in links]


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


async def _newest(caller: Caller, *, may_start_afresh: bool) -> Inputs:
    if caller.temporary:
        identifier = await files.newest_of_chat(caller.chat, user=caller.user)
        found = ChatPicture(file=identifier, role="assistant", number=1, total=1) if identifier else None
    elif caller.saved:
        found = await newest_picture_of_chat(caller.chat, caller.user_message.get("parentId"))
    else:
        found = None
    if found is None:
        return Inputs()
    picture = await files.read(found.file, user=caller.user, own_only=caller.temporary)
    return Inputs(pictures=(picture,), origin=origin_sentence(found, caller.clock(found.timestamp), may_start_afresh))


def origin_sentence(picture: ChatPicture, clock: str = "", may_start_afresh: bool = True) -> str:
    """Say which picture is edited, with a link to it and the way to start afresh where there is one (pure)."""
    link = f"[{'the' if picture.total == 1 else f'picture {picture.number} of {picture.total} of the'} newest"
    kind = "upload" if picture.role == "user" else "picture" if picture.total == 1 else "answer"
    made = f" ({clock})" if clock else ""
    afresh = " · `--new` starts from nothing" if may_start_afresh else ""
    return f"Edited {link} {kind}{made}](/api/v1/files/{picture.file}/content){afresh}"


def attached_origin(card: ModelCard, count: int) -> str:
    """Say what became of attached pictures: edited, put together in their order, or taken as a prompt (pure)."""
    if card.pictures.inspires:
        return "Inspired by your attached picture"
    if card.pictures.roles:
        return f"Made of your {count} attached pictures: {in_order(card.pictures)}"
    return "Edited your attached picture" if count == 1 else f"Made of your {count} attached pictures, in their order"
