"""Makes the model entries that give the pipe's models a description, capabilities and access."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .access import EVERYONE, Grant, grants, same, writers
from .client import OpenWebUI, Refused
from .report import Change

PREFIX = "flux_studio."
SETUP = "flux_studio.setup"
"""Stands in while no model can be shown and says what is missing; only admins need it."""
COMMANDS = "flux_studio.commands"
"""Takes the slash commands of every chat: hidden, open to everyone, and without any power of its own."""
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


def install_entries(host: OpenWebUI, access: Sequence[str] | None, descriptions: Mapping[str, str]) -> Iterable[Change]:
    """Make the missing entries, private unless `access` says more; an existing one keeps what an admin set.

    `access` None leaves the access of existing entries alone. `descriptions` by model name without the prefix.
    """
    wanted = grants(host, access or ["private"])
    stored = {entry["id"]: entry for entry in all_entries(host)}
    for model in shown_models(host):
        name = model["id"]
        readers = [EVERYONE] if name == COMMANDS else wanted
        meta = entry_meta(name, descriptions)
        entry = stored.get(name) or create(host, model, meta, readers)
        if entry is None:
            yield Change("model", name, [f"created, {in_words(access, name)}"])
            continue
        done = complete(host, entry, meta)
        enforced = access is not None or name == COMMANDS
        if enforced and not same(entry["access_grants"], readers):
            grant(host, entry, readers)
            done.append(in_words(access, name))
        yield Change("model", name, done)


def all_entries(host: OpenWebUI) -> list[dict[str, Any]]:
    rows = host.get("/api/v1/models/all", "the model entries")
    return [row for row in rows if row["id"].startswith(PREFIX) and not row.get("base_model_id")]


def shown_models(host: OpenWebUI) -> list[dict[str, Any]]:
    """The models the pipe lists now, from a fresh listing, so that a new release's models are among them."""
    rows = host.get("/api/models", "the list of models", refresh="true")["data"]
    return [row for row in rows if row["id"].startswith(PREFIX) and row["id"] != SETUP and not row.get("preset")]


def entry_meta(name: str, descriptions: Mapping[str, str]) -> dict[str, Any]:
    meta: dict[str, Any] = {"capabilities": CAPABILITIES}
    if description := descriptions.get(name.removeprefix(PREFIX)):
        meta["description"] = description
    if name == COMMANDS:
        meta["hidden"] = True
    return meta


def create(
    host: OpenWebUI, model: Mapping[str, Any], meta: dict[str, Any], readers: list[Grant]
) -> dict[str, Any] | None:
    """Make an entry; answer the one that is there when the lifecycle plugin was quicker."""
    entry = {
        "id": model["id"],
        "base_model_id": None,
        "name": model["name"],
        "meta": meta,
        "params": {},
        "access_grants": readers,
        "is_active": True,
    }
    try:
        host.post("/api/v1/models/create", entry, f"the model {model['id']}")
    except Refused:
        found = next((row for row in all_entries(host) if row["id"] == model["id"]), None)
        if found is None:
            raise
        return found
    return None


def complete(host: OpenWebUI, stored: Mapping[str, Any], meta: Mapping[str, Any]) -> list[str]:
    """Add what the stored entry lacks; what it has, an admin may have chosen."""
    before = stored["meta"]
    missing = {name: value for name, value in meta.items() if before.get(name) in (None, "", {})}
    capabilities = {**meta["capabilities"], **(before.get("capabilities") or {})}
    after = {**before, **missing, "capabilities": capabilities}
    if after == before:
        return []
    fields = ("id", "base_model_id", "name", "params", "is_active")
    entry = {**{name: stored[name] for name in fields}, "meta": after}
    host.post("/api/v1/models/model/update", entry, f"the model {stored['id']}")
    return ["completed"]


def grant(host: OpenWebUI, stored: Mapping[str, Any], readers: list[Grant]) -> None:
    """Give exactly these people the model; who may edit its entry stays."""
    body = {
        "id": stored["id"],
        "name": stored["name"],
        "access_grants": [*readers, *writers(stored["access_grants"])],
    }
    host.post("/api/v1/models/model/access/update", body, f"the access of {stored['id']}")


def in_words(access: Sequence[str] | None, name: str) -> str:
    return "hidden, for everyone" if name == COMMANDS else ", ".join(access or ["private"])


def remove_entries(host: OpenWebUI) -> Iterable[Change]:
    """Delete the entries of our models; models an admin built on them stay."""
    for entry in all_entries(host):
        host.post("/api/v1/models/model/delete", {"id": entry["id"]}, f"deleting {entry['id']}")
        yield Change("model", entry["id"], ["removed"])
