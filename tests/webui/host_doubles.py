"""Small stands-in for the host's modules: what its tables would answer, without its database."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any


def put(monkeypatch: Any, name: str, **contents: Any) -> None:
    """Make `import name` give a module with these contents, and its parents importable."""
    parts = name.split(".")
    for length in range(1, len(parts)):
        parent = ".".join(parts[:length])
        if parent not in sys.modules:
            monkeypatch.setitem(sys.modules, parent, ModuleType(parent))
    module = ModuleType(name)
    for key, value in contents.items():
        setattr(module, key, value)
    monkeypatch.setitem(sys.modules, name, module)


class Chats:
    """The host's chat table with messages only; like the host it answers None when a write fails."""

    def __init__(self, **messages: dict[str, Any]) -> None:
        self.messages = messages
        self.broken = False

    async def get_message_by_id_and_message_id(self, chat: str, message: str) -> dict[str, Any] | None:
        return self.messages.get(message)

    async def upsert_message_to_chat_by_id_and_message_id(
        self, chat: str, message: str, changes: dict[str, Any]
    ) -> Any:
        if self.broken or message not in self.messages:
            return None
        self.messages[message].update(changes)
        return SimpleNamespace(id=chat)


def host_chats(monkeypatch: Any, chats: Chats) -> list[dict[str, Any]]:
    """Put the chats in place; returns the list of events sent to tabs."""
    events: list[dict[str, Any]] = []

    async def get_event_emitter(_: Any) -> Any:
        async def emit(event: dict[str, Any]) -> None:
            events.append(event)

        return emit

    put(monkeypatch, "open_webui.models.chats", Chats=chats)
    put(monkeypatch, "open_webui.socket.main", get_event_emitter=get_event_emitter)
    put(monkeypatch, "open_webui.utils.chat_id", is_saved_chat_id=lambda chat: bool(chat) and ":" not in chat)
    return events
