"""What the built plugins cost a server's start: first load, further loads, and the model list."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.build.manifest import load as load_manifest
from tools.host import Host
from tools.stage import ROOT

from . import naive
from .figures import Row, milliseconds, quantile

FIRST_GOAL, FURTHER_GOAL, PIPES_GOAL = 0.25, 0.01, 0.005
"""Seconds: DESIGN section 9."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """Seconds, of one fresh process."""

    first: float
    further: Sequence[float]
    listing: Sequence[float]
    """Each call of `pipes()`."""
    naive: float
    """Load of a plugin of two kilobytes: what the host's loader takes by itself."""


def measure(folder: Path) -> Loads:
    """Load the bundle as a starting server does, then the naive plugin."""
    bundle = [(plugin.id, ROOT / "dist" / f"{plugin.id}.py") for plugin in load_manifest(ROOT).plugins]
    texts = [(name, path.read_text("utf-8")) for name, path in [*bundle, (naive.IDENTIFIER, naive.SOURCE)]]
    first, *further, small = in_host(texts, folder)
    return Loads(
        first=first["load"],
        further=[report["load"] for report in further],
        listing=first["pipes"],
        naive=small["load"],
    )


def in_host(texts: Sequence[tuple[str, str]], folder: Path) -> list[dict[str, object]]:
    """Run load_probe.py where the package is found nowhere but in the plugins."""
    folder.mkdir(parents=True, exist_ok=True)
    environ = Host(folder, environ={"FROM_INIT_PY": "true", "FLUX_API_KEY": "key-for-the-list"}).process_environ()
    environ.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-P", str(Path(__file__).with_name("load_probe.py"))],
        input=json.dumps(texts),
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    reports: list[dict[str, object]] = json.loads(done.stdout.splitlines()[-1])
    return reports


def rows(folder: Path, processes: int) -> list[Row]:
    """The lines of the table: medians over fresh processes."""
    runs = [measure(folder / "loads") for _ in range(processes)]
    first = quantile([run.first for run in runs], 0.5)
    further = quantile([seconds for run in runs for seconds in run.further], 0.5)
    listing = quantile([run.listing[0] for run in runs], 0.5)
    small = milliseconds(quantile([run.naive for run in runs], 0.5))
    return [
        _row(f"first load of a built plugin, median of {processes} processes", FIRST_GOAL, first, small),
        _row("load of each further plugin, median", FURTHER_GOAL, further, ""),
        _row("first pipes() after a start, median", PIPES_GOAL, listing, ""),
    ]


def _row(what: str, goal: float, measured: float, naive_text: str) -> Row:
    return Row(
        what=what,
        goal=f"≤ {milliseconds(goal)}",
        measured=milliseconds(measured),
        naive=naive_text,
        holds=measured <= goal,
    )
