"""Pictures in the host's file store: keep, read, describe, delete."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar

from ..cache import LeastRecentlyUsed
from ..errors import NotPermitted, StorageError
from ..imaging import MAX_BYTES, as_picture
from ..imaging.decode import measure, too_many_bytes
from ..jobs import JobRecord
from ..recipes import KEY, Recipe
from ..recipes import read as read_recipe
from ..types import Picture, Size
from .rights import may_read_file

log = logging.getLogger("flux_studio.files")

PREFIX = "flux-studio-"
"""File names begin with it, so that the host's file search finds all our pictures."""

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}

TOO_LARGE = 413

NEWEST = 200
"""Pictures of a temporary chat that are counted; nobody makes more in a day."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRef:
    """A stored picture as messages name it."""

    id: str
    name: str
    mime: str

    @property
    def url(self) -> str:
        return f"/api/v1/files/{self.id}/content"

    def as_event(self) -> dict[str, str]:
        """The shape of the host's own pictures in `files` events and messages."""
        return {"type": "image", "id": self.id, "url": self.url, "name": self.name, "content_type": self.mime}


def file_name(mime: str, seed: int | None, now: float | None = None) -> str:
    """flux-studio-20261121-070501_42.jpg"""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    return f"{PREFIX}{stamp}{'' if seed is None else f'_{seed}'}.{EXTENSIONS.get(mime, 'png')}"


def refs(records: Sequence[JobRecord]) -> list[FileRef]:
    """All kept pictures of these jobs, in order (pure)."""
    pairs = [(job.outcome, identifier) for job in records if job.outcome for identifier in job.outcome.files]
    return [
        FileRef(id=identifier, name=file_name(outcome.mime, outcome.seed), mime=outcome.mime)
        for outcome, identifier in pairs
    ]


async def keep(
    picture: Picture,
    *,
    user: Any,
    app: Any,
    recipe: Recipe,
    chat: str = "",
    message: str = "",
    place: int = 0,
    linked: bool = True,
) -> FileRef:
    """Store a picture under its user, linked to chat and message, where it has this place; raises StorageError.

    A picture above the host's upload limit is stored all the same: it is paid for.
    """
    from fastapi import HTTPException, UploadFile
    from open_webui.models.chats import Chats
    from open_webui.routers.files import upload_file_handler
    from starlette.datastructures import Headers

    name = file_name(picture.mime, recipe.seed)
    metadata = {KEY: recipe.to_json(), "chat_id": chat, "message_id": message, "place": place}
    upload = UploadFile(file=io.BytesIO(picture.data), filename=name, headers=Headers({"content-type": picture.mime}))
    try:
        item = await upload_file_handler(
            SimpleNamespace(app=app), file=upload, metadata=metadata, process=False, user=user
        )
    except HTTPException as error:
        if error.status_code != TOO_LARGE:
            raise StorageError("The server could not store the picture.", detail=str(error.detail)) from error
        item = await _keep_directly(picture.data, picture.mime, name, user, metadata)
    if linked and chat and message:
        await Chats.insert_chat_files(chat_id=chat, message_id=message, file_ids=[item.id], user_id=user.id)
    return FileRef(id=item.id, name=name, mime=picture.mime)


async def keep_document(data: bytes, *, name: str, mime: str, user: Any) -> FileRef:
    """Store something that is no picture under its user, for a link in an answer; raises StorageError."""
    item = await _keep_directly(data, mime, name, user, {})
    return FileRef(id=item.id, name=name, mime=mime)


