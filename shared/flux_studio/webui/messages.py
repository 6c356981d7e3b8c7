"""The host's chat records: which pictures a branch holds, and how a finished answer is written into it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import StorageError
from .caller import Emitter
from .files import FileRef

FILE_LINK = re.compile(r"/api/v1/files/([0-9a-fA-F-]{36})/content")
PICTURE_LINK = re.compile(r"!\[[^\]]{0,200}\]\(" + FILE_LINK.pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPicture:
    """A picture somewhere in a branch, and how to name it to a person."""

    file: str
    number: int
    """Counted through the branch from its first message on; what captions and questions call it by."""
    message: str = ""
    """Id of the message that shows it."""
    role: str = "assistant"
    """user or assistant."""
    timestamp: float = 0.0


def picture_ids(message: Mapping[str, Any]) -> list[str]:
    """File ids of all pictures of one message, shown or linked, in order and without repeats."""
    shown = [_file_id(item) for item in message.get("files") or [] if is_picture(item)]
    linked = FILE_LINK.findall(str(message.get("content") or ""))
    return list(dict.fromkeys(identifier for identifier in [*shown, *linked] if identifier))


def shown_ids(message: Mapping[str, Any]) -> list[str]:
    """File ids of the pictures a message shows, in order: its files, else the pictures in its text.

    A link in a text, as the line that says what was edited has one, shows nothing.
    """
    files = [_file_id(item) for item in message.get("files") or [] if is_picture(item)]
    inline = [] if files else PICTURE_LINK.findall(str(message.get("content") or ""))
    return list(dict.fromkeys(identifier for identifier in [*files, *inline] if identifier))


def numbered(messages: Mapping[str, Mapping[str, Any]], start: str | None) -> list[ChatPicture]:
    """All pictures of the branch that ends at message `start`, oldest first, each file once (pure)."""
    found: dict[str, ChatPicture] = {}
    for identifier, message in reversed(list(branch(messages, start))):
        for file in shown_ids(message):
            picture = ChatPicture(
                file=file,
                number=len(found) + 1,
                message=identifier,
                role=str(message.get("role") or "assistant"),
                timestamp=float(message.get("timestamp") or 0),
            )
            found.setdefault(file, picture)
    return list(found.values())


def number_of_message(messages: Mapping[str, Mapping[str, Any]], message: str) -> int:
    """The number that the first picture of an answer has, or will have (pure)."""
    above = (messages.get(message) or {}).get("parentId")
    return len(numbered(messages, above)) + 1


def branch(messages: Mapping[str, Mapping[str, Any]], start: str | None) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Yield id and record of the messages from `start` to the root; a circle in damaged data ends the walk."""
    seen: set[str] = set()
    while start and start in messages and start not in seen:
        seen.add(start)
        yield start, messages[start]
        start = messages[start].get("parentId")


def all_pictures(messages: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Pairs (file id, message id) of every picture of a chat, newest message first, each file once (pure)."""
    newest_first = sorted(messages.items(), key=lambda item: float(item[1].get("timestamp") or 0), reverse=True)
    found: dict[str, str] = {}
    for message, record in newest_first:
        for file in picture_ids(record):
            found.setdefault(file, message)
    return list(found.items())


def is_being_written(message: Mapping[str, Any] | None) -> bool:
    """Whether this is an answer that has not ended (pure)."""
    if message is None or message.get("role") != "assistant":
        return False
    return not message.get("done") and not message.get("error")


async def messages_of_chat(chat: str) -> dict[str, dict[str, Any]]:
    """All messages of a saved chat by id."""
    from open_webui.models.chats import Chats

    return await Chats.get_messages_map_by_chat_id(chat) or {}


async def first_number(chat: str, message: str) -> int:
    """The number that the first picture of an answer in a saved chat has."""
    return number_of_message(await messages_of_chat(chat), message)


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


async def leaf_of_chat(chat: str) -> str | None:
    """Id of the message a saved chat ends with in the branch that is shown."""
    from open_webui.models.chats import Chats

    record = await Chats.get_chat_by_id(chat)
    leaf = ((record.chat or {}).get("history") or {}).get("currentId") if record else None
    return str(leaf) if leaf else None


async def leaf_is_being_written(chat: str, app: Any) -> bool:
    """Whether the newest answer of this chat is still under way: the host has a task for it."""
    from open_webui.models.chats import Chats
    from open_webui.tasks import list_task_ids_by_item_id

    record = await Chats.get_chat_by_id(chat)
    history = ((record.chat or {}).get("history") or {}) if record else {}
    leaf = (history.get("messages") or {}).get(history.get("currentId"))
    # an answer whose server died stays unfinished for ever: only a running task is worth waiting for
    return is_being_written(leaf) and bool(await list_task_ids_by_item_id(app.state.redis, chat))


async def add_message(
    chat: str, identifier: str, *, user: str, model: str, content: str, files: Sequence[FileRef]
) -> None:
    """Append an assistant message below the chat's current leaf and show it in every open tab.

    A message with this id that is there already stays as it is. Raises StorageError when the chat is gone.
    """
    message = {
        "id": identifier,
        "childrenIds": [],
        "role": "assistant",
        "content": content,
        "done": True,
        "model": model,
        "modelIdx": 0,
        "timestamp": int(time.time()),
        "user_id": user,
        "files": [file.as_event() for file in files],
    }
    if not await _append(chat, message):
        raise StorageError("This chat is gone; the picture is kept among your files.", detail=f"chat {chat}")
    await _reload(chat, identifier, user)


async def _append(chat: str, message: Mapping[str, Any]) -> bool:
    """Read the leaf and write its child in one transaction: two tabs at once never make two branches."""
    from open_webui.models.chat_messages import ChatMessages
    from open_webui.models.chats import Chats
    from sqlalchemy.orm.attributes import flag_modified

    identifier = str(message["id"])
    # the host's own lock around a chat; its public calls read and write in two steps
    async with Chats._chat_transaction(chat) as (session, record):
        if record is None:
            return False
        content = dict(record.chat or {})
        history = dict(content.get("history") or {})
        if identifier in (history.get("messages") or {}):
            return True
        placed = {**message, "parentId": Chats.get_current_message_id(content)}
        saved = Chats.upsert_message_to_history(history, identifier, placed)
        await ChatMessages.upsert_message(identifier, chat, record.user_id, saved, db=session)
        record.chat = {**content, "history": history}
        record.current_message_id = Chats.get_current_message_id(record.chat)
        record.updated_at = int(time.time())
        flag_modified(record, "chat")
    return True


async def emitter_for(chat: str, message: str, user: str) -> Emitter:
    """Sends events about a message to every tab of its user, and stores them."""
    from open_webui.socket.main import get_event_emitter

    emit: Emitter = await get_event_emitter({"user_id": user, "chat_id": chat, "message_id": message, "session_id": ""})
    return emit


async def _reload(chat: str, message: str, user: str) -> None:
    emit = await emitter_for(chat, message, user)
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
