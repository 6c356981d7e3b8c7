"""Reads the `.env` file beside studio.py."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from pathlib import Path

LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")
COMMENT = re.compile(r"\s+#.*$")


class DotenvError(ValueError):
    """A line that is no NAME=VALUE; names the line's number, never its text, which may be a key."""


def load(path: Path, environ: MutableMapping[str, str]) -> None:
    """Set what the file names and the environment does not have yet. Raises DotenvError."""
    if not path.is_file():
        return
    for name, value in parse(path.read_text("utf-8-sig"), path.name).items():
        environ.setdefault(name, value)


def parse(text: str, file_name: str = ".env") -> dict[str, str]:
    """Read `NAME=VALUE` lines; blank lines, `#` comments, `export` and quotes are understood. Raises DotenvError."""
    values = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = LINE.fullmatch(stripped)
        if not match:
            raise DotenvError(f"Line {number} of {file_name} is not NAME=VALUE.")
        values[match["name"]] = unquoted(match["value"])
    return values


def unquoted(value: str) -> str:
    """Drop the quotes around a value, or the comment behind an unquoted one."""
    for quote in "\"'":
        end = value.find(quote, 1)
        if value.startswith(quote) and end > 0 and not COMMENT.sub("", " " + value[end + 1 :]).strip():
            return value[1:end]
    return COMMENT.sub("", " " + value).strip()
