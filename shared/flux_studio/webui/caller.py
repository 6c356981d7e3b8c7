"""Who asks, and where the answer goes: one call of the host, read out of what it hands to a plugin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Emitter = Callable[[dict[str, Any]], Awaitable[Any]]

EventCall = Callable[[dict[str, Any]], Awaitable[Any]]
"""Shows a dialog in the tab that asked, or runs a script there, and gives its answer; it may never come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One signed-in person in one message of one chat; empty ids for calls without a chat."""

    user: Any
    """The host's UserModel."""
    app: Any
    """The host's FastAPI application."""
    chat: str = ""
    message: str = ""
    session: str = ""
    """The tab that asked."""
    emit: Emitter | None = None
    """Sends an event to the tab and stores it; None for direct API calls."""
    ask: EventCall | None = None
    """Asks the tab; None where no tab waits for this answer."""
    user_message: Mapping[str, Any] = field(default_factory=dict)
    """The host's record of the question: content, files, parentId."""
    chat_variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def user_id(self) -> str:
        return str(self.user.id)

    def clock(self, timestamp: float) -> str:
        """Hour and minute where this person is; empty when the host does not know their time zone."""
        return local_time(self.user, timestamp)

    @property
    def saved(self) -> bool:
        """Whether the chat is stored by the host (not temporary, no channel, not a call without chat)."""
        from open_webui.utils.chat_id import is_saved_chat_id

        return bool(is_saved_chat_id(self.chat))

    @property
    def temporary(self) -> bool:
        from open_webui.utils.chat_id import is_temporary_chat_id

        return bool(is_temporary_chat_id(self.chat))

    @property
    def channel(self) -> bool:
        """Whether a model was mentioned in a channel: the host answers there with a message of its own kind."""
        return self.chat.startswith("channel:")


def local_time(user: Any, timestamp: float) -> str:
    """Hour and minute where a person is; empty when the host does not know their time zone."""
    name = getattr(user, "timezone", None)
    if not name or not timestamp:
        return ""
    try:
        return datetime.fromtimestamp(timestamp, ZoneInfo(str(name))).strftime("%H:%M")
    except (ZoneInfoNotFoundError, ValueError, OverflowError):
        return ""


async def caller(
    user: Mapping[str, Any],
    request: Any,
    metadata: Mapping[str, Any] | None = None,
    emit: Emitter | None = None,
    ask: EventCall | None = None,
) -> Caller:
    """Read a call; the user is loaded afresh so that no claim of the request counts."""
    from open_webui.models.users import Users

    metadata = metadata or {}
    chat, message = metadata.get("chat_id") or "", metadata.get("message_id") or ""
    return Caller(
        user=await Users.get_user_by_id(user["id"]),
        app=request.app,
        chat=chat,
        message=message,
        session=str(metadata.get("session_id") or ""),
        emit=emit if chat and message else None,
        ask=ask if chat and message and metadata.get("session_id") else None,
        user_message=metadata.get("user_message") or {},
        chat_variables={key: str(value) for key, value in (metadata.get("chat_variables") or {}).items()},
    )
