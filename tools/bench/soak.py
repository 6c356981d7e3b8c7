"""kill -9 of the host again and again, with jobs caught in every state, and what became of each of them."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.asking import Question, ask
from tools.stage import Studio, staged, until

from .figures import quantile
from .verdict import STATES, Caught, Ending, problems_of

SLOTS = 6
"""MAX_PARALLEL_JOBS during the soak: as many as are asked before the ones that have to queue."""
FINISHED = ("delivered", "failed", "cancelled")
REACH, END = 60.0, 240.0
"""Seconds the jobs get to reach their states, and to end after a restart."""
WANDERERS = 2
"""Jobs per kill that are caught wherever they happen to be."""
HEADINGS = (
    "state when killed",
    "kills",
    "jobs",
    "picture in its chat",
    "“may have been billed”",
    "“was not sent”",
    "ordered twice",
    "lost or shown twice",
)

HOLDS: Mapping[str, str] = {
    "submitting": "[sandbox:slow-submit=40]",
    "submitted": "[sandbox:slow=14]",
    "downloading": "[sandbox:slow-sample=8]",
}
"""State -> what the sandbox has to do so that a job stays in it."""


@dataclass(slots=True)
class Tally:
    """What has been seen so far."""

    kills: Counter[str] = field(default_factory=Counter)
    endings: list[tuple[Caught, Ending]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """Seconds from a kill until the last of its jobs had ended."""

    def add(self, ended: Sequence[tuple[Caught, Ending]], seconds: float) -> None:
        """One kill and its jobs."""
        self.kills.update({caught.state for caught, _ in ended})
        self.endings += ended
        self.waits.append(seconds)
        self.problems += [problem for caught, ending in ended for problem in problems_of(caught, ending)]

    def missing(self, wanted: int) -> list[str]:
        """States that were not yet hit by so many kills."""
        return [state for state in STATES if self.kills[state] < wanted]

    def lines(self) -> list[tuple[str, ...]]:
        return [self._line(state) for state in STATES]

    def _line(self, state: str) -> tuple[str, ...]:
        endings = [ending for caught, ending in self.endings if caught.state == state]
        counts = (
            self.kills[state],
            len(endings),
            sum(ending.delivered for ending in endings),
            sum(ending.says_billed for ending in endings),
            sum(ending.says_not_sent for ending in endings),
            sum(ending.orders > 1 for ending in endings),
            sum(ending.pictures != 1 and not ending.told for ending in endings),
        )
        return (f"`{state}`", *map(str, counts))

    def sentence(self) -> str:
        """The whole in words."""
        spare = sum(ending.spare_files for _, ending in self.endings)
        return (
            f"{len(self.waits)} kills, {len(self.endings)} jobs. From the kill until its last job had ended: "
            f"median {quantile(self.waits, 0.5):.0f} s, longest {max(self.waits):.0f} s, the host's start included. "
            f"Files stored a second time and left unused: {spare}. Rules broken: {len(self.problems)}."
        )


def run(folder: Path, wanted: int, say: Callable[[str], None]) -> Tally:
    """Kill the host until every state was hit `wanted` times; gives up on a state after twice as many kills."""
    tally, chance = Tally(), random.Random(4)  # noqa: S311 - no secret
    with staged(folder / "host", duration=1.0) as studio:
        studio.set_valves(MAX_PARALLEL_JOBS=SLOTS, RATE_LIMIT=0)
        for number in range(1, 2 * wanted + 1):
            started = time.monotonic()
            ended = one_kill(studio, number, chance)
            tally.add(ended, ended_after(ended))
            states = Counter(caught.state for caught, _ in ended)
            hit = ", ".join(f"{state} {count}" for state, count in sorted(states.items()))
            say(f"kill {number}: {hit}; {time.monotonic() - started:.0f} s; rules broken so far {len(tally.problems)}")
            if not tally.missing(wanted):
                break
        tally.problems += [f"the sandbox holds against us: {row}" for row in studio.sandbox.journal["violations"]]
    tally.problems += [f"{state} was hit only {tally.kills[state]} times" for state in tally.missing(wanted)]
    return tally


def one_kill(studio: Studio, number: int, chance: random.Random) -> list[tuple[Caught, Ending]]:
    """Bring jobs into all states, kill, start again, wait for their ends."""
    questions = arranged(studio, number, chance)
    studio.host.kill()
    killed = time.time()
    caught = [Caught(question=question, state=phase_of(studio, question), at=killed) for question in questions]
    studio.host.start()
    until(lambda: all(finished(studio, question) for question in questions), seconds=END, pause=0.2)
    return [(job, ending_of(studio, job.question)) for job in caught]


def arranged(studio: Studio, number: int, chance: random.Random) -> list[Question]:
    """Ask so that one job is held in each state; returns at the moment another has just been stored."""

    def wish(name: str, mark: str) -> Question:
        return ask(studio, studio.admin, f"soak {number} {name} --size 512x512 {mark}")

    held = {state: wish(state, mark) for state, mark in HOLDS.items()}
    wanderers = [
        wish(f"wanderer {index}", f"[sandbox:slow={chance.uniform(0.3, 6):.2f}]") for index in range(WANDERERS)
    ]
    for state, question in held.items():
        until(lambda: has_reached(phase_of(studio, question), state), seconds=REACH)  # noqa: B023 - waited for at once
    quick = wish("quick", f"[sandbox:slow={chance.uniform(1.5, 2.5):.2f}]")
    until(lambda: has_reached(phase_of(studio, quick), "submitting"), seconds=REACH, pause=0.01)
    waiting = [wish(f"waiting {index}", "") for index in range(2 + WANDERERS)]
    until(lambda: all(phase_of(studio, question) for question in waiting), seconds=REACH, pause=0.01)
    until(lambda: has_reached(phase_of(studio, quick), "stored"), seconds=REACH, pause=0.003)
    return [*held.values(), *wanderers, quick, *waiting]


def has_reached(phase: str, state: str) -> bool:
    """Whether a job is in this state or past it: on a busy machine a moment is easily missed (pure)."""
    return phase in FINISHED or (phase in STATES and STATES.index(phase) >= STATES.index(state))


def phase_of(studio: Studio, question: Question) -> str:
    """The job's phase, "" as long as it has no row."""
    rows = studio.jobs("message = ?", question.message)
    return str(rows[0]["phase"]) if rows else ""


