"""Makes the prompt entries that show our commands in the menu of a slash, with fields to fill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flux_studio.commands.entries import is_for_admins, is_ours, is_untouched, prompt_entries

from .access import Grant, grants, readers, same, writers
from .client import OpenWebUI, Refused
from .entries import COMMANDS, all_entries
from .report import Change

TAKEN = "left alone: this server has a prompt of that name already"


def install_prompts(host: OpenWebUI, access: Sequence[str] | None) -> Iterable[Change]:
    """Bring our entries to this release; one of the same name that is not ours, or was changed, stays as it is.

    They get the access of the models: what `access` says, else that of the models as they are, and then only new
    entries do.
    """
    allowed = readers_of_models(host) if access is None else grants(host, access)
    stored = {entry["command"]: entry for entry in all_prompts(host)}
    for wanted in prompt_entries():
        name = wanted["command"]
        reads = [] if is_for_admins(name) else allowed
        entry = stored.get(name)
        if entry is None:
            yield Change("prompt", name, create(host, wanted, reads))
        elif not is_ours(entry):
            yield Change("prompt", name, [TAKEN])
        else:
            done = update(host, entry, wanted)
            if access is not None and not same(entry["access_grants"], reads):
                grant(host, entry, reads)
                done.append("admins only" if is_for_admins(name) else ", ".join(access))
            yield Change("prompt", name, done)


def readers_of_models(host: OpenWebUI) -> list[Grant]:
    """Everybody who may use one of our image models."""
    granted = [entry["access_grants"] for entry in all_entries(host) if entry["id"] != COMMANDS]
    people = sorted({person for listed in granted for person in readers(listed)})
    return [{"principal_type": kind, "principal_id": name, "permission": "read"} for kind, name in people]


def all_prompts(host: OpenWebUI) -> list[dict[str, Any]]:
    return list(host.get("/api/v1/prompts/", "the prompts"))


def create(host: OpenWebUI, wanted: Mapping[str, Any], read: list[Grant]) -> list[str]:
    """Make an entry; a name that is taken by one this admin does not see is left to it."""
    name = wanted["command"]
    try:
        host.post("/api/v1/prompts/create", {**wanted, "access_grants": read}, f"the prompt /{name}")
    except Refused as refused:
        if "taken" not in refused.reason.casefold():
            raise
        return [TAKEN]
    return ["created"]


def update(host: OpenWebUI, stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Write the entry of this release over that of an earlier one."""
    if not is_untouched(stored) or stored["meta"] == wanted["meta"]:
        return []
    host.post(f"/api/v1/prompts/id/{stored['id']}/update", dict(wanted), f"the prompt /{stored['command']}")
    return ["updated"]


def grant(host: OpenWebUI, stored: Mapping[str, Any], read: list[Grant]) -> None:
    """Let exactly these people see the entry; who may edit it stays."""
    body = {"access_grants": [*read, *writers(stored["access_grants"])]}
    what = f"the access of the prompt /{stored['command']}"
    host.post(f"/api/v1/prompts/id/{stored['id']}/access/update", body, what)


def remove_prompts(host: OpenWebUI) -> Iterable[Change]:
    """Delete our entries; those of the same names that others made stay."""
    for entry in all_prompts(host):
        if is_ours(entry):
            host.delete(f"/api/v1/prompts/id/{entry['id']}/delete", f"deleting the prompt /{entry['command']}")
            yield Change("prompt", entry["command"], ["removed"])
