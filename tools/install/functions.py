"""Creates, updates, switches on and sets up the functions of the bundle."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from .bundle import Bundle, Plugin
from .client import OpenWebUI, Refused
from .failure import InstallError
from .report import Change
from .valves import Assignment, merged

BAD_REQUEST = 400
BUSY_PAUSE = 1.0
"""Seconds until the second try."""


def install_functions(host: OpenWebUI, bundle: Bundle, valves: Sequence[Assignment]) -> Iterable[Change]:
    """Bring every function of the bundle to this release; stored valves stay but for those given."""
    unknown = [assignment.function for assignment in valves if assignment.function not in bundle.ids]
    if unknown:
        raise InstallError(f"There is no function {unknown[0]}; there are {', '.join(bundle.ids)}.")
    for plugin in bundle.plugins:
        yield Change("function", plugin.id, install_function(host, plugin))
        own = [assignment for assignment in valves if assignment.function == plugin.id]
        if own:
            yield Change("valves", plugin.id, set_valves(host, plugin.id, own))


def install_function(host: OpenWebUI, plugin: Plugin) -> list[str]:
    """Create or update one function and switch it on; answer what was done, nothing when all was as wanted."""
    stored = host.find(f"/api/v1/functions/id/{plugin.id}", f"the function {plugin.id}")
    done = []
    if stored is None:
        stored = write(host, "/api/v1/functions/create", plugin)
        done.append("created")
    elif differs(stored, plugin):
        stored = write(host, f"/api/v1/functions/id/{plugin.id}/update", plugin)
        done.append("updated")
    for field, wanted, path in (("is_active", True, "toggle"), ("is_global", plugin.everywhere, "toggle/global")):
        if wanted and not stored.get(field):
            host.post(f"/api/v1/functions/id/{plugin.id}/{path}", None, f"switching on {plugin.id}")
            done.append("switched on" if field == "is_active" else "for every model")
    return done


def write(host: OpenWebUI, path: str, plugin: Plugin) -> dict[str, Any]:
    """Send one plugin's text, twice if need be.

    Open WebUI answers 400 for a broken source, but also when its database was busy for a moment, for instance
    because a function that was just switched on wrote to it.
    """
    what = f"the function {plugin.id}"
    try:
        return host.post(path, form(plugin), what)
    except Refused as refused:
        if refused.status != BAD_REQUEST:
            raise
    time.sleep(BUSY_PAUSE)
    return host.post(path, form(plugin), what)


def differs(stored: dict[str, Any], plugin: Plugin) -> bool:
    return (stored["content"], stored["name"], stored["meta"].get("description")) != (
        plugin.content,
        plugin.name,
        plugin.description,
    )


def form(plugin: Plugin) -> dict[str, Any]:
    return {
        "id": plugin.id,
        "name": plugin.name,
        "content": plugin.content,
        "meta": {"description": plugin.description},
    }


def set_valves(host: OpenWebUI, function: str, wanted: Sequence[Assignment]) -> list[str]:
    """Set valves on top of the stored ones (the host replaces the whole set); answer the changed names."""
    path = f"/api/v1/functions/id/{function}/valves"
    stored = host.get(path, f"the valves of {function}") or {}
    schema = host.get(f"{path}/spec", f"the valves of {function}") or {}
    valves = merged(stored, wanted, schema)
    if valves == stored:
        return []
    host.post(f"{path}/update", valves, f"the valves of {function}")
    return [f"set {name}" for name in sorted(valves.keys() | stored.keys()) if valves.get(name) != stored.get(name)]


def remove_functions(host: OpenWebUI, bundle: Bundle) -> Iterable[Change]:
    """Delete the bundle's functions; their valves go with them."""
    for plugin in reversed(bundle.plugins):
        stored = host.find(f"/api/v1/functions/id/{plugin.id}", f"the function {plugin.id}")
        if stored is not None:
            host.delete(f"/api/v1/functions/id/{plugin.id}/delete", f"deleting {plugin.id}")
        yield Change("function", plugin.id, ["removed"] if stored is not None else [])
