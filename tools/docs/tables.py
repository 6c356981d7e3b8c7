"""The tables themselves, each made of the one place in the code that decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel

from flux_studio import commands as chat_commands
from flux_studio.catalog import table as catalog_table
from flux_studio.settings import ENVIRONMENT_NAMES
from flux_studio.valves import CommandsValves, EditValves, PipeUserValves, PipeValves

from . import faults as fault_table


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def models() -> str:
    return table(catalog_table.HEADINGS, catalog_table.table_rows())


def faults() -> str:
    return table(("When the service …", "it does this", "the person is told", "and the picture"), fault_table.rows())


VALVE_HEADINGS = ("Valve", "Title in the dialog", "Default", "Meaning")


def valves() -> str:
    return table(VALVE_HEADINGS, _valve_rows(PipeValves))


def limit_valves() -> str:
    """The valves about money, among those of FLUX Studio."""
    chosen = ("DAILY_PICTURES_PER_USER", "MONTHLY_BUDGET_PER_USER", "GROUP_LIMITS", "CONFIRM_ABOVE")
    rows = [row for row in _valve_rows(PipeValves) if row[0].strip("`") in chosen]
    return table(VALVE_HEADINGS, rows)


def user_valves() -> str:
    return table(VALVE_HEADINGS, _valve_rows(PipeUserValves))


def editor_valves() -> str:
    return table(VALVE_HEADINGS, _valve_rows(EditValves))


def commands_valves() -> str:
    return table(("Valve", "Default", "Meaning"), _valve_rows(CommandsValves))


def environment() -> str:
    rows = [(f"`{'`, `'.join(names)}`", f"`{valve}`") for valve, names in ENVIRONMENT_NAMES.items()]
    return table(("Environment variable", "Used when this valve is not set"), rows)


def flags() -> str:
    rows = [
        (f"`{flag}`", meaning, takes, f"`{example}`") for flag, takes, meaning, example in chat_commands.flag_rows()
    ]
    return table(("Flag", "Meaning", "Takes", "Example"), rows)


def commands() -> str:
    rows = [(f"`/{row.name} {row.arguments}`".replace(" `", "`"), row.help) for row in chat_commands.COMMANDS.values()]
    return table(("Command", "Does"), rows)


def _valve_rows(model: type[BaseModel]) -> Iterable[tuple[str, str, str, str]]:
    for name, info in model.model_fields.items():
        secret = "password" in str(info.json_schema_extra)
        default = "" if info.default in ("", None) else f"`{_shown(info.default)}`"
        yield f"`{name}`{' 🔑' if secret else ''}", info.title or name, default, info.description or ""


def _shown(value: object) -> object:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value
