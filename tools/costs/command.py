"""The command costs: the report of /costs in a terminal, or as a CSV file."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.install import options
from tools.install.command import enter
from tools.install.failure import InstallError

DESCRIPTION = "Show what was made and what it cost, by person, model and day; the current month unless --days is given."


def main(arguments: list[str]) -> int:
    """Print the tables, or write the CSV; 0, or 1 with one sentence."""
    try:
        print(run(arguments))
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run(arguments: Sequence[str]) -> str:
    """Sign in, fetch the report, and return what is to be printed. Raises InstallError."""
    from tools.install.client import OpenWebUI  # requests is not there before the environment is

    parser = options.admin_parser("costs", DESCRIPTION)
    parser.add_argument("--days", type=int, help="days to look back, today included")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write one line an order to this file (- prints them)")
    given = parser.parse_args(arguments)
    where = options.sign_in(given, os.environ)
    host = OpenWebUI(where.url)
    enter(host, api_key=where.api_key, email=where.email, password=where.password)
    wish = {"days": given.days} if given.days is not None else {}
    report = host.ask_plugin("admin", "costs", **wish, csv=given.csv is not None)
    if given.csv is None:
        return text_of(report)
    if str(given.csv) == "-":
        return str(report["csv"]).rstrip("\r\n")
    return written(given.csv, report)


def written(path: Path, report: Mapping[str, Any]) -> str:
    """Write the CSV; a spreadsheet takes it for UTF-8 by its first sign."""
    try:
        path.write_text(report["csv"], "utf-8-sig", newline="")
    except OSError as error:
        raise InstallError(f"{path} cannot be written: {error.strerror}.") from error
    return f"{report['summary']}\nWritten to {path}."


def text_of(report: Mapping[str, Any]) -> str:
    """The report for a terminal (pure)."""
    tables = [aligned([table["head"], *table["rows"]]) for table in report["tables"]]
    return "\n\n".join(part for part in (report["summary"], report["left"], *tables) if part)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns of equal width, the first to the left, figures to the right."""
    plain = [["".join(sign for sign in cell if sign.isprintable()) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in plain) for place in range(len(plain[0]))]
    lines = [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in plain
    ]
    return "\n".join(line.rstrip() for line in lines)
