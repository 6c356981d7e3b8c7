"""The status line of an answer: at most one a second, rarer as time passes, exactly one that says done."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..imaging import thumbnail
from ..types import JobState, Picture, Queued, Running, Succeeded
from .caller import Emitter
from .files import FileRef

SKETCH_SIDE = 768
"""Longest side of a half-finished picture in pixels: enough for the width of a chat, about 60 kB."""


class StatusLine:
    """Shows the states of the jobs of one answer; silent without an emitter.

    Every status is stored by the host, so the line speaks after 1, 2, 3, 4, 5 s and then in steps that
    grow with the time passed, and at once when the meaning changes.
    """

    def __init__(
        self,
        emit: Emitter | None,
        label: str,
        jobs: int,
        estimate: str = "",
        clock: Callable[[], float] = time.monotonic,
    ):
        self._emit = emit
        self._label = label
        self._estimate = estimate
        self._states: list[JobState] = [Queued() for _ in range(jobs)]
        self._clock = clock
        self._started = clock()
        self._spoken_at = -1.0
        self._spoken = ""
        self._closed = False
        self._speaking = asyncio.Lock()  # the host stores statuses as they arrive: none may overtake another
        self._ticking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> StatusLine:
        await self._say(force=True)
        self._ticking = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._ticking:
            async with self._speaking:  # never in the middle of what the host is storing
                self._ticking.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticking
        await self.close("Not finished", hidden=True)  # whatever happened, a status line never shimmers on

    async def update(self, index: int, state: JobState) -> None:
        """Note the new state of one job."""
        kind_changed = type(state) is not type(self._states[index])
        self._states[index] = state
        await self._say(force=kind_changed)

    async def close(self, text: str, *, hidden: bool = False) -> None:
        """Say the last word; later calls are ignored."""
        if self._closed or not self._emit:
            return
        self._closed = True
        async with self._speaking:
            await self._emit({"type": "status", "data": {"description": text, "done": True, "hidden": hidden}})

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            await self._say()

    async def _say(self, *, force: bool = False) -> None:
        if not self._emit or self._speaking.locked():
            return  # what is being said is as good as new; the next tick tells the rest
        async with self._speaking:
            await self._say_now(self._emit, force=force)

    async def _say_now(self, emit: Emitter, *, force: bool) -> None:
        if self._closed:
            return
        now = self._clock()
        elapsed = now - self._started
        pause = now - self._spoken_at
        if self._spoken_at >= 0 and pause < (1.0 if force else max(1.0, elapsed / 5)):
            return
        text = sentence(self._label, self._states, elapsed, self._estimate)
        if text != self._spoken:
            self._spoken, self._spoken_at = text, now
            await emit({"type": "status", "data": {"description": text, "done": False}})


class Previews:
    """Shows pictures as they come, half-finished ones too, without storing the list; the final list is stored once."""

    def __init__(self, emit: Emitter | None) -> None:
        self._emit = emit
        self._shown: dict[int, dict[str, str]] = {}
        self._finished: set[int] = set()

    async def add(self, index: int, file: FileRef) -> None:
        """A finished picture; it takes the place of its own half-finished one."""
        self._finished.add(index)
        self._shown[index] = file.as_event()
        await self._show()

    async def sketch(self, index: int, picture: Picture) -> None:
        """A half-finished picture, small and inside the event itself: nothing of it is kept."""
        if not self._emit or index in self._finished:
            return
        small = await asyncio.to_thread(thumbnail, picture.data, SKETCH_SIDE)
        if index not in self._finished:
            url = f"data:image/jpeg;base64,{base64.b64encode(small).decode('ascii')}"
            self._shown[index] = {"type": "image", "url": url, "name": "preview", "content_type": "image/jpeg"}
            await self._show()

    async def clear(self) -> None:
        """Take the half-finished pictures away that nothing took the place of: their jobs failed or were stopped."""
        left = set(self._shown) - self._finished
        if left:
            self._shown = {index: file for index, file in self._shown.items() if index in self._finished}
            await self._show()

    async def _show(self) -> None:
        if self._emit:
            shown = [self._shown[key] for key in sorted(self._shown)]
            await self._emit({"type": "chat:message:files", "data": {"files": shown}})


def sentence(label: str, states: Sequence[JobState], elapsed: float, estimate: str = "") -> str:
    """One line for all jobs of an answer: how many are ready, what the rest does, price and seconds (pure).

    >>> Painting with FLUX.2 [pro] · 2 of 4 ready · about 12 credits · 12 s
    """
    last = [part for part in (estimate, f"{int(elapsed)} s") if part]
    ready = sum(isinstance(state, Succeeded) for state in states)
    running = [state for state in states if isinstance(state, Running)]
    count = [f"{ready} of {len(states)} ready"] if len(states) > 1 and (ready or running) else []
    if not running and ready < len(states):
        return " · ".join([_waiting(label, states), *count, *last])
    known = [state.progress for state in running if state.progress is not None]
    percent = [f"{round(100 * sum(known) / len(known))} %"] if known else []
    doing = "Loading" if all(state.loading for state in running) and running else "Painting with"
    return " · ".join([f"{doing} {label}", *count, *percent, *last])


def _waiting(label: str, states: Sequence[JobState]) -> str:
    positions = [state.position for state in states if isinstance(state, Queued) and state.position is not None]
    if not positions:
        return f"Sending to {label}"
    before = min(positions)
    if before == 0:
        return "In the queue, yours is next"
    return f"In the queue, {before} picture{'s' if before > 1 else ''} before yours"
