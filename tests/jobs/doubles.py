"""A clock that only tests move, a scripted provider and a keeper without a host."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from flux_studio.catalog.card import ModelCard, SizeRule
from flux_studio.errors import StorageError
from flux_studio.jobs import JobRecord, JobRunner, Outcome, outcome_of, request_from_json
from flux_studio.settings import Settings
from flux_studio.types import Cost, JobHandle, JobState, Picture, Request, Result, Running, Succeeded

CARD = ModelCard(
    name="fox-1",
    provider="scripted",
    endpoint="/fox",
    label="Fox",
    summary="",
    tasks=frozenset({"generate"}),
    size=SizeRule(kind="free"),
)
REQUEST = Request(task="generate", model=CARD.name, prompt="a fox")
PICTURE = Picture(data=b"fox", mime="image/png", width=4, height=3)


async def breathe() -> None:
    """Let everything that can go on without time passing go on."""
    for _ in range(60):
        await asyncio.sleep(0)


class Time:
    """Seconds since the epoch that pass only in `advance`."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = itertools.count()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._number), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Pass time, waking each sleeper at its own moment."""
        end = self.now + seconds
        await breathe()
        while self._sleepers and self._sleepers[0][0] <= end:
            self.now, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)
            await breathe()
        self.now = end


class Scripted:
    """A service with one account: every paid order is counted, each point of a job can be held or made to fail.

    Points in order: preparing, posting (the request is under way), polling, downloading.
    """

    name = "scripted"

    def __init__(self, resume_by: Any = "handle", *, cancels: bool = False) -> None:
        self.resume_by = resume_by
        self.cancels = cancels
        self.orders: list[Request] = []
        self.cancelled: list[str] = []
        self.errors: dict[str, list[Exception]] = {}
        self._held: dict[str, asyncio.Event] = {}
        self._reached: dict[str, asyncio.Event] = {}

    def hold(self, point: str) -> None:
        self._held[point] = asyncio.Event()

    def let_go(self, point: str) -> None:
        self._held.pop(point).set()

    def fail(self, point: str, *errors: Exception) -> None:
        """The next passages of this point raise these errors, one each."""
        self.errors.setdefault(point, []).extend(errors)

    async def reached(self, point: str) -> None:
        await asyncio.wait_for(self._reached.setdefault(point, asyncio.Event()).wait(), 5)

    def configured(self, settings: Settings) -> bool:
        return True

    def account(self, settings: Settings) -> str:
        return "scripted:key"

    async def run(self, request: Request, card: ModelCard, context: Any) -> AsyncIterator[JobState]:
        await self._pass("preparing")
        await context.submitting()
        self.orders.append(request)
        await self._pass("posting")
        handle = JobHandle(
            provider=self.name,
            remote_id=f"task-{len(self.orders)}",
            submitted_at=1_000_000.0,
            deadline=context.deadline,
        )
        await context.submitted(handle)
        async for state in self.resume(handle, card, context):
            yield state

    async def resume(self, handle: JobHandle, card: ModelCard, context: Any) -> AsyncIterator[JobState]:
        yield Running(progress=0.5)
        await self._pass("polling")
        await context.downloading()
        await self._pass("downloading")
        picture = replace(PICTURE, data=f"picture of {handle.remote_id}".encode())
        yield Succeeded(
            result=Result(
                pictures=(picture,),
                model=card.name,
                seed=7,
                prompt="a rewritten prompt",
                cost=Cost(amount=3.0, exact=True),
                request_id=handle.remote_id,
            )
        )

    async def cancel(self, handle: JobHandle, context: Any) -> bool:
        if self.cancels:
            self.cancelled.append(handle.remote_id)
        return self.cancels

    async def _pass(self, point: str) -> None:
        self._reached.setdefault(point, asyncio.Event()).set()
        if point in self._held:
            await self._held[point].wait()
        if self.errors.get(point):
            raise self.errors[point].pop(0)


