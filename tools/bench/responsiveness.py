"""Whether the host answers others while 24 pictures are under way: `/health`, asked fifty times a second."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.stage import Studio

from .contestants import CONTESTANTS, Contestant
from .figures import Row, milliseconds, quantile
from .tab import Tab

JOBS = 24
IDLE_SECONDS = 30.0
PICTURE_SECONDS = 20.0
"""Long enough that all are asked for and then wait together."""
GOAL = 0.02
"""Seconds p99 may be above idle: DESIGN section 9."""

PROBE = Path(__file__).with_name("health.py")

Times = Sequence[tuple[float, float]]
"""(epoch seconds when asked, seconds until answered)."""


@dataclass(slots=True)
class Probe:
    """The times of a probe that has ended."""

    times: Times = field(default_factory=list)

    def between(self, start: float, end: float) -> list[float]:
        """Seconds until answered, of the requests asked in a span of time."""
        return [seconds for asked, seconds in self.times if start <= asked <= end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Seconds until `/health` answered."""

    waiting: Sequence[float]
    """While all jobs were with the provider: from the last order to the first picture ready."""
    whole: Sequence[float]
    """From the first question to the last picture in the chat: asking, ordering, downloading and storing as well."""


@contextlib.contextmanager
def probing(url: str) -> Iterator[Probe]:
    """Ask `/health` all the while."""
    command, result = [sys.executable, "-P", str(PROBE), url], Probe()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield result
        output, _ = process.communicate()
    result.times = json.loads(output)


def idle(studio: Studio) -> list[float]:
    """Nothing else goes on."""
    with probing(studio.host.url) as probe:
        time.sleep(IDLE_SECONDS)
    return [seconds for _, seconds in probe.times]


def one_round(studio: Studio, contestant: Contestant) -> Round:
    """Have 24 pictures made at once."""
    contestant.prepare(studio, 1024)
    studio.sandbox.clear()
    with Tab(studio.host, studio.admin) as tab, probing(studio.host.url) as probe:
        started = time.time()
        questions = [contestant.ask(studio, PICTURE_SECONDS) for _ in range(JOBS)]
        tab.wait_for((question.message for question in questions), seconds=180)
        ended = time.time()
    orders = [call["time"] for call in studio.sandbox.journal["calls"]]
    return Round(waiting=probe.between(max(orders), min(orders) + PICTURE_SECONDS), whole=probe.between(started, ended))


def rows(studio: Studio) -> list[Row]:
    """The lines of the table: idle, then both sides."""
    resting = idle(studio)
    ours, naive = (one_round(studio, contestant) for contestant in CONTESTANTS)
    base = quantile(resting, 0.99)
    return [
        Row(what="/health when idle: p50, p99, longest", measured=spread(resting)),
        _row(f"/health, {JOBS} jobs at the provider: p50, p99, longest", base, ours.waiting, naive.waiting),
        _row(f"/health, {JOBS} jobs from question to picture: p50, p99, longest", base, ours.whole, naive.whole),
    ]


def _row(what: str, base: float, ours: Sequence[float], naive: Sequence[float]) -> Row:
    return Row(
        what=what,
        goal=f"p99 ≤ idle + {milliseconds(GOAL)}",
        measured=spread(ours),
        naive=spread(naive),
        holds=quantile(ours, 0.99) <= base + GOAL,
    )


def spread(values: Sequence[float]) -> str:
    """p50, p99 and the longest; a side that stalled so long that nothing was asked meanwhile has none."""
    if not values:
        return "no answer"
    return ", ".join(milliseconds(value) for value in (quantile(values, 0.5), quantile(values, 0.99), max(values)))
