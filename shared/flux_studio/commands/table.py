"""The slash commands as a table: one row, one command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..types import Task


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
    task: Task | None = None
    """What its model has to be able to do; None for commands that make no picture themselves."""
    form: str = ""
    """What the prompt entry of the host holds behind the name: its input fields in double braces, with their types."""
    mode: str = ""
    """The mode in which the editor opens; empty as it was left."""
    admins_only: bool = False


ASPECTS = '["1:1","16:9","9:16","4:3","3:4","3:2","2:3","21:9"]'

_ROWS = (
    Command(
        name="imagine",
        arguments="prompt [flags]",
        help="Make pictures from a description; attached pictures are used",
        handler="imagine",
        task="generate",
        form=(
            '{{prompt | textarea:placeholder="What the picture shows":required}} '
            f'--ar {{{{shape | select:options={ASPECTS}:default="1:1"}}}} '
            '--n {{pictures | select:options=["1","2","3","4"]:default="1"}}'
        ),
    ),
    Command(
        name="edit",
        arguments="[#N] what to change [flags]",
        help="Change the newest picture of the chat, the one with that number, or the attached one",
        handler="edit",
        task="edit",
        form='{{change | textarea:placeholder="What to change in the newest picture":required}}',
    ),
    Command(
        name="vary",
        arguments="[#N] [subtle or strong] [words]",
        help="Make a variation of a picture, close to it (subtle) or free (strong)",
        handler="vary",
        task="edit",
        form='{{strength | select:options=["subtle","strong"]:default="subtle"}}',
    ),
    Command(
        name="area", arguments="[#N]", help="Open Edit area on a picture: mark a part and change it", handler="area"
    ),
    Command(
        name="expand",
        arguments="[#N]",
        help="Open Edit area to make a picture larger on any side",
        handler="area",
        mode="extend",
    ),
    Command(
        name="erase",
        arguments="[#N]",
        help="Open Edit area to take something out of a picture",
        handler="area",
        mode="remove",
    ),
    Command(name="models", arguments="", help="List the models with their sizes and prices", handler="models"),
    Command(name="costs", arguments="[--days N]", help="What was made and what it cost", handler="costs"),
    Command(
        name="credits",
        arguments="",
        help="What is left on the account at Black Forest Labs (admins)",
        handler="credits",
        admins_only=True,
    ),
    Command(name="help", arguments="", help="Show commands and flags", handler="help"),
)

COMMANDS: Mapping[str, Command] = MappingProxyType({row.name: row for row in _ROWS})
"""All commands by name."""

PREFIX = "flux"
"""`/flux imagine …` is a command wherever it is typed, also when an admin switched the short word off."""
