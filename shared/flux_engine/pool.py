"""The engine's queue: one worker process per device, started on demand, replaced when it dies, ended when idle."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import signal
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import frames
from .errors import EngineFault
from .spec import JobSpec, to_json
from .worker import Options

log = logging.getLogger("flux_engine.pool")

Event = dict[str, Any]
"""One event of the protocol; files are under "blobs" as bytes."""

FINAL = frozenset({"result", "error", "cancelled"})
GRACE = 30.0
"""Seconds a cancelled job may take to come to its next step before its worker is killed."""
LOG_LINES = 20


@dataclass(slots=True, eq=False, kw_only=True)
class Job:
    """One job in the engine: its events wait for whoever asked."""

    id: str
    spec: JobSpec
    events: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    cancelled: bool = False

    def tell(self, event: Event) -> None:
        self.events.put_nowait(event)


class Pool:
    """Runs jobs in order; `submit` gives their events, and closing it cancels the job."""

    def __init__(
        self, options: Options, device_names: list[str], *, idle: float = 600.0, longest_queue: int = 50
    ) -> None:
        """`idle`: seconds after which an unused worker ends and gives its memory back; 0 = never."""
        self.devices = [Seat(options, name, self) for name in device_names]
        self.idle = idle
        self._longest_queue = longest_queue
        self._waiting: deque[Job] = deque()
        self._numbers = itertools.count(1)
        self._changed = asyncio.Event()

    async def submit(self, spec: JobSpec) -> AsyncGenerator[Event, None]:
        """Queue a job and yield its events until the last. Raises EngineFault when the queue is full."""
        self.require_room()
        job = Job(id=f"job-{next(self._numbers)}", spec=spec)
        self._waiting.append(job)
        self._tell_positions()
        self._wake()
        try:
            while True:
                event = await job.events.get()
                yield event
                if event["event"] in FINAL:
                    return
        finally:
            self._give_up(job)

    def require_room(self) -> None:
        """Raise EngineFault when the queue is full."""
        if len(self._waiting) >= self._longest_queue:
            raise EngineFault("failed", "The engine's queue is full.", advice="Try again in a moment.")

    def next_job(self) -> Job | None:
        """The first in the queue, for a device that is free."""
        if not self._waiting:
            return None
        job = self._waiting.popleft()
        self._tell_positions()
        return job

    def waiting(self) -> int:
        return len(self._waiting)

    async def unload(self) -> None:
        """End every idle worker: all their memory is given back."""
        for seat in self.devices:
            await seat.end_if_idle(0)

    async def close(self) -> None:
        for seat in self.devices:
            await seat.close()

    def _wake(self) -> None:
        for seat in self.devices:
            seat.wake()

    def _give_up(self, job: Job) -> None:
        job.cancelled = True
        if job in self._waiting:
            self._waiting.remove(job)
            self._tell_positions()
        for seat in self.devices:
            seat.cancel(job)

    def _tell_positions(self) -> None:
        busy = sum(seat.job is not None for seat in self.devices)
        ahead = busy if busy >= len(self.devices) else 0
        for place, job in enumerate(self._waiting):
            job.tell({"event": "queued", "position": place + ahead})


class Seat:
    """One device: its worker process and the job it is at."""

    def __init__(self, options: Options, device: str, pool: Pool) -> None:
        self.device = device
        self.job: Job | None = None
        self._options, self._pool = options, pool
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._said: deque[str] = deque(maxlen=LOG_LINES)
        self._used_at = time.monotonic()
        self._closing: asyncio.TimerHandle | None = None

    @property
    def running(self) -> bool:
        """Whether a worker process is there."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self.running else None

    def wake(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    def cancel(self, job: Job) -> None:
        """Ask for the end of the job between two steps; a worker that does not listen is killed."""
        if self.job is not job or not self.running or self._process is None or self._process.stdin is None:
            return
        self._process.stdin.write(frames.pack({"op": "cancel", "id": job.id}))
        asyncio.get_running_loop().call_later(GRACE, self._kill_if_still_at, job)

    async def end_if_idle(self, seconds: float) -> None:
        """End the worker when it has had nothing to do for so long."""
        if self.job is None and time.monotonic() - self._used_at >= seconds:
            await self._end()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._end()

    async def _work(self) -> None:
        """Take jobs as long as there are any, then wait for the idle time to pass."""
        while (job := self._pool.next_job()) is not None:
            if job.cancelled:
                continue
            self.job = job
            try:
                await self._run(job)
            except Exception as error:  # the outer guard of a background task: whoever asked waits for an ending
                log.exception("%s: %s was not finished", self.device, job.id)
                job.tell({"event": "error", "error": self._crashed(str(error)).to_json()})
                await self._end()
            finally:
                self.job = None
                self._used_at = time.monotonic()
        if self._pool.idle:
            self._watch_idleness()

    async def _run(self, job: Job) -> None:
        job.tell({"event": "loading"})  # before the worker starts, which alone takes seconds
        process = await self._worker()
        assert process.stdin is not None
        assert process.stdout is not None
        order = await asyncio.to_thread(lambda: frames.pack({"op": "job", "id": job.id, "spec": to_json(job.spec)}))
        if job.cancelled:  # while the worker started there was nobody to tell
            return
        process.stdin.write(order)
        await process.stdin.drain()
        while True:
            frame = await frames.read_async(process.stdout)
            if frame is None:
                raise frames.Broken("the worker ended")
            header, blobs = frame
            if header.get("id") != job.id:
                continue
            if header["event"] == "result":  # the worker reads a job that was made possible already
                header["notes"] = [*job.spec.notes, *header.get("notes", [])]
            job.tell({**header, "blobs": blobs})
            if header["event"] in FINAL:
                return

    async def _worker(self) -> asyncio.subprocess.Process:
        if self._process is not None and self.running:
            return self._process
        options = Options.from_json(self._options.to_json())
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "flux_engine.worker",
            _for_device(options, self.device),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=2**26,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            start_new_session=True,
        )
        asyncio.create_task(self._log(self._process))  # noqa: RUF006 - ends with the process's stderr
        return self._process

    async def _log(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        with contextlib.suppress(ValueError):  # a line beyond the limit ends the log, not the engine
            async for line in process.stderr:
                text = line.decode(errors="replace").rstrip()
                self._said.append(text)
                log.info("%s: %s", self.device, text)

    def _crashed(self, detail: str) -> EngineFault:
        code = self._process.returncode if self._process else None
        memory = code in (-signal.SIGKILL, 137)
        why = " Its device or this machine probably ran out of memory." if memory else ""
        log.error("%s: worker died (%s, exit code %s): %s", self.device, detail, code, " | ".join(self._said))
        return EngineFault(
            "crashed",
            f"The worker on {self.device} died while it made this picture.{why}",
            advice="It is started again for the next picture. Ask for a smaller size or fewer pictures."
            if memory
            else "It is started again for the next picture; the engine's log says more.",
        )

    def _kill_if_still_at(self, job: Job) -> None:
        if self.job is job and self._process is not None and self.running:
            log.warning("%s: %s did not stop, its worker is killed", self.device, job.id)
            self._process.kill()

    def _watch_idleness(self) -> None:
        async def end() -> None:
            await self.end_if_idle(self._pool.idle)

        if self._closing is not None:
            self._closing.cancel()
        loop = asyncio.get_running_loop()
        self._closing = loop.call_later(self._pool.idle + 0.1, lambda: loop.create_task(end()))

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _for_device(options: Options, device: str) -> str:
    from dataclasses import replace

    return replace(options, device=device).to_json()
