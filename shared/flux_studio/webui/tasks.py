"""What Open WebUI's own background tasks (title, tags, follow-ups) get from an image model: an answer, never a bill."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .coach import offered

TITLE_WORDS = 6


def reply(task: str, task_body: Mapping[str, Any] | None) -> str:
    """Answer a task call in the JSON its prompt template asks for."""
    answer = {"title": title(_question(task_body)), "tags": [], "follow_ups": _follow_ups(task_body)}
    return json.dumps({**answer, "queries": [], "text": ""})


def _follow_ups(task_body: Mapping[str, Any] | None) -> list[str]:
    """What was offered below the answer stays there: the host would put this list in its place."""
    body = task_body or {}
    return offered(str(body.get("chat_id") or ""), str(body.get("message_id") or ""))


def title(prompt: str) -> str:
    """The first words of the prompt, without flags: "a red fox in the snow"."""
    words = prompt.replace("\n", " ").split()
    kept: list[str] = []
    for word in words:
        if word.startswith(("--", "—", "–")) and len(word) > 1:
            break
        kept.append(word)
    if kept and kept[0].startswith("/"):
        kept = kept[1:] or [kept[0][1:].capitalize()]
    kept = kept or ["New picture"]
    text = " ".join(kept[:TITLE_WORDS])
    return f"{text}…" if len(kept) > TITLE_WORDS else text


def _question(task_body: Mapping[str, Any] | None) -> str:
    messages: Sequence[Mapping[str, Any]] = (task_body or {}).get("messages") or []
    first = next((message for message in messages if message.get("role") == "user"), {})
    return text_of(first.get("content"))


def text_of(content: object) -> str:
    """The text of a message whose content is a string or a list of parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(
        str(part.get("text", "")) for part in parts if isinstance(part, dict) and part.get("type") == "text"
    )
