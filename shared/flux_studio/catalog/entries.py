"""The host's model entries for our chat models: what the installer and the lifecycle plugin both make."""

from __future__ import annotations

from typing import Any

CHAT_PREFIX = "flux_studio."
"""What Open WebUI puts before the name of a pipe's model: the id of the function and a dot."""

COMMANDS_MODEL = "commands"
"""Answers slash commands: hidden, readable by everyone, without any power of its own."""

COMMANDS_SUMMARY = "Answers the slash commands of every chat."

CAPABILITIES = {
    "vision": True,
    "file_upload": True,
    "status_updates": True,
    "builtin_tools": False,
    "file_context": False,
    "web_search": False,
    "image_generation": False,
    "code_interpreter": False,
    "terminal": False,
    "memory": False,
    "citations": False,
    "usage": False,
}
"""Pictures go in and progress comes out; everything an image model has no use for is off.

With `builtin_tools` on, Open WebUI would add tools and a text part about the attachments to every request.
"""

EVERYONE = {"principal_type": "user", "principal_id": "*", "permission": "read"}


def model_entry(name: str, label: str, summary: str) -> dict[str, Any]:
    """One entry in the form of the host's API, private except for the commands model (pure)."""
    hidden = name == COMMANDS_MODEL
    meta: dict[str, Any] = {"description": summary, "capabilities": dict(CAPABILITIES)}
    return {
        "id": f"{CHAT_PREFIX}{name}",
        "base_model_id": None,
        "name": label,
        "meta": {**meta, "hidden": True} if hidden else meta,
        "params": {},
        "access_grants": [dict(EVERYONE)] if hidden else [],
        "is_active": True,
    }
