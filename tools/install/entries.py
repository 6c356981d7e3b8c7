"""Makes the model entries that give the pipe's models a description, capabilities and access."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flux_studio.catalog import CARDS
from flux_studio.catalog.entries import CHAT_PREFIX, COMMANDS_MODEL, COMMANDS_SUMMARY, model_entry

from .access import Grant, grants, same, writers
from .client import OpenWebUI, Refused
from .report import Change

SETUP = f"{CHAT_PREFIX}setup"
"""Stands in while no model can be shown and says what is missing; only admins need it."""
COMMANDS = f"{CHAT_PREFIX}{COMMANDS_MODEL}"


def install_entries(host: OpenWebUI, access: Sequence[str] | None) -> Iterable[Change]:
    """Make the missing entries, private unless `access` says more; an existing one keeps what an admin set.

    `access` None leaves the access of existing entries alone.
    """
    readers = grants(host, access or ["private"])
    stored = {entry["id"]: entry for entry in all_entries(host)}
    for model in shown_models(host):
        ours = wanted_entry(model)
        name = ours["id"]
        if name != COMMANDS:
            ours["access_grants"] = readers
        entry = stored.get(name) or create(host, ours)
        if entry is None:
            yield Change("model", name, [f"created, {in_words(access, name)}"])
            continue
        done = complete(host, entry, ours["meta"])
        enforced = access is not None or name == COMMANDS
        if enforced and not same(entry["access_grants"], ours["access_grants"]):
            grant(host, entry, ours["access_grants"])
            done.append(in_words(access, name))
        yield Change("model", name, done)


def all_entries(host: OpenWebUI) -> list[dict[str, Any]]:
    rows = host.get("/api/v1/models/all", "the model entries")
    return [row for row in rows if row["id"].startswith(CHAT_PREFIX) and not row.get("base_model_id")]


def shown_models(host: OpenWebUI) -> list[dict[str, Any]]:
    """The models the pipe lists now, from a fresh listing, so that a new release's models are among them."""
    rows = host.get("/api/models", "the list of models", refresh="true")["data"]
    return [row for row in rows if row["id"].startswith(CHAT_PREFIX) and row["id"] != SETUP and not row.get("preset")]


def wanted_entry(model: Mapping[str, Any]) -> dict[str, Any]:
    """The entry for a model of the pipe; one the catalog does not know has only its name."""
    name = model["id"].removeprefix(CHAT_PREFIX)
    if name == COMMANDS_MODEL:
        return model_entry(name, model["name"], COMMANDS_SUMMARY)
    return model_entry(name, model["name"], CARDS[name].summary if name in CARDS else "")


def create(host: OpenWebUI, entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """Make an entry; answer the one that is there when the lifecycle plugin was quicker."""
    try:
        host.post("/api/v1/models/create", entry, f"the model {entry['id']}")
    except Refused:
        found = next((row for row in all_entries(host) if row["id"] == entry["id"]), None)
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
