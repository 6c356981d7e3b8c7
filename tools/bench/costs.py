"""What one picture takes of the database, the provider and the disk, counted by those who served it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tools.asking import ask
from tools.stage import Studio, until

from . import statements
from .tab import Tab

SECONDS = 4.0
"""How long a picture takes at the provider."""
IDLE = 20.0
"""Seconds in which nobody asks for anything."""
SETTLE = 3.0
"""Seconds in which a picture that is shown is also written down as delivered."""
HEADINGS = ("what", "measured")


def rows(studio: Studio, count: int, say: Callable[[str], None]) -> Iterator[tuple[str, str]]:
    """Count over `count` pictures that are asked at once, nobody in the queue; what an idle host does is taken off."""
    say("counting what an idle host does …")
    statements.reset(studio)
    time.sleep(IDLE)
    idle = statements.read(studio)
    say("counting what one picture takes …")
    statements.reset(studio)
    studio.sandbox.clear()
    started = time.monotonic()
    with Tab(studio.host, studio.admin) as tab:
        questions = [ask(studio, studio.admin, f"calm {number:02} --size 512x512") for number in range(count)]
        tab.wait_for((question.message for question in questions), seconds=120)
    time.sleep(SETTLE)
    busy, seconds = statements.read(studio), time.monotonic() - started
    polls = len(studio.sandbox.journal["polls"])

    def each(kind: str) -> str:
        spent = getattr(busy, kind) - getattr(idle, kind) / IDLE * seconds
        return f"{max(0.0, spent) / count:.1f}"

    yield "reading statements on FLUX Studio's tables, for one picture", each("reading")
    yield "writing statements on FLUX Studio's tables, for one picture", each("writing")
    yield "the host's own statements, for one picture and its chat", each("host")
    yield f"questions to the provider, for one picture of {SECONDS:g} s", f"{polls / count:.1f}"
    yield "statements a second on FLUX Studio's tables when two replicas are idle", f"{idle.ours / IDLE:.2f}"
    yield "the host's own when two replicas are idle", f"{idle.host / IDLE:.1f}"
    yield from sizes(studio)


def sizes(studio: Studio) -> Iterator[tuple[str, str]]:
    """Bytes of a job's row while somebody waits and ever after."""
    question = ask(studio, studio.admin, "calm and measured --size 512x512")
    for phase, words in (("submitted", "while it is at the provider"), ("delivered", "once it is delivered")):
        until(lambda phase=phase: studio.jobs("message = ? and phase = ?", question.message, phase))
        yield f"bytes of a job's row {words}", f"{statements.bytes_of_row(studio, question.message):.0f}"