async def _keep_directly(data: bytes, mime: str, name: str, user: Any, metadata: dict[str, Any]) -> Any:
    """What the host's upload does, without its limit for uploads by people."""
    import uuid

    from open_webui.models.files import FileForm, Files
    from open_webui.storage.provider import Storage

    identifier = str(uuid.uuid4())
    tags = {"OpenWebUI-User-Id": user.id, "OpenWebUI-File-Id": identifier}
    _, path = await asyncio.to_thread(Storage.upload_file, io.BytesIO(data), f"{identifier}_{name}", tags)
    meta = {"name": name, "content_type": mime, "size": len(data), "data": metadata}
    item = await Files.insert_new_file(user.id, FileForm(id=identifier, filename=name, path=path, data={}, meta=meta))
    if item is None:
        raise StorageError("The server could not store the picture.", detail="insert_new_file returned nothing")
    return item


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What the pages need to know of a stored picture before they load it."""

    id: str
    mime: str
    size: Size
    """Pixels, after EXIF orientation."""


SEEN: LeastRecentlyUsed[str, FileFacts] = LeastRecentlyUsed(1024)
"""What was read of pictures that carry no recipe: a file's bytes never change, and a remote store sends them whole."""


async def facts(identifier: str, *, user: Any, own_only: bool = False) -> FileFacts:
    """Describe a picture the user may read, its header alone is looked at; raises as `read` does."""
    item = await _readable(identifier, user, own_only)
    recipe = Recipe.from_json(((item.meta or {}).get("data") or {}).get(KEY) or {})
    if recipe is not None and recipe.width and recipe.height:
        mime = str((item.meta or {}).get("content_type") or "image/png")
        return FileFacts(id=identifier, mime=mime, size=Size(width=recipe.width, height=recipe.height))

    def look() -> FileFacts:
        with open(_path(item), "rb") as stream:
            mime, size = measure(stream.read())
            return FileFacts(id=identifier, mime=mime, size=size)

    known = SEEN.get(identifier)  # only after the rights: it is nobody's key to a picture
    if known is None:
        known = await _in_thread(look)
        SEEN.put(identifier, known)
    return known


async def claim_drafts(identifiers: Sequence[str], *, user: Any, chat: str, message: str) -> None:
    """Take the draft mark off pictures and link them to the message that shows them; again changes nothing."""
    from open_webui.models.chats import Chats
    from open_webui.models.files import Files

    for identifier in identifiers:
        item = await Files.get_file_by_id(identifier)
        if item is None or item.user_id != user.id:
            raise StorageError("One of these pictures is gone.", detail=f"file {identifier}")
        data = dict((item.meta or {}).get("data") or {})
        recipe = {name: value for name, value in (data.get(KEY) or {}).items() if name != "draft"}
        data |= {KEY: recipe, "chat_id": chat, "message_id": message}
        await Files.update_file_metadata_by_id(identifier, {"data": data})
    await Chats.insert_chat_files(chat_id=chat, message_id=message, file_ids=list(identifiers), user_id=user.id)


async def read(identifier: str, *, user: Any, own_only: bool = False) -> Picture:
    """Load a picture the user may read; raises NotPermitted, StorageError or InvalidRequest."""
    item = await _readable(identifier, user, own_only)

    def load() -> Picture:
        path = _path(item)
        if (size := os.path.getsize(path)) > MAX_BYTES:
            raise too_many_bytes(size, MAX_BYTES)
        with open(path, "rb") as stream:
            picture = as_picture(stream.read(), file=identifier)
        _ = picture.id  # hashed here, in the thread: whoever asks for it later gets the kept value
        return picture

    return await _in_thread(load)


async def is_kept(reference: FileRef, picture: Picture) -> bool:
    """Whether the stored bytes are those of this picture, read back from the store."""
    from open_webui.models.files import Files

    item = await Files.get_file_by_id(reference.id)

    def compare() -> bool:
        with open(_path(item), "rb") as stream:
            return stream.read() == picture.data

    return item is not None and await _in_thread(compare)


def _path(item: Any) -> str:
    from open_webui.storage.provider import Storage

    return str(Storage.get_file(item.path))


