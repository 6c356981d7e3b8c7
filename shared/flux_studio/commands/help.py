"""What /help answers: commands and flags as Markdown, read off their tables."""

from __future__ import annotations

from collections.abc import Collection

from .flags import flag_rows
from .table import COMMANDS, PREFIX, Command


def help_text(enabled: Collection[str] = COMMANDS, *, admin: bool = True) -> str:
    """Return the help for the chat: every command, every flag with what it allows and an example.

    A command whose word is not `enabled` is shown as it can still be typed, behind /flux.
    """
    shown = [row for row in COMMANDS.values() if admin or not row.admins_only]
    commands = [f"- `{_usage(row, enabled)}`: {row.help}" for row in shown]
    flags = [f"| `{example}` | {effect} | {allowed} |" for _, allowed, effect, example in flag_rows()]
    return "\n".join(
        [
            "**Commands**",
            "",
            *commands,
            "",
            f"`/{PREFIX} imagine …`, `/{PREFIX} help` and so on work everywhere, whatever else a word may mean.",
            "",
            "**Flags**, anywhere in the message; what stands in quotes is prompt text",
            "",
            "| Flag | Effect | Allowed |",
            "| --- | --- | --- |",
            *flags,
        ]
    )


def _usage(row: Command, enabled: Collection[str]) -> str:
    prefix = "" if row.name in enabled else f"{PREFIX} "
    return f"/{prefix}{row.name} {row.arguments}".strip()
