"""Runs jobs for the chat: one per request, followed, stopped, acknowledged, and finished after a crash."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ..errors import StudioError
from ..types import JobState, Request, Succeeded
from .cancel_watch import CancelWatch
from .execution import Execution
from .follow import follow
from .keeper import Keeper
from .leases import LEASE, Leases
from .record import NOT_BILLED, JobRecord
from .requests import request_to_json, without_prompt
from .store import JobStore, Reservation
from .workshop import Ended, Workshop

if TYPE_CHECKING:
    from ..catalog import ModelCard
    from ..http import HttpClient
    from ..limits import Allowance
    from ..providers.base import Provider
    from ..settings import Settings

log = logging.getLogger("flux_studio.jobs")

Fate = Literal["unsent", "cancelled", "draft", "pending", "shown", "failed"]
"""What became of a job whose run was stopped or raised (JobRunner.fate)."""

RECOVERIES = 32
"""Orphans one process finishes at the same time."""

CLEANING = 600.0
"""Seconds between two looks for old drafts."""

TEMPORARY_SECONDS = 24 * 3600.0
"""How long files of temporary chats are kept."""

DAY = 24 * 3600.0

LEDGER_DAYS = 400
"""How long the figures of deleted chats and users are kept: more than a year, so that years can be compared."""

T = TypeVar("T")


class JobRunner:
    """One per worker process and event loop; several at once, also of two releases, share one store safely."""

    def __init__(
        self,
        store: JobStore,
        keep: Keeper,
        *,
        http: Callable[[Settings], HttpClient],
        provider: Callable[[str], Provider] | None = None,
        card: Callable[[str], ModelCard] | None = None,
        owner: str = "",
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        typical_seconds: Callable[[ModelCard], float] = lambda card: card.typical_seconds,
        record_duration: Callable[[ModelCard, float], None] = lambda card, seconds: None,
    ) -> None:
        """`provider` and `card` look a name up (default: the tables of this release); `owner` names this worker."""
        owner = owner or uuid.uuid4().hex
        self._leases = Leases(store, owner, sleep)
        self._shop = Workshop(
            store=store,
            keeper=keep,
            leases=self._leases,
            owner=owner,
            http=http,
            provider=provider or _provider_of_this_release,
            card=card or _card_of_this_release,
            clock=clock,
            sleep=sleep,
            typical_seconds=typical_seconds,
            record_duration=record_duration,
        )
        self._cancellations = CancelWatch(store, sleep, self._finish)
        self._executions: dict[str, Execution] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sweeping: asyncio.Task[None] | None = None
        self._cleaned_at: float | None = None

    async def run(
        self, record: JobRecord, request: Request, card: ModelCard, settings: Settings
    ) -> AsyncGenerator[JobState, None]:
        """Run a job and yield its states; the last is Succeeded, whose pictures carry the ids of their files.

        A request id that already has a job is followed instead (then Succeeded has no picture bytes; `find`
        gives the record with the file ids). Show the result, then call `mark_delivered`; a result that is
        not marked goes to the sweep after job_timeout seconds. Raises a StudioError when the job fails.
        Cancelling the caller, or closing the iterator before Succeeded, stops the job: see `fate`. Iterate
        within contextlib.aclosing, so that a cancellation in the caller's own code stops the job at once.
        """
        starting = self._spawn(self._start(record, request, card, settings, attended=True))
        last: JobState | None = None
        try:
            async with aclosing(self._watch(await asyncio.shield(starting))) as states:
                async for state in states:
                    if isinstance(state, Succeeded):
                        last = state
                        break
                    yield state
        except (asyncio.CancelledError, GeneratorExit):
            await self._finish(self._stop_started(starting))
            raise
        if last is None:
            raise StudioError("This picture's job ended without a result.")
        yield last

    async def start(self, record: JobRecord, request: Request, card: ModelCard, settings: Settings) -> JobRecord:
        """Begin a job that nobody waits for (place "draft"); returns its record, or the one that exists already."""
        starting = self._spawn(self._start(record, request, card, settings, attended=False))
        job = await asyncio.shield(starting)
        return job.record if isinstance(job, Execution) else job

    async def reserve(
        self, jobs: Sequence[tuple[JobRecord, Request]], card: ModelCard, allowance: Allowance
    ) -> Reservation:
        """Take one user's order against their limits, before any of its jobs is run or started.

        Jobs of a taken order have to be run or started at once, or be given to `withdraw`. When the caller is
        cancelled meanwhile, that is done here.
        """
        records = [_new_row(record, request, card) for record, request in jobs]
        taking = self._spawn(
            self._shop.store.reserve(records, owner=self._shop.owner, lease=LEASE, allowance=allowance)
        )
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            await self._finish(self._withdraw_taken(taking, records))
            raise

    async def withdraw(self, jobs: Iterable[JobRecord]) -> None:
        """Give back reserved jobs that were never begun: nothing of them is sent, by no worker."""
        for job in jobs:
            row = await self._shop.store.get(job.id)
            ours = row is not None and row.phase == "queued" and row.lease_owner == self._shop.owner
            if ours and job.id not in self._executions:
                await self._shop.store.change(job.id, owner=self._shop.owner, phase="cancelled", **NOT_BILLED)

    @property
    def store(self) -> JobStore:
        """Where the records are."""
        return self._shop.store

    def newest_state(self, job: str) -> JobState | None:
        """What a job of this process last said; None for a job of another worker."""
        execution = self._executions.get(job)
        return execution.feed.newest if execution else None

    async def find(self, record: JobRecord) -> JobRecord | None:
        """The stored record that counts for this record's user and request id."""
        return await self._shop.store.find(record.user, record.request_id)

    async def cancel(self, job: str) -> None:
        """Stop a job as Stop does in `run`; one of another worker ends there within a few seconds.

        Raises StorageError when the job is another worker's and the store cannot be told.
        """
        if job in self._executions:
            await self._finish(self._executions[job].stop())
        else:
            await self._shop.store.ask_cancel(job)

    async def fate(self, record: JobRecord) -> Fate:
        """Say what became of a job whose `run` was cancelled or raised.

        unsent     nothing was sent, nothing was billed
        cancelled  the provider has stopped it
        draft      it was sent already: the cost stays, the picture is kept as a draft
        pending    paid, not ready yet: the sweep shows it in the message later
        shown      its picture was delivered
        failed     the row's error says why
        """
        row = await self.find(record)
        if row is None or row.phase == "queued":
            return "unsent"
        if row.phase == "cancelled":
            return "unsent" if row.handle is None else "cancelled"
        if row.phase == "failed":
            return "failed"
        if row.place == "draft":
            return "draft"
        return "shown" if row.phase == "delivered" else "pending"

    async def mark_delivered(self, jobs: Iterable[str]) -> None:
        """The chat has shown these jobs' pictures: forget prompt and request, keep cost and timings."""
        for job in list(jobs):
            if job in self._executions:
                await self._finish(self._executions[job].acknowledge())

    async def hand_over(self, jobs: Iterable[str]) -> None:
        """Leave stored pictures that the caller could not show to the next sweep."""
        for job in list(jobs):
            if job in self._executions:
                await self._finish(self._executions[job].hand_over())

    async def sweep(self) -> int:
        """Take up jobs whose worker is gone, each in its own task; returns how many."""
        free = RECOVERIES - sum(not execution.attended for execution in self._executions.values())
        taken = 0
        for orphan in await self._shop.store.orphans(limit=max(0, free)):
            if orphan.id in self._leases:
                continue
            record = await self._shop.store.claim(orphan.id, owner=self._shop.owner, lease=LEASE)
            if record is not None:
                execution = Execution(self._shop, record, attended=False)
                self._begin(execution, execution.recover)
                taken += 1
        await self._clean()
        return taken

    def start_sweeping(self, interval: float = 15.0) -> None:
        """Sweep now and every `interval` seconds from now on; calling it again changes nothing."""
        if self._sweeping is None or self._sweeping.done():
            self._sweeping = self._spawn(self._keep_sweeping(interval))

    def stop(self) -> None:
        """Sweep no more; jobs under way go on."""
        if self._sweeping is not None:
            self._sweeping.cancel()

    async def close(self) -> None:
        """Leave everything as a crash would: all tasks end, rows stay for the next sweep of any worker."""
        self._leases.stop()
        self._cancellations.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until every job that nobody waits for has ended or been given back."""
        while pending := [job.task for job in self._executions.values() if not job.attended and job.task]:
            await asyncio.wait(pending)

    # ---- inside

    async def _start(
        self, record: JobRecord, request: Request, card: ModelCard, settings: Settings, *, attended: bool
    ) -> Execution | JobRecord:
        new = _new_row(record, request, card)
        row = await self._shop.store.add(new, owner=self._shop.owner, lease=LEASE)
        if row.id in self._executions:
            return self._executions[row.id]
        if row.id != record.id or row.phase != "queued" or row.lease_owner != self._shop.owner:
            return row
        execution = Execution(self._shop, row, attended=attended)
        execution.settings, execution.card, execution.request = settings, card, request
        self._begin(execution, execution.order)
        return execution

    async def _watch(self, job: Execution | JobRecord) -> AsyncGenerator[JobState, None]:
        if isinstance(job, Execution):
            try:
                async with aclosing(job.feed.watch()) as states:
                    async for state in states:
                        yield state
                return
            except Ended:
                log.info("job %s goes on elsewhere", job.job)
        row = job.job if isinstance(job, Execution) else job.id
        async with aclosing(follow(self._shop.store, row, self._shop.sleep)) as states:
            async for state in states:
                yield state

    async def _withdraw_taken(self, taking: asyncio.Task[Reservation], records: Sequence[JobRecord]) -> None:
        await taking
        await self.withdraw(records)

    async def _stop_started(self, starting: asyncio.Task[Execution | JobRecord]) -> None:
        job = await starting
        if isinstance(job, Execution):
            await job.stop()

    def _begin(self, execution: Execution, work: Callable[[], Awaitable[None]]) -> None:
        self._executions[execution.job] = execution
        task = execution.start(work)
        self._cancellations.watch(execution.job, execution.stop)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: self._forget(execution.job))

    def _forget(self, job: str) -> None:
        self._executions.pop(job, None)
        self._cancellations.leave(job)

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Run to the end even if the caller is cancelled (again) meanwhile; a failure is logged, not raised.

        It must not hide the caller's own cancellation, and what it leaves undone the sweep does.
        """
        task = self._spawn(work)
        task.add_done_callback(_log_failure)
        await asyncio.wait({task})

    async def _keep_sweeping(self, interval: float) -> None:
        while True:
            try:
                await self.sweep()
            except StudioError as error:
                log.warning("sweep put off: %s", error.detail)
            except Exception:  # the outer guard of a background task: the next sweep comes all the same
                log.exception("sweep failed unexpectedly")
            await self._shop.sleep(interval)

    async def _clean(self) -> None:
        """Delete old drafts and what temporary chats have left, now and then."""
        now = self._shop.clock()
        if self._cleaned_at is not None and now - self._cleaned_at < CLEANING:
            return
        self._cleaned_at = now
        settings = await self._shop.keeper.settings_for(None)
        old = list(await self._shop.store.drafts(before=now - settings.draft_days * DAY))
        old += await self._shop.store.temporary(before=now - TEMPORARY_SECONDS)
        for record in old:
            await self._finish(self._discard(record))
        await self._shop.store.expire(before=now - LEDGER_DAYS * DAY)

    async def _discard(self, record: JobRecord) -> None:
        await self._shop.keeper.discard(record)
        await self._shop.store.archive(record.id)


def _new_row(record: JobRecord, request: Request, card: ModelCard) -> JobRecord:
    """The record as it is stored first; a temporary chat's prompt is not kept."""
    body = record.request or request_to_json(request)
    kept = without_prompt(body) if record.temporary else body
    return replace(record, request=kept, active_of_model=card.active_limit, phase="queued")


def _log_failure(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        return
    error = task.exception()
    if isinstance(error, StudioError):
        log.warning("not done: %s", error.detail)
    elif error is not None:
        log.error("not done", exc_info=error)


def _provider_of_this_release(name: str) -> Provider:
    from ..providers import provider

    return provider(name)


def _card_of_this_release(name: str) -> ModelCard:
    from ..catalog import card

    return card(name)
