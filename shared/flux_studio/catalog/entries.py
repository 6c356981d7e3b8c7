"""The host's model entries for our chat models: what the installer and the lifecycle plugin both make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .icon import MODEL

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

HELP = ("What can I type?", "flags and commands", "/help")
SUGGESTIONS = (
    (
        "A red fox in the snow",
        "a wide picture",
        "A red fox in fresh snow --ar 16:9",
    ),
    (
        "A poster with lettering",
        "type the words in quotes",
        'A travel poster with the words "BOA VIAGEM" --ar 2:3',
    ),
    ("Four ideas at once", "the same prompt, four seeds", "A logo for a small bakery, one line drawing --n 4"),
    HELP,
)
"""Title, subtitle and text of the suggestions on an empty chat."""

OWN_SUGGESTIONS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "flux-tiny": (
        ("A red circle", "on a blue background", "a red circle on a blue background"),
        ("A small yellow star", "at the top left", "a small yellow star at the top left on a black background"),
        ("Four green hearts", "the same prompt, four seeds", "a large green heart on a white background --n 4"),
        HELP,
    ),
    "flux-tools-deblur-v1": (HELP,),
    "flux-tools-vto-v1": (HELP,),
    "flux-tools-vto-v2": (HELP,),
}
"""The same for models with a small vocabulary, and for those that can do nothing without an attached picture."""

EVERYONE = {"principal_type": "user", "principal_id": "*", "permission": "read"}


def model_entry(name: str, label: str, summary: str) -> dict[str, Any]:
    """One entry in the form of the host's API, private except for the commands model (pure)."""
    hidden = name == COMMANDS_MODEL
    suggestions = OWN_SUGGESTIONS.get(name, SUGGESTIONS)
    meta: dict[str, Any] = {
        "description": summary,
        "profile_image_url": MODEL,
        "capabilities": dict(CAPABILITIES),
        "suggestion_prompts": [{"title": [title, subtitle], "content": text} for title, subtitle, text in suggestions],
    }
    return {
        "id": f"{CHAT_PREFIX}{name}",
        "base_model_id": None,
        "name": label,
        "meta": {**meta, "hidden": True} if hidden else meta,
        "params": {},
        "access_grants": [dict(EVERYONE)] if hidden else [],
        "is_active": True,
    }
