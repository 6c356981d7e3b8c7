"""The command line of `studio.py bench`: run the measurements, print the table, write it into the documents."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tools.stage import ROOT, Studio, staged

from . import costs, editor, lag, loading, memory, naive, replicas, responsiveness, soak
from .figures import HEADINGS, TWO_REPLICAS, Row, circumstances, fill, markdown

ON_STAGE: dict[str, Callable[[Studio, argparse.Namespace], list[Row]]] = {
    "lag": lambda studio, given: lag.rows(studio, given.jobs),
    "health": lambda studio, given: responsiveness.rows(studio),
    "memory": lambda studio, given: memory.rows(studio),
}
"""Measurements in a running Open WebUI."""
GRAIN = 6.0
"""Makes the sandbox's files as large as photographs."""
LOAD, EDITOR = "load", "editor"
NAMES = (*ON_STAGE, LOAD, EDITOR)
PERFORMANCE = ROOT / "docs" / "performance.md"
RELIABILITY = ROOT / "docs" / "reliability.md"
SCALING = ROOT / "docs" / "scaling.md"


def main(arguments: Sequence[str]) -> int:
    """0 when every goal was held and nothing was lost, 1 otherwise."""
    given = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="flux-studio-bench-") as folder:
        if given.soak is not None:
            return run_soak(Path(folder), given)
        if given.replicas is not None:
            return run_replicas(Path(folder), given)
        return run_bench(Path(folder), given)


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="studio.py bench",
        description="Measure what FLUX Studio promises in a real Open WebUI against the sandbox, beside a naive one. "
        "Needs no network and no key, about seven minutes and two CPU cores that have nothing else to do.",
    )
    options.add_argument("--only", action="append", choices=NAMES, help="only this measurement; may be repeated")
    options.add_argument("--jobs", type=positive, default=60, help="pictures per side for the lag (60)")
    options.add_argument("--processes", type=positive, default=5, help="fresh processes for the load times (5)")
    options.add_argument(
        "--soak",
        type=positive,
        nargs="?",
        const=20,
        metavar="N",
        help="instead: kill -9 the host until every job state was hit N times (20), about a minute each",
    )
    options.add_argument(
        "--replicas",
        type=positive,
        nargs="?",
        const=200,
        metavar="N",
        help="instead: ask N pictures (200) of two Open WebUI on one PostgreSQL and Redis and kill one of them",
    )
    options.add_argument("--write", action="store_true", help="write the figures into docs/")
    return options


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be a whole number of at least 1")
    return value


def run_bench(folder: Path, given: argparse.Namespace) -> int:
    wanted = [name for name in NAMES if not given.only or name in given.only]
    rows = list(measured(folder, wanted, given))
    table = markdown(HEADINGS, [row.cells() for row in rows])
    print(f"\n{table}\n{circumstances()}")
    if given.write:
        write(PERFORMANCE, "performance", f"{circumstances()}\n\n{table}")
    return int(any(row.holds is False for row in rows))


def measured(folder: Path, wanted: Sequence[str], given: argparse.Namespace) -> Iterator[Row]:
    """Run the measurements one after the other; each has the machine for itself."""
    if LOAD in wanted:
        say("load …")
        yield from loading.rows(folder, given.processes)
    if EDITOR in wanted:
        say("editor …")
        yield from editor.rows()
    on_stage = [name for name in wanted if name in ON_STAGE]
    if not on_stage:
        return
    say("starting Open WebUI …")
    with staged(folder / "host", duration=1.0) as studio:
        naive.install(studio)
        studio.sandbox.change(grain=GRAIN)
        studio.set_valves(MAX_PARALLEL_JOBS=24, RATE_LIMIT=0)
        for name in on_stage:
            say(f"{name} …")
            yield from ON_STAGE[name](studio, given)


def run_soak(folder: Path, given: argparse.Namespace) -> int:
    tally = soak.run(folder, given.soak, say)
    table = markdown(soak.HEADINGS, tally.lines())
    text = f"{circumstances()}\n\n{table}\n{tally.sentence()}\n"
    print(f"\n{text}")
    for problem in tally.problems:
        print(problem, file=sys.stderr)
    if given.write:
        write(RELIABILITY, "soak", text)
    return int(bool(tally.problems))


def run_replicas(folder: Path, given: argparse.Namespace) -> int:
    report = replicas.run(folder, max(given.replicas, replicas.FEWEST), say)
    table = markdown(replicas.HEADINGS, report.lines())
    text = f"{circumstances(TWO_REPLICAS)}\n\n{table}\n{report.sentence()}\n"
    taken = f"{circumstances(TWO_REPLICAS)}\n\n{markdown(costs.HEADINGS, report.figures)}"
    print(f"\n{text}\n{taken}")
    for problem in report.problems:
        print(problem, file=sys.stderr)
    if given.write:
        write(SCALING, "replicas", text)
        write(SCALING, "costs", taken)
    return int(bool(report.problems))


def write(path: Path, name: str, content: str) -> None:
    path.write_text(fill(path.read_text("utf-8"), name, content), "utf-8")
    say(f"written: {path.relative_to(ROOT)}")


def say(text: str) -> None:
    print(text, flush=True)
