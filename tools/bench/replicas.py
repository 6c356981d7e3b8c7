"""Many pictures asked of several replicas at once, one replica killed in the middle: what became of each picture."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tools.asking import Question, ask, marker_of
from tools.replicas import replicated
from tools.stage import Studio, until

from . import costs
from .soak import FINISHED, ending_of
from .verdict import STATES, Caught, Ending, problems_of

MOST_SLOTS = 20
"""MAX_PARALLEL_JOBS, and what the sandbox allows: one job over it would show in its journal."""
FEWEST = 12
"""Questions that are needed to have every kind of job."""
HELD, HOLD = 40, "[sandbox:slow-submit=25]"
"""Every so many questions one whose order the provider answers late, so that the kill finds one being sent."""
SECONDS, LONGER = costs.SECONDS, 10.0
"""How long a picture takes at the provider; with many jobs so long that most are still to come at the kill."""
MANY = 100
TOO_MANY = 429
CALM = 20
"""Pictures asked for first, with nobody in the queue, to count what one costs."""
PEOPLE = ("anna", "bob", "carl", "dora")
END = 900.0
"""Seconds until everything must have ended."""
HEADINGS = (
    "replica",
    "state at the kill",
    "jobs",
    "picture in its chat",
    "“may have been billed”",
    "ordered twice",
    "lost or shown twice",
)
ROLES = ("killed", "went on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question and the replica it was put to."""

    question: Question
    role: str
    """One of ROLES."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """One picture from the kill to its end."""

    role: str
    caught: Caught
    ending: Ending

    @property
    def problems(self) -> list[str]:
        """Promises that were broken: on the replica that went on nothing may have happened at all."""
        if self.role == "killed":
            return problems_of(self.caught, self.ending)
        undisturbed = Caught(question=self.caught.question, state="delivered", at=self.caught.at)
        return problems_of(undisturbed, self.ending)


@dataclass(slots=True, kw_only=True)
class Report:
    """All that a run has shown."""

    fates: list[Fate]
    recovery: float
    """From the kill until the last job of the killed replica had ended."""
    refused: int
    """Orders the provider refused because too many were under way."""
    slots: int = MOST_SLOTS
    """How many pictures may be under way at once."""
    seconds: float = 0.0
    """From the first question to the last picture."""
    figures: list[tuple[str, str]] = field(default_factory=list)
    """What a picture cost the database and the provider, in words and numbers."""
    problems: list[str] = field(default_factory=list)

    def lines(self) -> list[tuple[str, ...]]:
        """Rows of the table, states that nobody was in left out."""
        chosen = [(role, state) for role in ROLES for state in (*STATES, *FINISHED)]
        found = Counter((fate.role, fate.caught.state) for fate in self.fates)
        return [self._line(role, state) for role, state in chosen if found[role, state]]

    def _line(self, role: str, state: str) -> tuple[str, ...]:
        endings = [fate.ending for fate in self.fates if (fate.role, fate.caught.state) == (role, state)]
        counts = (
            len(endings),
            sum(ending.delivered for ending in endings),
            sum(ending.says_billed for ending in endings),
            sum(ending.orders > 1 for ending in endings),
            sum(ending.pictures != 1 and not ending.told for ending in endings),
        )
        return (role, f"`{state}`", *map(str, counts))

    def sentence(self) -> str:
        """The whole in words."""
        delivered = sum(fate.ending.delivered for fate in self.fates)
        spare = sum(fate.ending.spare_files for fate in self.fates)
        return (
            f"{len(self.fates)} pictures asked, {delivered} in their chats after {self.seconds:.0f} s. From the kill "
            f"until the last job of the killed replica had ended: {self.recovery:.0f} s. Orders over the limit of "
            f"{self.slots}: {self.refused}. Files stored a second time and left unused: {spare}. "
            f"Rules broken: {len(self.problems)}."
        )


def run(folder: Path, jobs: int, say: Callable[[str], None], *, figures: bool = True) -> Report:
    """Ask `jobs` pictures of two replicas in turn, kill one of them, and look at every picture from three sides."""
    say("starting PostgreSQL, Redis and two Open WebUI …")
    with replicated(folder / "data", duration=SECONDS, statistics=figures) as (survivor, victim):
        calm = list(costs.rows(survivor, CALM, say)) if figures else []
        report = scenario(survivor, victim, jobs, say)
        report.figures = calm
        return report


def scenario(survivor: Studio, victim: Studio, jobs: int, say: Callable[[str], None]) -> Report:
    """Both replicas work, one dies, the other finishes all."""
    slots = min(MOST_SLOTS, jobs // 3)
    survivor.sandbox.change(active_limit=slots, duration=LONGER if jobs >= MANY else SECONDS)
    survivor.set_valves(MAX_PARALLEL_JOBS=slots, RATE_LIMIT=0)
    survivor.sandbox.clear()
    started = time.monotonic()
    asked = ask_both(survivor, victim, jobs)
    until(lambda: worth_a_kill(phases(survivor, asked), asked), seconds=END)
    victim.host.kill()
    killed, at = time.monotonic(), time.time()
    caught = phases(survivor, asked)
    say(f"killed one replica; all jobs at that moment: {dict(Counter(caught.values()))}")
    until(lambda: ended(survivor, asked), seconds=END, pause=0.5)
    seconds = time.monotonic() - started
    say(f"all ended {time.monotonic() - killed:.0f} s later, looking at every picture …")
    report = judged(survivor, asked, caught, at)
    report.seconds, report.slots = seconds, slots
    return report


def ask_both(survivor: Studio, victim: Studio, jobs: int) -> list[Asked]:
    """Put the questions to the replicas in turn, eight at a time, by several people."""
    people = [survivor.person(name) for name in PEOPLE]

    def put(number: int) -> Asked:
        role, studio = ("went on", survivor) if number % 2 else ("killed", victim)
        mark = "" if number % HELD else HOLD
        prompt = f"replicas {number:04} --size 512x512 {mark}"
        return Asked(question=ask(studio, people[number // 2 % len(people)], prompt), role=role)

    with ThreadPoolExecutor(max_workers=8) as tabs:
        return list(tabs.map(put, range(jobs)))


def worth_a_kill(found: Mapping[str, str], asked: Sequence[Asked]) -> bool:
    """Whether all jobs have a row, a quarter is delivered, and the victim is about to order one (pure)."""
    of_victim = {found.get(job.question.message, "") for job in asked if job.role == "killed"}
    delivered = Counter(found.values())["delivered"]
    return len(found) == len(asked) and delivered >= len(asked) // 4 and "submitting" in of_victim


def phases(studio: Studio, asked: Sequence[Asked]) -> dict[str, str]:
    """Message -> phase of its job, in one look."""
    wanted = {job.question.message for job in asked}
    rows = studio.rows("SELECT message, phase FROM flux_studio_job")
    return {row["message"]: row["phase"] for row in rows if row["message"] in wanted}


def ended(studio: Studio, asked: Sequence[Asked]) -> bool:
    """Whether every job, and then every answer, has come to its end."""
    found = phases(studio, asked)
    if not all(found.get(job.question.message) in FINISHED for job in asked):
        return False
    questions = [job.question for job in asked]
    return all(studio.chat(question.account, question.chat)[question.message].get("done") for question in questions)


def judged(studio: Studio, asked: Sequence[Asked], caught: Mapping[str, str], at: float) -> Report:
    """Look at every picture as its person, the host and the provider see it."""
    journal = studio.sandbox.journal
    prompts = [(str((call.get("body") or {}).get("prompt", "")), call["status"]) for call in journal["calls"]]
    orders = Counter(marker_of(prompt) for prompt, _ in prompts)
    fates = [
        Fate(
            role=job.role,
            caught=Caught(question=job.question, state=caught[job.question.message], at=at),
            ending=ending_of(studio, job.question, orders[job.question.marker]),
        )
        for job in asked
    ]
    late = [fate.ending.at - at for fate in fates if fate.role == "killed" and fate.caught.state in STATES]
    report = Report(
        fates=fates,
        recovery=max([0.0, *late]),
        refused=sum(status == TOO_MANY for _, status in prompts),
        problems=[problem for fate in fates for problem in fate.problems],
    )
    report.problems += [f"the sandbox holds against us: {row}" for row in journal["violations"]]
    report.problems += ["more jobs at the provider than the limit allows"] * bool(report.refused)
    return report


def phase(studio: Studio, question: Question) -> str:
    rows = studio.jobs("message = ?", question.message)
    return str(rows[0]["phase"]) if rows else ""
