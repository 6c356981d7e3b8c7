"""What /help answers: commands and flags as Markdown, read off their tables."""

from __future__ import annotations

from .flags import flag_rows
from .table import COMMANDS


def help_text() -> str:
    """Return the help for the chat: every command, every flag with what it allows and an example."""
    commands = [f"- `{_usage(row.name, row.arguments)}`: {row.help}" for row in COMMANDS.values()]
    flags = [f"| `{example}` | {effect} | {allowed} |" for _, allowed, effect, example in flag_rows()]
    return "\n".join(
        [
            "**Commands**",
            "",
            *commands,
            "",
            "**Flags**, anywhere in the message; what stands in quotes is prompt text",
            "",
            "| Flag | Effect | Allowed |",
            "| --- | --- | --- |",
            *flags,
        ]
    )


def _usage(name: str, arguments: str) -> str:
    return f"/{name} {arguments}".strip()
