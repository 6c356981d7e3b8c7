"""Runs the tests lane by lane and says how long each took."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.browser import NoBrowser, chromium
from tools.environment import SetupError, ensure
from tools.postgres import NoPostgres
from tools.postgres import binaries as postgres_programs
from tools.redis import NoRedis
from tools.redis import program as redis_program

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable
NO_TESTS = 5
"""pytest's exit code when it collected nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One row of LANES: commands, or pytest with a marker expression."""

    name: str
    what: str
    commands: tuple[tuple[str, ...], ...] = ()
    marker: str = ""
    needs: tuple[Callable[[], object], ...] = ()
    """Get what the tests drive."""


FAST = "not host and not jobs and not pages and not contract and not engine"

LANES = (
    Lane(
        name="check",
        what="style, types of Python and pages, and whether dist/ and the documents are up to date",
        commands=(
            (PYTHON, "-m", "ruff", "check", "--quiet", "."),
            (PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."),
            (PYTHON, "-m", "mypy"),
            (PYTHON, "-m", "tools.node", "tsc", "-p", "jsconfig.json"),
            (PYTHON, "-m", "tools.build", "--check"),
            (PYTHON, "studio.py", "docs", "--check"),
        ),
    ),
    Lane(name="unit", what="everything fast, offline", marker=FAST),
    Lane(
        name="contract",
        what="OpenAI's models with the newest major of its SDK, in an environment of its own",
        marker="contract",
        needs=(lambda: newest_openai(),),
    ),
    Lane(name="jobs", what="the job table on a real PostgreSQL", marker="jobs", needs=(postgres_programs,)),
    Lane(name="engine", what="pictures made by torch and diffusers", marker="engine"),
    Lane(name="pages", what="our pages in a real browser", marker="pages", needs=(chromium,)),
    Lane(
        name="host",
        what="a real Open WebUI in a real browser, and two on one PostgreSQL and Redis",
        marker="host",
        needs=(chromium, postgres_programs, redis_program),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one lane went."""

    lane: str
    failed: bool
    seconds: float


def main(arguments: list[str]) -> int:
    """Run the chosen lanes; 0 only if all passed."""
    given, pytest_arguments = parser().parse_known_args(arguments)
    flags = [flag for flag in ("--gpu", "--live") if getattr(given, flag.strip("-"))]
    extra = [*flags, *(argument for argument in pytest_arguments if argument != "--")]
    chosen = [lane for lane in LANES if not given.lane or lane.name in given.lane]
    outcomes = [run(lane, extra) for lane in chosen]
    print(summary(outcomes), flush=True)
    return int(any(outcome.failed for outcome in outcomes))


def parser() -> argparse.ArgumentParser:
    rows = "\n".join(f"  {lane.name:8} {lane.what}" for lane in LANES)
    options = argparse.ArgumentParser(
        prog="studio.py test",
        usage="studio.py test [--lane NAME …] [--gpu] [--live] [-- pytest arguments]",
        description=f"Run the tests. Lanes:\n{rows}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    options.add_argument("--lane", action="append", choices=[lane.name for lane in LANES], help="only this lane")
    options.add_argument("--gpu", action="store_true", help="also the tests that need an accelerator")
    options.add_argument("--live", action="store_true", help="also the tests that spend credits with a real key")
    return options


def run(lane: Lane, extra: Sequence[str]) -> Outcome:
    """Run one lane to its end, even when a part of it failed."""
    print(f"\n== {lane.name}: {lane.what}", flush=True)
    started = time.monotonic()
    try:
        for get in lane.needs:
            get()
    except (NoPostgres, NoRedis, NoBrowser, SetupError) as error:
        print(error, file=sys.stderr, flush=True)
        return Outcome(lane=lane.name, failed=True, seconds=time.monotonic() - started)
    commands = lane.commands or ((PYTHON, "-m", "pytest", "-m", lane.marker, *extra),)
    codes = [subprocess.run(command, cwd=ROOT, check=False).returncode for command in commands]
    allowed = {0, NO_TESTS} if lane.marker and extra else {0}  # with -k a lane may well have nothing to run
    return Outcome(lane=lane.name, failed=not set(codes) <= allowed, seconds=time.monotonic() - started)


def newest_openai() -> Path:
    """Python with the newest SDK of OpenAI; made on first use. Raises SetupError."""
    return ensure("openai3", ROOT / "requirements")


def summary(outcomes: Sequence[Outcome]) -> str:
    """Minutes per lane, then one plain line."""
    rows = [f"{row.lane:8}{row.seconds / 60:6.1f} min  {'FAILED' if row.failed else 'passed'}" for row in outcomes]
    failed = [row.lane for row in outcomes if row.failed]
    total = sum(row.seconds for row in outcomes) / 60
    verdict = f"Failed: {', '.join(failed)}." if failed else "All lanes passed."
    return "\n".join(["", *rows, f"{verdict} {total:.1f} minutes."])
