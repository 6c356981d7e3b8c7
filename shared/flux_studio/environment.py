"""Typed values out of environment variables: text, a switch, a whole number, a number, a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from .errors import ConfigurationError

T = TypeVar("T")

SWITCH: Mapping[str, bool] = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
"""How a switch may be written, in any case."""


def text(environ: Mapping[str, str], name: str, default: str = "") -> str:
    """The variable without blanks around it; a variable that is empty counts as not set, here and below."""
    return environ.get(name, "").strip() or default


def switch(environ: Mapping[str, str], name: str, default: bool = False) -> bool:
    """on, off, true, false, yes, no, 1 or 0. Raises ConfigurationError."""
    return _read(environ, name, default, "on or off", lambda value: SWITCH[value.lower()])


def whole(environ: Mapping[str, str], name: str, default: int = 0) -> int:
    """Raises ConfigurationError for anything but a whole number."""
    return _read(environ, name, default, "a whole number", int)


def number(environ: Mapping[str, str], name: str, default: float = 0.0) -> float:
    """Raises ConfigurationError for anything but a number."""
    return _read(environ, name, default, "a number", float)


def listing(environ: Mapping[str, str], name: str, default: Sequence[str] = ()) -> tuple[str, ...]:
    """The entries between commas and line breaks, without blanks and empty ones."""
    return split(environ.get(name, "")) or tuple(default)


def one_of(environ: Mapping[str, str], name: str, allowed: Sequence[str], default: str) -> str:
    """One of these words, written in any case. Raises ConfigurationError."""
    words = ", ".join(allowed[:-1]) + f" or {allowed[-1]}"
    known = {word.lower(): word for word in allowed}
    return _read(environ, name, default, words, lambda value: known[value.lower()])


def split(value: str) -> tuple[str, ...]:
    """The entries of a comma-separated list, without blanks and empty ones (pure)."""
    return tuple(part for part in (piece.strip() for piece in value.replace("\n", ",").split(",")) if part)


GETTERS: Mapping[type, Callable[..., Any]] = {bool: switch, int: whole, float: number, str: text}
"""Type of a valve -> how its environment variable is read."""


def _read(environ: Mapping[str, str], name: str, default: T, words: str, convert: Callable[[str], T]) -> T:
    value = text(environ, name)
    if not value:
        return default
    try:
        return convert(value)
    except (KeyError, ValueError) as error:
        raise ConfigurationError(
            f"The environment variable {name} must be {words}, not {value[:40]!r}. An admin has to repair it."
        ) from error
