"""The host's chat records: which pictures a branch holds, and how a finished answer is written into it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import StorageError
from .files import FileRef

FILE_LINK = re.compile(r"/api/v1/files/([0-9a-fA-F-]{36})/content")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPicture:
    """A picture somewhere in a branch, and how to name it to a person."""

    file: str
    role: str
    """user or assistant."""
    number: int
    """1-based place within its message."""
    total: int
    timestamp: float = 0.0


def picture_ids(message: Mapping[str, Any]) -> list[str]:
    """File ids of all pictures of one message, shown or linked, in order and without repeats."""
    shown = [_file_id(item) for item in message.get("files") or [] if is_picture(item)]
    linked = FILE_LINK.findall(str(message.get("content") or ""))
    return list(dict.fromkeys(identifier for identifier in [*shown, *linked] if identifier))


def newest_picture(messages: Mapping[str, Mapping[str, Any]], start: str | None) -> ChatPicture | None:
    """Walk from message `start` up to the root and return the first picture met (pure)."""
    for message in branch(messages, start):
        identifiers = picture_ids(message)
        if identifiers:
            return ChatPicture(
                file=identifiers[0],
                role=str(message.get("role") or "assistant"),
                number=1,
                total=len(identifiers),
                timestamp=float(message.get("timestamp") or 0),
            )
    return None


def branch(messages: Mapping[str, Mapping[str, Any]], start: str | None) -> Iterable[Mapping[str, Any]]:
    """Yield messages from `start` to the root; a circle in damaged data ends the walk."""
    seen: set[str] = set()
    while start and start in messages and start not in seen:
        seen.add(start)
        yield messages[start]
        start = messages[start].get("parentId")


async def newest_picture_of_chat(chat: str, start: str | None) -> ChatPicture | None:
    """The newest picture of the branch that ends at message `start` of a saved chat."""
    from open_webui.models.chats import Chats

    return newest_picture(await Chats.get_messages_map_by_chat_id(chat) or {}, start)


async def read_message(chat: str, message: str) -> Mapping[str, Any] | None:
    """The host's record of one message; None when it is gone or its chat is not stored."""
    from open_webui.models.chats import Chats

    record: Mapping[str, Any] | None = await Chats.get_message_by_id_and_message_id(chat, message)
    return record


def has_ended(record: Mapping[str, Any] | None) -> bool:
    """Whether the host has written the end of this answer, or the message is gone (pure)."""
    return record is None or bool(record.get("done")) or bool(record.get("error"))


async def write_answer(
    chat: str, message: str, *, user: str, content: str, files: Sequence[FileRef], done: bool
) -> bool:
    """Replace text and pictures of an answer nobody is writing any more; False when the message is gone.

    Raises StorageError when the host could not write: it answers None for that, and the caller has to try again.
    `output` is emptied because the tab shows it instead of the text as long as it is there; an earlier
    error (a job that timed out and arrived after all) is taken away once there is a picture.
    """
    from open_webui.models.chats import Chats

    existing = await read_message(chat, message)
    if existing is None:
        return False
    history = list(existing.get("statusHistory") or [])
    if done and history and not history[-1].get("done"):
        history.append({"description": "Finished after an interruption", "done": True, "hidden": True})
    changes = {
        "content": content,
        "output": [],
        "done": done,
        "files": _with_pictures(existing.get("files") or [], files),
        "statusHistory": history,
        **({"error": None} if files else {}),
    }
    written = await Chats.upsert_message_to_chat_by_id_and_message_id(chat, message, changes)
    if written is None:
        raise StorageError("The server could not write the answer.", detail=f"chat {chat}, message {message}")
    await _reload(chat, message, user)
    return True


async def add_message(chat: str, *, user: str, model: str, content: str, files: Sequence[FileRef]) -> str:
    """Append an assistant message below the chat's current leaf and show it in every open tab."""
    import uuid

    from open_webui.models.chats import Chats

    identifier = str(uuid.uuid4())
    record = await Chats.get_chat_by_id(chat)
    leaf = ((record.chat or {}).get("history") or {}).get("currentId") if record else None
    await Chats.upsert_message_to_chat_by_id_and_message_id(
        chat,
        identifier,
        {
            "id": identifier,
            "parentId": leaf,
            "childrenIds": [],
            "role": "assistant",
            "content": content,
            "done": True,
            "model": model,
            "modelIdx": 0,
            "timestamp": int(time.time()),
            "user_id": user,
            "files": [file.as_event() for file in files],
        },
    )
    await _reload(chat, identifier, user)
    return identifier


async def _reload(chat: str, message: str, user: str) -> None:
    from open_webui.socket.main import get_event_emitter

    emit = await get_event_emitter({"user_id": user, "chat_id": chat, "message_id": message, "session_id": ""})
    await emit({"type": "chat:reload", "data": {}})


def _with_pictures(existing: list[dict[str, Any]], files: Sequence[FileRef]) -> list[dict[str, Any]]:
    """Keep what was there, add what is new: a picture is never shown twice nor lost."""
    known = {item.get("id") for item in existing}
    return [*existing, *(file.as_event() for file in files if file.id not in known)]


def is_picture(item: Mapping[str, Any]) -> bool:
    """Whether a file of a message is shown as a picture (pure); what its bytes really are is told on reading."""
    kind = str(item.get("content_type") or (item.get("file") or {}).get("meta", {}).get("content_type") or "")
    return item.get("type") == "image" or kind.startswith("image/")


def _file_id(item: Mapping[str, Any]) -> str:
    """The host writes the id in `id`, in `url` as a bare id, or inside the url's path."""
    if item.get("id"):
        return str(item["id"])
    url = str(item.get("url") or "")
    found = FILE_LINK.search(url)
    return found.group(1) if found else url if re.fullmatch(r"[0-9a-fA-F-]{36}", url) else ""
