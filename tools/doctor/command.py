"""The command doctor: one line for each thing an installation depends on; it costs nothing and shows no key."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tools.install import options
from tools.install.bundle import ROOT, Bundle, load
from tools.install.command import enter
from tools.install.failure import InstallError

from . import checks
from .checks import Finding

if TYPE_CHECKING:
    from tools.install.client import OpenWebUI

DESCRIPTION = "Look over an installation: versions, plugins, keys, database, storage, models. Costs nothing."


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Print the findings; 0 without a fault, 1 with one, or when nobody can sign in."""
    try:
        where = options.sign_in(options.admin_parser("doctor", DESCRIPTION).parse_args(arguments), os.environ)
        return report(examine(where, load(root)), lambda line: print(line, flush=True))
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1


def examine(where: options.Options, bundle: Bundle) -> Iterable[Finding]:
    """Every check in its order. Raises InstallError when the host cannot be reached or entered."""
    from tools.install.client import OpenWebUI  # requests is not there before the environment is

    host = OpenWebUI(where.url)
    yield checks.version(host, bundle)
    yield checks.clock(host)
    yield checks.scripts(host)
    enter(host, api_key=where.api_key, email=where.email, password=where.password)
    yield checks.functions(host)
    for plugin in bundle.plugins:
        yield checks.plugin(host, plugin)
    yield from inside(host)


def inside(host: OpenWebUI) -> Iterable[Finding]:
    """What the server itself says; a fault when its plugin cannot be asked."""
    try:
        rows = host.ask_plugin("admin", "doctor")["findings"]
    except InstallError as error:
        yield Finding("inside", "fault", f"the server could not be asked: {error}")
        return
    for row in rows:
        yield Finding(row["name"], row["state"], row["text"])


def report(findings: Iterable[Finding], say: Callable[[str], None]) -> int:
    """Say each finding as it comes, then the sum; the exit code."""
    counts = {"ok": 0, "note": 0, "fault": 0}
    for finding in findings:
        counts[finding.state] += 1
        say(str(finding))
    faults, notes = (f"{counts[kind]} {kind}{'' if counts[kind] == 1 else 's'}" for kind in ("fault", "note"))
    say(f"{faults}, {notes}, {counts['ok']} in order.")
    return 1 if counts["fault"] else 0
