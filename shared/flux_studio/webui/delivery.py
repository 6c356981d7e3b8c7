"""The end of an answer: when its jobs count as delivered, and what a stopped one says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..jobs import Fate, JobRecord, JobRunner
from . import files
from .caller import Caller
from .messages import is_done
from .progress import StatusLine

CHECKS = 60
PAUSE = 0.5
"""Half a minute for the host to write the end of an answer; then the sweep delivers it."""

_CONFIRMING: set[asyncio.Task[None]] = set()


def confirm_delivery(caller: Caller, run: JobRunner, records: Sequence[JobRecord]) -> None:
    """Count jobs as delivered once the host has stored the answer: a kill before that is repaired by the sweep."""
    task = asyncio.create_task(_confirm(caller, run, [record.id for record in records]))
    _CONFIRMING.add(task)
    task.add_done_callback(_CONFIRMING.discard)


async def _confirm(caller: Caller, run: JobRunner, jobs: list[str]) -> None:
    if caller.saved and caller.message:
        for _ in range(CHECKS):
            await asyncio.sleep(PAUSE)
            if await is_done(caller.chat, caller.message):
                break
        else:
            await run.hand_over(jobs)
            return
    await run.mark_delivered(jobs)


async def say_stopped(caller: Caller, run: JobRunner, jobs: Sequence[JobRecord], line: StatusLine) -> None:
    """Tell what Stop could still stop: nothing sent costs nothing, a paid picture becomes a draft."""
    records = [record for record in [await run.find(job) for job in jobs] if record]
    fates = [await run.fate(job) for job in jobs]
    shown = [record for record in records if record.outcome and record.place == "message"]
    await line.close("Stopped")
    if caller.emit:
        errors = [record.error for record in records if record.phase == "failed" and record.error]
        await caller.emit({"type": "replace", "data": {"content": stopped_sentence(fates, errors)}})
        if shown:
            await caller.emit({"type": "files", "data": {"files": [ref.as_event() for ref in files.refs(shown)]}})
    if shown:
        confirm_delivery(caller, run, shown)


def stopped_sentence(fates: Sequence[Fate], errors: Sequence[str] = ()) -> str:
    """What became of the jobs of a stopped answer (pure)."""
    drafts = fates.count("draft")
    if drafts:
        what = "The picture was" if drafts == 1 else f"{drafts} pictures were"
        it = "it is" if drafts == 1 else "they are"
        return (
            f"Stopped. {what} already ordered and cannot be called back: the cost stays, and {it} kept "
            "among your files as a draft."
        )
    if errors:
        return f"Stopped. {errors[0]}"
    if any(fate in ("pending", "shown") for fate in fates):
        return "Stopped; what was ready is kept."
    return "Stopped before anything was sent; nothing was billed."
