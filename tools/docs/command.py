"""python -m tools.docs [--check]: fill the marked blocks of README.md and docs/*.md with tables made of the code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from . import tables

ROOT = Path(__file__).parents[2]

BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z_]+) -->\n).*?(<!-- end -->)", re.DOTALL)
"""A block in a document: everything between the two comments is ours."""

TABLES: Mapping[str, Callable[[], str]] = {
    "models": tables.models,
    "faults": tables.faults,
    "valves": tables.valves,
    "limit_valves": tables.limit_valves,
    "user_valves": tables.user_valves,
    "editor_valves": tables.editor_valves,
    "environment": tables.environment,
    "flags": tables.flags,
    "commands": tables.commands,
    "commands_valves": tables.commands_valves,
}


class DocsError(Exception):
    """A document asks for a table nobody makes."""


def fill(text: str, where: str) -> str:
    """Return the text with every marked block replaced. Raises DocsError for an unknown name."""

    def replace(block: re.Match[str]) -> str:
        name = block["name"]
        if name not in TABLES:
            raise DocsError(f"{where}: no table is called “{name}”; there are: {', '.join(sorted(TABLES))}")
        return f"{block[1]}{TABLES[name]()}{block[3]}"

    return BLOCK.sub(replace, text)


def main(arguments: list[str] | None = None) -> int:
    """Write the documents, or with --check name those that are stale and return 1."""
    check = "--check" in (sys.argv[1:] if arguments is None else arguments)
    stale = []
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        before = path.read_text("utf-8")
        after = fill(before, path.name)
        if before != after:
            stale.append(path.relative_to(ROOT))
            if not check:
                path.write_text(after, "utf-8")
    for path in stale:
        print(f"{'stale' if check else 'written'}: {path}")
    return 1 if check and stale else 0
