"""The end of an answer: when its jobs count as delivered, and what a stopped one says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from ..captions import literal
from ..jobs import Fate, JobRecord, JobRunner
from .caller import Caller
from .files import FileRef, refs
from .messages import has_ended, picture_ids, read_message
from .progress import StatusLine

log = logging.getLogger("flux_studio.delivery")

CHECKS = 60
PAUSE = 0.5
"""Half a minute for the host to write the end of an answer; then the sweep delivers it."""

_BACKGROUND: set[asyncio.Task[None]] = set()


async def attach(caller: Caller, shown: Sequence[FileRef]) -> None:
    """Put pictures into the message with one event.

    The host appends what a `files` event brings, so pictures that are there already, because the same answer
    was asked for again (Continue Response), are only shown.
    """
    if not caller.emit:
        return
    there = picture_ids(await read_message(caller.chat, caller.message) or {}) if caller.saved else []
    fresh = [ref.as_event() for ref in shown if ref.id not in there]
    if fresh:
        await caller.emit({"type": "files", "data": {"files": fresh}})
    if len(fresh) < len(shown):
        await caller.emit({"type": "chat:message:files", "data": {"files": [ref.as_event() for ref in shown]}})


def confirm_delivery(caller: Caller, run: JobRunner, records: Sequence[JobRecord]) -> None:
    """Count jobs as delivered once the host has stored the answer: a kill before that is repaired by the sweep."""
    _spawn(_confirm(caller, run, records))


async def _confirm(caller: Caller, run: JobRunner, records: Sequence[JobRecord]) -> None:
    jobs = [record.id for record in records]
    if caller.saved and caller.message and not await _is_shown(caller, records):
        await run.hand_over(jobs)
    else:
        await run.mark_delivered(jobs)


async def _is_shown(caller: Caller, records: Sequence[JobRecord]) -> bool:
    """Wait for the end of the answer and look whether all pictures are in it: the host swallows failed writes."""
    wanted = {ref.id for ref in refs(records)}
    for _ in range(CHECKS):
        await asyncio.sleep(PAUSE)
        message = await read_message(caller.chat, caller.message)
        if message is None:  # deleted meanwhile: nobody misses it
            return True
        if has_ended(message):
            return wanted <= set(picture_ids(message))
    return False


async def tell_stopped(caller: Caller, run: JobRunner, jobs: Sequence[JobRecord], line: StatusLine) -> None:
    """Run `_say_stopped` to its end: neither a second Stop nor a failure may hide the caller's cancellation."""
    await asyncio.wait({_spawn(_say_stopped(caller, run, jobs, line))})


async def _say_stopped(caller: Caller, run: JobRunner, jobs: Sequence[JobRecord], line: StatusLine) -> None:
    """Tell what Stop could still stop: nothing sent costs nothing, a paid picture becomes a draft."""
    await run.withdraw(jobs)
    records = [record for record in [await run.find(job) for job in jobs] if record]
    fates = [await run.fate(job) for job in jobs]
    shown = [record for record in records if record.outcome and record.place == "message"]
    await line.close("Stopped")
    if caller.emit:
        errors = [record.error for record in records if record.phase == "failed" and record.error]
        await caller.emit({"type": "replace", "data": {"content": stopped_sentence(fates, errors)}})
        if shown:
            await attach(caller, refs(shown))
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
        return f"Stopped. {literal(errors[0])}"
    if any(fate in ("pending", "shown") for fate in fates):
        return "Stopped; what was ready is kept."
    return "Stopped before anything was sent; nothing was billed."


def _spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(work)
    _BACKGROUND.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[None]) -> None:
    _BACKGROUND.discard(task)
    if not task.cancelled() and (error := task.exception()):
        log.error("the end of an answer was not written, the sweep delivers it", exc_info=error)