class Shelf:
    """A keeper: files by job, and what a person would see in each message."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.files: dict[str, bytes] = {}
        self.messages: dict[tuple[str, str], list[str]] = {}
        self.drafts: list[str] = []
        self.discarded: list[str] = []
        self.keep_errors: list[Exception] = []
        self.deliver_errors: dict[str, Exception] = {}
        self.writable = True
        self.deliveries: list[str] = []

    async def keep(self, record: JobRecord, result: Result, settings: Settings) -> Outcome:
        if self.keep_errors:
            raise self.keep_errors.pop(0)
        names = [f"file-{result.request_id}-{place}" for place, _ in enumerate(result.pictures)]
        self.files |= {name: picture.data for name, picture in zip(names, result.pictures, strict=True)}
        return outcome_of(result, names)

    async def deliver(self, record: JobRecord) -> bool:
        self.deliveries.append(record.id)
        if record.id in self.deliver_errors:
            raise self.deliver_errors[record.id]
        if not self.writable:
            return False
        shown = [record.error] if record.phase == "failed" else list(record.outcome.files if record.outcome else ())
        if record.place == "draft":
            self.drafts += shown
        else:
            message = self.messages.setdefault((record.chat, record.message), [])
            message += [line for line in shown if line not in message]
        return True

    async def settings_for(self, record: JobRecord | None) -> Settings:
        return self.settings

    async def rebuild(self, record: JobRecord) -> Request:
        if record.request is None:
            raise StorageError("gone")
        return request_from_json(record.request)

    async def discard(self, record: JobRecord) -> None:
        self.discarded += record.outcome.files if record.outcome else ()


class Studio:
    """Several workers on one store, one service and one shelf; `worker` starts a further one."""

    def __init__(self, store: Any, provider: Scripted | None = None, **settings: Any) -> None:
        self.time = Time()
        self.store = store(self.time.clock)
        self.provider = provider or Scripted()
        self.settings = Settings(**({"job_timeout": 600.0, "rate_limit": 0} | settings))
        self.shelf = Shelf(self.settings)
        self.durations: list[tuple[str, float]] = []
        self._workers: list[JobRunner] = []
        self._callers: list[asyncio.Task[Any]] = []

    def worker(self, owner: str = "", *, sleep: Any = None, store: Any = None) -> JobRunner:
        runner = JobRunner(
            store or self.store,
            self.shelf,
            http=lambda settings: None,
            provider=lambda name: self.provider,
            card=lambda name: CARD,
            owner=owner,
            clock=self.time.clock,
            sleep=sleep or self.time.sleep,
            record_duration=lambda card, seconds: self.durations.append((card.name, seconds)),
        )
        self._workers.append(runner)
        return runner

    def frozen_worker(self, owner: str = "frozen") -> JobRunner:
        """A worker for which no time passes: its leases lapse as those of a dead process do."""
        return self.worker(owner, sleep=lambda seconds: asyncio.get_running_loop().create_future())

    def record(self, request_id: str = "r", **fields: Any) -> JobRecord:
        made = JobRecord(user="ann", request_id=request_id, chat="chat", message="message")
        return replace(made, **({"account": "scripted:key", "model": CARD.name, "provider": "scripted"} | fields))

    def call(self, worker: JobRunner, record: JobRecord, seen: list[JobState] | None = None) -> asyncio.Task[Any]:
        """What a plugin does: run the job in a task of its own, note the states, return the result."""

        async def caller() -> Any:
            result = None
            async for state in worker.run(record, REQUEST, CARD, self.settings):
                if seen is not None:
                    seen.append(state)
                if isinstance(state, Succeeded):
                    result = state.result
            return result

        task = asyncio.create_task(caller())
        self._callers.append(task)
        return task

    async def row(self, request_id: str = "r") -> JobRecord:
        found = await self.store.find("ann", request_id)
        assert found is not None
        return found

    async def close(self) -> None:
        for task in self._callers:
            task.cancel()
        for worker in self._workers:
            await worker.close()
        await asyncio.gather(*self._callers, return_exceptions=True)