def finished(studio: Studio, question: Question) -> bool:
    """Whether job and message have both come to their end."""
    if phase_of(studio, question) not in FINISHED:
        return False
    return bool(studio.chat(question.account, question.chat)[question.message].get("done"))


def ended_after(ended: Sequence[tuple[Caught, Ending]]) -> float:
    """Seconds from the kill until the last job was finished, by the job table's own clock."""
    return max(max(0.0, ending.at - caught.at) for caught, ending in ended)


def ending_of(studio: Studio, question: Question, orders: int | None = None) -> Ending:
    """Look at everything a person and the provider would see; `orders` is what its journal says, if it is known."""
    row = studio.jobs("message = ?", question.message)[0]
    answer = studio.chat(question.account, question.chat)[question.message]
    pictures = answer.get("files") or []
    outcome = json.loads(row["outcome"] or "{}")
    return Ending(
        phase=row["phase"],
        content=str(answer.get("content") or ""),
        pictures=len(pictures),
        readable=all(is_picture(studio, question, picture) for picture in pictures),
        orders=len(studio.sandbox.submitted(question.marker)) if orders is None else orders,
        spare_files=stored_files(studio, question) - len(outcome.get("files") or []),
        at=row["updated_at"],
    )


def is_picture(studio: Studio, question: Question, picture: Mapping[str, Any]) -> bool:
    """Whether the host really hands the file out."""
    answer = studio.host.session(question.account).get(str(picture["url"]))
    return bool(answer.ok and answer.headers["content-type"].startswith("image/") and answer.content)


def stored_files(studio: Studio, question: Question) -> int:
    """How many files the host keeps for this chat."""
    rows = studio.rows("select id from file where cast(meta as text) like ?", f"%{question.chat}%")
    return len(rows)
