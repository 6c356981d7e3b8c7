"""All valves of the bundle as one JSON document without secrets, and back; checked whole before anything is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .bundle import Bundle
from .client import OpenWebUI
from .failure import InstallError
from .report import Change
from .valves import Assignment, typed

FORMAT = "flux-studio-configuration"
VERSION = 1
Valves = dict[str, Any]


def export(host: OpenWebUI, bundle: Bundle) -> dict[str, Any]:
    """Read what the admin has set of every installed function; secrets are named, never read out."""
    functions: dict[str, Valves] = {}
    left_out: list[str] = []
    for plugin in bundle.plugins:
        found = look(host, plugin.id)
        if found is None:
            continue
        stored, schema = found
        secret = secrets_of(schema)
        chosen = {name: value for name, value in stored.items() if value is not None and name not in secret}
        functions[plugin.id] = dict(sorted(chosen.items()))
        left_out += [f"{plugin.id}.{name}" for name in sorted(secret & stored.keys()) if stored[name]]
    return {
        "format": FORMAT,
        "version": VERSION,
        "release": bundle.version,
        "valves": functions,
        "secrets_left_out": left_out,
    }


def restore(host: OpenWebUI, bundle: Bundle, document: Mapping[str, Any]) -> Iterable[Change]:
    """Set every valve but the secrets to what the document says, those it does not name to their default.

    Raises InstallError before the first change when anything in the document does not fit.
    """
    planned = [plan(host, bundle, function, wanted) for function, wanted in read(document).items()]
    for function, stored, valves in planned:
        if valves != stored:
            host.post(f"/api/v1/functions/id/{function}/valves/update", valves, f"the valves of {function}")
        changed = sorted(name for name in valves.keys() | stored.keys() if valves.get(name) != stored.get(name))
        yield Change("valves", function, [f"set {name}" for name in changed])


def plan(host: OpenWebUI, bundle: Bundle, function: str, wanted: Mapping[str, Any]) -> tuple[str, Valves, Valves]:
    """Function, its valves as they are and as they shall be. Raises InstallError."""
    found = look(host, function) if function in bundle.ids else None
    if found is None:
        raise InstallError(f"{function} is not installed there: run `studio.py install` first.")
    stored = {name: value for name, value in found[0].items() if value is not None}
    secret = secrets_of(found[1])
    kept = {name: value for name, value in stored.items() if name in secret}
    return function, stored, kept | dict(checked(function, wanted, found[1], secret))


def look(host: OpenWebUI, function: str) -> tuple[Valves, Mapping[str, Any]] | None:
    """The stored valves and their JSON schema; None when the function is not there."""
    if host.find(f"/api/v1/functions/id/{function}", f"the function {function}") is None:
        return None
    path, what = f"/api/v1/functions/id/{function}/valves", f"the valves of {function}"
    return host.get(path, what) or {}, host.get(f"{path}/spec", what) or {}


def secrets_of(schema: Mapping[str, Any]) -> set[str]:
    """Names of the valves that are entered as passwords (pure)."""
    rows = schema.get("properties", {}).items()
    return {name for name, row in rows if (row.get("input") or {}).get("type") == "password"}


def checked(
    function: str, wanted: Mapping[str, Any], schema: Mapping[str, Any], secret: set[str]
) -> Iterator[tuple[str, Any]]:
    """The wanted valves in their own types (pure). Raises InstallError naming the first that does not fit."""
    known = schema.get("properties", {})
    for name, value in wanted.items():
        if name in secret:
            raise InstallError(f"{function}.{name} is a secret, which no file may hold: set it with install --valve.")
        if name not in known:
            raise InstallError(f"{function} has no valve {name}; it has {', '.join(known) or 'none'}.")
        if not isinstance(value, (str, int, float, bool)):
            raise InstallError(f"The valve {function}.{name} must be text, a number, true or false.")
        yield name, typed(Assignment(function=function, name=name, value=str(value)), known[name])


def read(document: Any) -> Mapping[str, Mapping[str, Any]]:
    """The valves of a document by function (pure). Raises InstallError when it is no export of ours."""
    functions = document.get("valves") if isinstance(document, Mapping) and document.get("format") == FORMAT else None
    if not isinstance(functions, Mapping) or not all(isinstance(valves, Mapping) for valves in functions.values()):
        raise InstallError("This is no file that `studio.py config export` has written.")
    if document.get("version") != VERSION:
        raise InstallError(f"This file has version {document.get('version')!r}; this release reads {VERSION}.")
    return functions


def parse(text: str) -> Any:
    """Raises InstallError for what is no JSON."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise InstallError(f"The file is no JSON: {error}.") from error


def written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
