"""Read sources and refuse, with file and line, text that would not reach the plugin unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

EMBEDDED_SUFFIXES = frozenset({".py", ".json", ".txt", ".md", ".js", ".typed"})

# Replaced by the host in the whole text of a plugin, strings and comments included:
# open_webui/utils/plugin.py, replace_imports.
REWRITTEN_BY_HOST = ("from utils", "from apps", "from main", "from config")

REFUSED_IN_SOURCES = {
    "'''": 'write """, the file is embedded between three single quotes',
    "\r": "carriage return, end lines with a newline only",
    "\0": "NUL character, Python cannot execute it",
    "\ufeff": "byte order mark, save the file as plain UTF-8",
    **{text: f"Open WebUI rewrites {text!r} anywhere in a plugin, word it differently" for text in REWRITTEN_BY_HOST},
}


class BuildError(Exception):
    """A source cannot be built; the text has one line per finding, `file:line: what and what instead`."""


def read(path: Path, root: Path) -> str:
    """Return the text of a source, exactly as it is on disk; raise BuildError naming every refused line."""
    where = path.relative_to(root).as_posix()
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        raise BuildError(f"{where}: missing") from None
    except UnicodeDecodeError as error:
        raise BuildError(f"{where}: not UTF-8 at byte {error.start}") from error
    raise_findings(text_findings(text, where))
    return text


def text_findings(text: str, where: str, refused: Mapping[str, str] = REFUSED_IN_SOURCES) -> Iterator[str]:
    """Yield a finding for each line with a refused text, and for a last line without its end."""
    lines = text.split("\n")  # not splitlines: U+2028 and form feed end no line for Python
    for number, line in enumerate(lines, 1):
        yield from (f"{where}:{number}: {reason}" for part, reason in refused.items() if part in line)
    if lines[-1]:
        yield f"{where}:{len(lines)}: no newline at the end of the file"


def raise_findings(findings: Iterator[str]) -> None:
    """Raise one BuildError with all findings, if there are any."""
    found = list(findings)
    if found:
        raise BuildError("\n".join(found))


def package_files(package: Path, root: Path) -> dict[str, str]:
    """Return {path inside the package: text} of every file, sorted; raise BuildError for what cannot travel as text."""
    paths = {
        path.relative_to(package).as_posix(): path
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    raise_findings(
        f"{path.relative_to(root).as_posix()}: only {', '.join(sorted(EMBEDDED_SUFFIXES))} files can be embedded"
        for path in paths.values()
        if path.suffix not in EMBEDDED_SUFFIXES
    )
    return {inside: read(paths[inside], root) for inside in sorted(paths)}
