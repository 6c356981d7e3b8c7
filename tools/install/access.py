"""Who may use the models: private, public, or groups by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flux_studio.catalog.entries import EVERYONE

from .client import OpenWebUI
from .failure import InstallError

Grant = dict[str, str]


def read_access(words: Sequence[str]) -> list[str]:
    """Check `private`, `public` or any number of `group:NAME`. Raises InstallError."""
    groups = [word for word in words if word.startswith("group:") and word != "group:"]
    if words in (["private"], ["public"]) or (words and len(groups) == len(words)):
        return list(words)
    raise InstallError("--access is private, public or group:NAME (several groups: give it several times).")


def grants(host: OpenWebUI, access: Sequence[str]) -> list[Grant]:
    """The read grants that `access` stands for. Raises InstallError for an unknown group, naming the known ones."""
    if access == ["private"]:
        return []
    if access == ["public"]:
        return [dict(EVERYONE)]
    known = {group["name"]: group["id"] for group in host.get("/api/v1/groups/", "its groups")}
    names = [word.removeprefix("group:") for word in access]
    for name in names:
        if name not in known:
            listing = ", ".join(sorted(known)) or "none yet (Admin Panel, Users, Groups)"
            raise InstallError(f"There is no group {name}; there are {listing}.")
    return [{"principal_type": "group", "principal_id": known[name], "permission": "read"} for name in names]


def same(stored: Iterable[dict[str, Any]], wanted: Iterable[Grant]) -> bool:
    """Whether two lists grant reading to the same people."""
    return readers(stored) == readers(wanted)


def readers(listed: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(row["principal_type"], row["principal_id"]) for row in listed if row["permission"] == "read"}


def writers(listed: Iterable[dict[str, Any]]) -> list[Grant]:
    """The grants to edit a model, which an installation never takes away."""
    return [
        {name: row[name] for name in ("principal_type", "principal_id", "permission")}
        for row in listed
        if row["permission"] == "write"
    ]
