"""The slash commands as a table: one row, one command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One slash command."""

    name: str
    """Typed after the slash; none of the names Open WebUI keeps for itself (model, compact, fork, status …)."""
    arguments: str
    """What follows, as shown in help texts."""
    help: str
    handler: str
    """Name of the function that answers it, looked up by the plugin."""


_ROWS = (
    Command(name="imagine", arguments="prompt [flags]", help="Make pictures from a description", handler="imagine"),
    Command(name="models", arguments="", help="List the models with their sizes and prices", handler="models"),
    Command(name="costs", arguments="[--days N]", help="What was made and what it cost", handler="costs"),
    Command(name="help", arguments="", help="Show commands and flags", handler="help"),
)

COMMANDS: Mapping[str, Command] = MappingProxyType({row.name: row for row in _ROWS})
"""All commands by name."""