async def _in_thread(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise StorageError("The server has lost the file of this picture.", detail=str(error)) from error


async def _readable(identifier: str, user: Any, own_only: bool = False) -> Any:
    from open_webui.models.files import Files

    item = await Files.get_file_by_id(identifier)
    if item is None or not await may_read_file(user, item, own_only=own_only):
        raise NotPermitted("This picture is gone, or it is not yours.", detail=f"file {identifier} for {user.id}")
    return item


async def recipe_of(identifier: str, *, user: Any) -> Recipe | None:
    """Read how a picture was made, off the host's record, else out of the file; None when neither tells."""
    item = await _readable(identifier, user)
    kept = Recipe.from_json(((item.meta or {}).get("data") or {}).get(KEY))

    def look() -> Recipe | None:
        path = _path(item)
        if os.path.getsize(path) > MAX_BYTES:
            return None
        with open(path, "rb") as stream:
            return read_recipe(stream.read())

    return kept or await _in_thread(look)


async def set_draft(identifier: str, draft: bool) -> None:
    """Mark a picture as a draft, or as wanted; one that is gone is no error."""
    from open_webui.models.files import Files

    item = await Files.get_file_by_id(identifier)
    data = dict(((item.meta or {}).get("data") or {}) if item else {})
    if item is not None and KEY in data:
        data[KEY] = {**data[KEY], "draft": draft}
        await Files.update_file_metadata_by_id(identifier, {"data": data})


async def of_chat(chat: str, *, user: Any, limit: int) -> list[str]:
    """Ids of the user's newest pictures made in a chat the host does not store, newest first, drafts left out."""
    return [file for file, _ in reversed(await shown_in_chat(chat, user=user))][:limit]


async def shown_in_chat(chat: str, *, user: Any) -> list[tuple[str, str]]:
    """File and message ids of the pictures a person was shown in a chat the host does not store, in their order.

    Drafts, which a Stop leaves behind, were not shown.
    """
    from open_webui.internal.db import get_async_db
    from open_webui.models.files import File
    from sqlalchemy import select

    chosen = (
        select(File.id, File.meta)
        .where(File.user_id == user.id, File.filename.like(f"{PREFIX}%"))
        .where(File.meta["data"]["chat_id"].as_string() == chat)
        .order_by(File.created_at.desc())
        .limit(NEWEST)
    )
    async with get_async_db() as session:
        rows = [(row.id, row.meta["data"]) for row in reversed(list(await session.execute(chosen)))]
    shown = [(file, data) for file, data in rows if not (data.get(KEY) or {}).get("draft")]
    return in_order([(file, str(data.get("message_id") or ""), int(data.get("place") or 0)) for file, data in shown])


def in_order(pictures: Sequence[tuple[str, str, int]]) -> list[tuple[str, str]]:
    """Sort (file, message, place in it): messages as they came, the pictures of one as it shows them (pure)."""
    messages = list(dict.fromkeys(message for _, message, _ in pictures))
    ordered = sorted(pictures, key=lambda each: (messages.index(each[1]), each[2]))
    return [(file, message) for file, message, _ in ordered]


async def is_used(identifier: str, *, user: str) -> bool:
    """Whether a message of the user's stored chats holds this file."""
    from open_webui.internal.db import get_async_db
    from open_webui.models.chat_messages import ChatMessage
    from sqlalchemy import String, cast, select

    holds = cast(ChatMessage.files, String).like(f"%{identifier}%")
    async with get_async_db() as session:
        chosen = select(ChatMessage.id).where(ChatMessage.user_id == user, holds).limit(1)
        return (await session.execute(chosen)).first() is not None


async def delete(identifier: str) -> None:
    """Remove a file and its bytes; one that is gone already is no error."""
    from open_webui.models.files import Files
    from open_webui.storage.provider import Storage

    item = await Files.get_file_by_id(identifier)
    SEEN.forget(identifier)
    if item is not None and await Files.delete_file_by_id(identifier) and item.path:
        await asyncio.to_thread(Storage.delete_file, item.path)
