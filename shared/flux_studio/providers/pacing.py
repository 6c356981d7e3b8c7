"""When to ask for a job's state: pure times, so that a ready picture is noticed early with few questions.

The goal (DESIGN section 9): known within 250 ms (median) and 550 ms (95 %) of being ready, at no more
than 1.5 questions per second of the job on average. All times are seconds after the submission.
"""

from __future__ import annotations

import statistics
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

PAUSE = 0.36
"""Between two questions while the picture is expected: at worst that late, on average half of it.

Storing and showing take about 50 ms more (docs/performance.md), so that a median of 250 ms leaves 200 ms here.
"""
FIRST_PAUSE = 0.3
"""The shortest pause, used right after the submission of a model nobody has measured yet."""
LONGEST_PAUSE = 2.0
"""The default upper bound of all pauses between answers that came in order."""
LONGEST_TROUBLE_PAUSE = 15.0
"""The upper bound while the service does not answer properly."""
MISSING_SECONDS = 15.0
MISSING_TRIES = 5
"""How long and how often a fresh task may be unknown: other clients ask five times, two seconds apart."""
MALFORMED_TRIES = 5
"""Unreadable answers in a row before the wait is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """The schedule of one job."""

    typical: float
    """How long this model's jobs usually take."""
    measured: bool = True
    """False when `typical` is only the catalog's guess: then questions begin early and thin out."""
    longest: float = LONGEST_PAUSE
    phase: float = 0.5
    """0 to 1, random per job: jobs of equal length must not all be ready just after a question, nor ask together."""

    @property
    def window(self) -> float:
        """When the picture may be ready.

        Half of the typical time leaves room for fast jobs; the half second keeps short jobs, of which one
        question is already a large share, within the budget.
        """
        return 0.5 * max(0.0, self.typical) + 0.5 + (self.phase - 0.5) * PAUSE

    @property
    def overdue(self) -> float:
        """From when on the pauses grow with the time already waited."""
        return 1.6 * max(0.0, self.typical) + 1.0

    def first(self) -> float:
        """When to ask for the first time."""
        return self.window if self.measured else min(FIRST_PAUSE, self.window)

    def pause(self, elapsed: float) -> float:
        """Seconds from an answer at `elapsed` to the next question."""
        elapsed = max(0.0, elapsed)
        if elapsed < self.window:
            until_window = max(FIRST_PAUSE, self.window - elapsed)
            return until_window if self.measured else min(until_window, max(FIRST_PAUSE, elapsed / 2), self.longest)
        return min(self.longest, PAUSE * max(1.0, elapsed / self.overdue))


def pause_after_trouble(failures: int, retry_after: float | None, jitter: Callable[[], float]) -> float:
    """Seconds to wait after the `failures`-th answer in a row that was a throttle or a fault.

    Doubles from one second, half of it random, so that many waiting jobs do not return together. Only a throttled
    answer brings `retry_after`: the service also sends that header with answers in order, where it means nothing.
    """
    if retry_after is not None:
        return max(FIRST_PAUSE, retry_after)
    return min(LONGEST_TROUBLE_PAUSE, 2.0 ** min(max(0, failures - 1), 8)) * (0.5 + 0.5 * jitter())


def may_be_missing(elapsed: float, tries: int) -> bool:
    """Whether a task that the service does not know may still turn up.

    A fresh one is looked for several times, an older one once more, for a single slip must not lose a paid job.
    """
    return tries <= 1 or (elapsed < MISSING_SECONDS and tries <= MISSING_TRIES)


class Durations:
    """How long the recent jobs of each model took on this server; bounded in models and jobs."""

    def __init__(self, *, recent: int = 15, models: int = 200) -> None:
        self._recent = recent
        self._models = models
        self._seconds: OrderedDict[str, deque[float]] = OrderedDict()

    def add(self, model: str, seconds: float) -> None:
        """Note a finished job: submitted until known to be ready."""
        if not 0.0 <= seconds < float("inf"):
            return
        self._seconds.setdefault(model, deque(maxlen=self._recent)).append(seconds)
        self._seconds.move_to_end(model)
        while len(self._seconds) > self._models:
            self._seconds.popitem(last=False)

    def typical(self, model: str, guess: float) -> float:
        """The median of the recent jobs, `guess` before the first."""
        known = self._seconds.get(model)
        return statistics.median(known) if known else guess
