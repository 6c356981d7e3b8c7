"""How long a ready picture takes into the chat, and how many polls that costs."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.stage import Studio

from .contestants import CONTESTANTS, FLUX_STUDIO, Contestant
from .figures import Row, milliseconds, quantile
from .tab import Tab

SHORTEST, LONGEST, STEP = 3.1, 8.6, 0.5
"""Seconds the pictures take: a spread of almost three, around the usual time of FLUX.2 [pro]."""
FRESH = 12
"""Pictures asked for before any has come: so long the server goes by the catalog's guess."""
PAUSE = 0.5
"""Seconds between two questions: about eleven pictures are under way at once."""
MEDIAN_GOAL, LATE_GOAL = 0.25, 0.55
"""Seconds: DESIGN section 9."""
POLLS_GOAL = 1.5
"""Polls per second of a job: DESIGN section 9."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One picture from its order to the chat; times are seconds."""

    lag: float
    """From the moment the provider had it ready until the tab had it, poll and download included."""
    unnoticed: float
    """The part of the lag until the provider answered the poll that found it ready."""
    polls: int
    seconds: float
    """From the order until the poll that found it ready."""


def journeys(
    shown: Mapping[str, float], tasks: Mapping[str, str], journal: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[Journey]:
    """Join what the tab saw with what the sandbox noted (pure).

    `shown` is when each message had its picture, `tasks` which task made it. Raises KeyError when one is unknown.
    """
    ordered = {call["task"]: call for call in journal["calls"] if call["task"]}
    return [_journey(moment, ordered[tasks[message]], journal["polls"]) for message, moment in shown.items()]


def _journey(shown: float, call: Mapping[str, Any], polls: Sequence[Mapping[str, Any]]) -> Journey:
    own = [poll for poll in polls if poll["task"] == call["task"]]
    known = min(poll["time"] for poll in own if poll["state"] == "Ready")
    ready = call["time"] + duration_of(call["body"]["prompt"])
    return Journey(
        lag=shown - ready,
        unnoticed=known - ready,
        polls=sum(poll["time"] <= known for poll in own),
        seconds=known - call["time"],
    )


def duration_of(prompt: str) -> float:
    """The seconds a prompt's mark asks for: `… [sandbox:slow=4.5]`."""
    return float(prompt.partition("[sandbox:slow=")[2].partition("]")[0])


def durations(count: int) -> list[float]:
    """As many durations as jobs, evenly from the spread, in an order that is random but always the same."""
    steps = round((LONGEST - SHORTEST) / STEP) + 1
    chosen = [round(SHORTEST + STEP * (index % steps), 2) for index in range(count)]
    random.Random(9).shuffle(chosen)  # noqa: S311 - no secret
    return chosen


def measure(studio: Studio, contestant: Contestant, jobs: int) -> list[Journey]:
    """Have `jobs` pictures made, one question every half second."""
    contestant.prepare(studio, 1024)
    studio.sandbox.clear()
    with Tab(studio.host, studio.admin) as tab:
        started, questions = time.monotonic(), []
        for index, seconds in enumerate(durations(jobs)):
            time.sleep(max(0.0, started + index * PAUSE - time.monotonic()))
            questions.append(contestant.ask(studio, seconds))
        tab.wait_for((question.message for question in questions), seconds=180)
        moments = {message: event.time for message, event in tab.shown.items()}
        return journeys(moments, contestant.tasks(studio, tab.shown), studio.sandbox.journal)


def rows(studio: Studio, jobs: int) -> list[Row]:
    """The lines of the table: a fresh server, which only guesses how long pictures take, then both sides."""
    fresh = measure(studio, FLUX_STUDIO, FRESH)
    ours, naive = (measure(studio, contestant, jobs) for contestant in CONTESTANTS)
    return [
        _lag_row(f"picture ready → in the chat, median of {jobs}", MEDIAN_GOAL, 0.5, ours, naive),
        _lag_row("the same, p95", LATE_GOAL, 0.95, ours, naive),
        Row(
            what="of it unnoticed by any poll, median",
            measured=milliseconds(quantile([journey.unnoticed for journey in ours], 0.5)),
            naive=milliseconds(quantile([journey.unnoticed for journey in naive], 0.5)),
        ),
        Row(
            what="polls per second of a job",
            goal=f"≤ {POLLS_GOAL:g}",
            measured=f"{polls_per_second(ours):.2f}",
            naive=f"{polls_per_second(naive):.2f}",
            holds=polls_per_second(ours) <= POLLS_GOAL,
        ),
        Row(
            what=f"first {FRESH} pictures after a start: median, p95, polls per second",
            measured=f"{spread([journey.lag for journey in fresh])}, {polls_per_second(fresh):.2f}",
        ),
    ]


def _lag_row(what: str, goal: float, share: float, ours: Sequence[Journey], naive: Sequence[Journey]) -> Row:
    measured, other = (quantile([journey.lag for journey in side], share) for side in (ours, naive))
    return Row(
        what=what,
        goal=f"≤ {milliseconds(goal)}",
        measured=milliseconds(measured),
        naive=milliseconds(other),
        holds=measured <= goal,
    )


def spread(seconds: Sequence[float]) -> str:
    return f"{milliseconds(quantile(seconds, 0.5))}, {milliseconds(quantile(seconds, 0.95))}"


def polls_per_second(side: Sequence[Journey]) -> float:
    """All polls of all jobs over all their seconds (pure)."""
    return sum(journey.polls for journey in side) / sum(journey.seconds for journey in side)
