"""The two sides of every comparison: how each is asked for a picture, and which task its answer came from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tools.asking import Question, ask
from tools.stage import Studio

from . import naive
from .tab import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """One side: FLUX Studio, or the naive plugin."""

    name: str
    model: str
    """Id of the chat model."""
    prepare: Callable[[Studio, int], None]
    """Make the following pictures squares of so many pixels a side."""
    flags: Callable[[int], str]
    """What follows the prompt, for squares of so many pixels a side."""
    tasks: Callable[[Studio, Mapping[str, Shown]], Mapping[str, str]]
    """Message id -> id of its task in the sandbox."""

    def ask(self, studio: Studio, seconds: float, side: int = 1024) -> Question:
        """Ask for a picture that takes so many seconds.

        Equal questions give equal pictures, which the sandbox draws only once: it must not take CPU from the host.
        """
        flags = self.flags(side)
        prompt = " ".join(filter(None, (f"a lighthouse [sandbox:slow={seconds:g}]", flags)))
        return ask(studio, studio.admin, prompt, self.model)


def tasks_by_job(studio: Studio, shown: Mapping[str, Shown]) -> dict[str, str]:
    """From the job table."""
    rows = studio.jobs("handle is not null")
    return {row["message"]: json.loads(row["handle"])["remote_id"] for row in rows if row["message"] in shown}


def tasks_by_description(studio: Studio, shown: Mapping[str, Shown]) -> dict[str, str]:
    """From the text the naive plugin put around its picture."""
    return {message: event.description for message, event in shown.items() if event.description}


FLUX_STUDIO = Contestant(
    name="FLUX Studio",
    model="flux_studio.flux-2-pro",
    prepare=lambda studio, side: None,
    flags=lambda side: f"--seed 7 --size {side}x{side}",
    tasks=tasks_by_job,
)
NAIVE = Contestant(
    name="naive",
    model=naive.IDENTIFIER,
    prepare=lambda studio, side: naive.set_valves(studio, WIDTH=side, HEIGHT=side),
    flags=lambda side: "",
    tasks=tasks_by_description,
)
CONTESTANTS: Sequence[Contestant] = (FLUX_STUDIO, NAIVE)
