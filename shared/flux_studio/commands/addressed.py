"""Which command a message begins with: an enabled word of the table, or any behind /flux (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from ..environment import split
from ..errors import InvalidRequest
from .table import COMMANDS, PREFIX, Command

_WORD = re.compile(r"\s*/([a-z][a-z0-9-]{0,30})(?=\s|$)")
_BEHIND_PREFIX = re.compile(r"\s*/?(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """A message that speaks to us."""

    command: Command
    end: int
    """Where the command ends in the message."""


def is_addressed(text: str, enabled: Collection[str] = COMMANDS) -> bool:
    """Whether a message is for us; looks at its beginning only, for every message of every chat comes by."""
    match = _WORD.match(text)
    return match is not None and (match[1] == PREFIX or (match[1] in COMMANDS and match[1] in enabled))


def addressed(text: str, enabled: Collection[str] = COMMANDS) -> Addressed | None:
    """The command of a message, None for any other message.

    /flux alone asks for help. Raises InvalidRequest, with the nearest name, for another word behind it.
    """
    match = _WORD.match(text)
    if match is None or not is_addressed(text, enabled):
        return None
    if match[1] != PREFIX:
        return Addressed(command=COMMANDS[match[1]], end=match.end())
    behind = _BEHIND_PREFIX.match(text, match.end())
    if behind is None:
        return Addressed(command=COMMANDS["help"], end=len(text))
    if behind[1] not in COMMANDS:
        raise _unknown(behind[1])
    return Addressed(command=COMMANDS[behind[1]], end=behind.end())


def mistyped(text: str, enabled: Collection[str] = COMMANDS) -> str:
    """The sentence that hints at the command that was probably meant; empty when there is none."""
    match = _WORD.match(text)
    if match is None or match[1] in COMMANDS:
        return ""
    near = get_close_matches(match[1], [name for name in COMMANDS if name in enabled], n=1, cutoff=0.75)
    if not near:
        return ""
    return f"There is no command /{match[1]}, so it was read as part of the prompt; did you mean /{near[0]}?"


def enabled_commands(valve: str) -> frozenset[str]:
    """The names in the valve COMMANDS, with or without their slash; all of them when it is empty."""
    chosen = frozenset(name.removeprefix("/").casefold() for name in split(valve))
    return chosen or frozenset(COMMANDS)


def _unknown(word: str) -> InvalidRequest:
    near = get_close_matches(word.casefold()[:31], COMMANDS, n=1, cutoff=0.5)
    hint = f"did you mean /{PREFIX} {near[0]}?" if near else f"there are: {', '.join(COMMANDS)}."
    sentence = f"There is no command “{word[:31]}” behind /{PREFIX}; {hint}"
    return InvalidRequest("command", word, ", ".join(COMMANDS), sentence=sentence)
