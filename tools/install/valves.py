"""Valves on the command line: `[FUNCTION.]NAME=VALUE`, typed by what the function itself declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .failure import InstallError

CONNECTIONS = "flux_studio"
"""The function that is meant when none is named; it holds all connection valves."""
SWITCH = {
    **dict.fromkeys(("true", "on", "yes", "1"), True),
    **dict.fromkeys(("false", "off", "no", "0"), False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One valve to set; an empty value means back to the default."""

    function: str
    name: str
    value: str = field(repr=False)


def parse(text: str) -> Assignment:
    """Read `[FUNCTION.]NAME=VALUE`. Raises InstallError, without the text: it may hold a key."""
    target, equals, value = text.partition("=")
    function, _, name = target.strip().rpartition(".")
    if not equals or not name.isidentifier():
        raise InstallError("A valve is written [FUNCTION.]NAME=VALUE, such as RATE_LIMIT=30.")
    return Assignment(function=function or CONNECTIONS, name=name, value=value.strip())


def merged(stored: Mapping[str, Any], wanted: Iterable[Assignment], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The stored valves with the wanted ones on top. Raises InstallError for an unknown name or an unfit value."""
    known = schema.get("properties", {})
    valves = dict(stored)
    for assignment in wanted:
        if assignment.name not in known:
            listing = ", ".join(known) or "none"
            raise InstallError(f"{assignment.function} has no valve {assignment.name}; it has {listing}.")
        valves.pop(assignment.name, None)
        if assignment.value:
            valves[assignment.name] = typed(assignment, known[assignment.name])
    return valves


def typed(assignment: Assignment, schema: Mapping[str, Any]) -> Any:
    """Turn the text into what the valve's JSON schema asks for. Raises InstallError."""
    kinds = [schema, *schema.get("anyOf", ())]
    if choices := next((kind["enum"] for kind in kinds if "enum" in kind), None):
        return one_of(assignment, choices)
    kind = next((kind["type"] for kind in kinds if kind.get("type") in READERS), "string")
    words, read = READERS[kind]
    try:
        value = read(assignment.value)
    except (ValueError, KeyError) as error:
        raise InstallError(f"The valve {assignment.name} must be {words}.") from error
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    if kind in ("integer", "number") and not low <= value <= high:
        raise InstallError(f"The valve {assignment.name} must be {words} {low:g} to {high:g}.")
    return value


def one_of(assignment: Assignment, choices: list[Any]) -> Any:
    value = next((choice for choice in choices if str(choice).lower() == assignment.value.lower()), None)
    if value is None:
        raise InstallError(f"The valve {assignment.name} must be one of {', '.join(map(str, choices))}.")
    return value


READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "boolean": ("on or off", lambda text: SWITCH[text.lower()]),
    "integer": ("a whole number", int),
    "number": ("a number", float),
    "array": ("a comma-separated list", lambda text: [part.strip() for part in text.split(",") if part.strip()]),
    "string": ("text", str),
}
"""JSON schema type -> the type in words, and how to read it."""
