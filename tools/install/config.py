"""The command `config export FILE` and `config import FILE`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from . import options
from .bundle import ROOT, Bundle, load
from .command import connect, guarded
from .failure import InstallError

STANDARD = "-"
"""As a file: the standard output or input."""


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Save or restore the valves; 0 when all is as wanted, 1 with one sentence otherwise."""
    return guarded(run, arguments, root)


def run(arguments: list[str], root: Path) -> None:
    given = parser().parse_args(arguments)
    bundle = load(root)
    where = options.sign_in(given, os.environ)
    steps = {"export": run_export, "import": run_import}
    steps[given.action](where, bundle, given.file)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="studio.py config",
        description="Save all valves of the bundle as JSON, without secrets, or set them to what such a file says: "
        "valves it does not name go back to their default, secrets stay as they are.",
    )
    made.add_argument("action", choices=("export", "import"))
    made.add_argument("file", help="JSON file, - for the standard output or input")
    options.add_sign_in(made)
    return made


def run_export(where: options.Options, bundle: Bundle, file: str) -> None:
    from .configuration import export, written

    text = written(export(connect(where, bundle, quiet=file == STANDARD), bundle))
    if file == STANDARD:
        print(text, end="", flush=True)
        return
    try:
        Path(file).write_text(text, "utf-8")
    except OSError as error:
        raise InstallError(f"{file} cannot be written: {error.strerror}.") from error
    print(f"written: {file}")


def run_import(where: options.Options, bundle: Bundle, file: str) -> None:
    from .configuration import parse, restore

    document = parse(sys.stdin.read() if file == STANDARD else read_file(file))
    for change in restore(connect(where, bundle), bundle, document):
        print(change, flush=True)


def read_file(file: str) -> str:
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InstallError(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}.") from error
