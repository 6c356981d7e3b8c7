"""The host's prompt entries for our commands: what stands in the menu of a slash, with fields to fill (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from .table import COMMANDS, Command

MARK = "flux_studio"
"""Key in an entry's meta: it is ours, and the digest of what we wrote."""


def prompt_entries() -> list[dict[str, Any]]:
    """All entries in the form of the host's API, without their access."""
    return [_entry(row) for row in COMMANDS.values()]


def is_ours(entry: Mapping[str, Any]) -> bool:
    """Whether an entry of the host was made by an installation."""
    return MARK in (entry.get("meta") or {})


def is_untouched(entry: Mapping[str, Any]) -> bool:
    """Whether one of our entries still says what was written; an admin may have changed it since."""
    return bool((entry.get("meta") or {}).get(MARK) == _digest(str(entry.get("name")), str(entry.get("content"))))


def is_for_admins(command: str) -> bool:
    """Whether nobody else gets the entry; admins see every one."""
    return COMMANDS[command].admins_only


def _entry(row: Command) -> dict[str, Any]:
    content = f"/{row.name} {row.form}".strip()
    return {"command": row.name, "name": row.help, "content": content, "meta": {MARK: _digest(row.help, content)}}


def _digest(name: str, content: str) -> str:
    return hashlib.sha256(f"{name}\0{content}".encode()).hexdigest()[:16]
