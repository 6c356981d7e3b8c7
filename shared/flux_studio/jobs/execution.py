"""One job in this process: from its place in the queue to a kept picture, with every step committed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..errors import JobTimeout, StorageError, StudioError, UnexpectedResponse
from ..types import JobHandle, JobState, Queued, Request, Result, Running, Succeeded, Timings
from . import recovery
from .feed import Feed
from .keeper import Keeper
from .leases import LEASE, Leases
from .record import JobRecord, Outcome, Phase
from .requests import rerunnable
from .store import JobStore, Limits

if TYPE_CHECKING:
    from ..catalog.card import ModelCard
    from ..http import HttpClient
    from ..providers.base import Provider
    from ..settings import Settings

log = logging.getLogger("flux_studio.jobs")

SHORTEST_WAIT, LONGEST_WAIT = 0.1, 1.0
"""Seconds between two looks at the queue."""

COMMIT_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Waits between the tries to commit the handle of a paid job."""

SECOND_LOOK = 60.0
"""Least number of seconds a resumed job may take, however old it is."""

CANCELLED = "This picture was cancelled."


class Ended(Exception):
    """The job is no longer this worker's: stopped, taken over or deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What every job of this process shares."""

    store: JobStore
    keeper: Keeper
    leases: Leases
    owner: str
    http: Callable[[Settings], HttpClient]
    provider: Callable[[str], Provider]
    card: Callable[[str], ModelCard]
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    typical_seconds: Callable[[ModelCard], float]
    record_duration: Callable[[ModelCard, float], None]


class Execution:
    """Drives one job in its own task, and is the RunContext its provider sees.

    `attended` means that somebody waits and shows the ending; otherwise the keeper delivers it.
    """

    settings: Settings
    provider: Provider
    card: ModelCard
    request: Request

    def __init__(self, shop: Workshop, record: JobRecord, *, attended: bool) -> None:
        self.shop = shop
        self.record = record
        self.attended = attended
        self.feed = Feed()
        self.deadline = 0.0
        self.task: asyncio.Task[None] | None = None
        self._resume_by: recovery.ResumeBy = "handle"
        self._sent = record.phase != "queued"
        self._stopping = False
        self._times: dict[str, float] = {}
        self._reported_at = 0.0

    # ---- what a provider sees (RunContext)

    @property
    def http(self) -> HttpClient:
        return self.shop.http(self.settings)

    @property
    def typical_seconds(self) -> float:
        return self.shop.typical_seconds(self.card)

    async def submitting(self) -> None:
        await self._change(phase="submitting")
        self._sent = True
        self._mark("sent")

    async def submitted(self, handle: JobHandle) -> None:
        try:
            await self._commit_handle(handle)
        except Ended:
            await self._adopt(handle)
        if self._stopping and await self._cancel_remotely():
            await self._end("cancelled")
            raise Ended

    async def downloading(self) -> None:
        await self._change(phase="downloading")
        self._mark("ready")

    # ---- what the runner does with it

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin to work and to renew the lease."""
        self.shop.leases.hold(self.record.id, self._lost)
        self.task = asyncio.create_task(self._guarded(work), name=f"flux_studio job {self.record.id}")
        return self.task

    async def order(self) -> None:
        """Wait for the turn, have the picture made and keep it."""
        self._use(self.shop.provider(self.record.provider))
        await self._wait_for_turn()
        self.deadline = self.shop.clock() + self.settings.job_timeout
        await self._take(self.provider.run(self.request, self.card, self))

    async def recover(self) -> None:
        """Finish what another worker, or an earlier try, has left."""
        await self._change(attempts=self.record.attempts + 1)
        if self.record.attempts > recovery.MAX_ATTEMPTS:
            raise StudioError(recovery.GIVEN_UP)
        self._use(self.shop.provider(self.record.provider))
        self.settings = await self.shop.keeper.settings_for(self.record)
        step = recovery.next_step(
            self.record,
            self._resume_by,
            rerunnable=rerunnable(self.record.request),
            age=self.shop.clock() - self.record.created_at,
            job_timeout=self.settings.job_timeout,
        )
        steps = {"deliver": self.deliver, "resume": self._resume, "again": self._order_again, "fail": self._give_up}
        await steps[step]()

    async def deliver(self) -> None:
        """Have the keeper show a stored picture; when it never can, the picture stays as a draft."""
        if not await self.shop.keeper.deliver(self.record):
            if self.record.attempts < recovery.MAX_ATTEMPTS:
                return await self._postpone()
            log.warning("job %s: its message cannot be written, kept as a draft", self.record.id)
            await self._change(place="draft")
            await self.shop.keeper.deliver(self.record)
        await self._end("delivered")

    async def acknowledge(self) -> None:
        """The caller has shown the stored picture."""
        if self.record.phase == "stored":
            await self._halt()
            with contextlib.suppress(Ended):
                await self._end("delivered")

    async def hand_over(self) -> None:
        """Leave a stored picture to the next sweep of any worker."""
        if self.record.phase == "stored":
            await self._halt()
            self.shop.leases.drop(self.record.id)
            await self.shop.store.release(self.record.id, owner=self.shop.owner)

    async def stop(self) -> None:
        """The user wants it no longer: nothing is sent, or it is cancelled, or the paid picture becomes a draft."""
        if self._stopping or (self.feed.closed and self.record.phase != "stored"):
            return
        self._stopping, self.attended = True, False
        with contextlib.suppress(Ended):
            if not self._sent or self._resume_by == "rerun":
                await self._halt()
                await self._cancel_remotely()
                await self._end("cancelled")
            elif self.record.phase == "stored":
                await self._halt()
                await self._change(place="draft")
                self.start(self.deliver())
            else:
                await self._go_on_as_draft()

    # ---- the way of a job

    async def _wait_for_turn(self) -> None:
        settings, pause = self.settings, SHORTEST_WAIT
        limits = Limits(
            active=settings.max_parallel_jobs, active_of_model=self.card.active_limit, per_minute=settings.rate_limit
        )
        latest = self.shop.clock() + settings.job_timeout
        while True:
            admission = await self.shop.store.admit(self.record.id, owner=self.shop.owner, limits=limits)
            if admission.admitted:
                break
            self.feed.publish(Queued(position=admission.position))
            if self.shop.clock() >= latest:
                raise JobTimeout(
                    f"The queue was too long: after {settings.job_timeout:.0f} seconds this picture was not sent "
                    "and nothing was billed. Please try again later."
                )
            await self.shop.sleep(pause)
            pause = min(pause * 1.5, LONGEST_WAIT)
        self.record = replace(self.record, phase="submitting")
        self._mark("admitted")

    async def _resume(self) -> None:
        handle = self.record.handle
        if handle is None:  # next_step asks for a handle before it says "resume"
            return await self._give_up()
        self.card = self.shop.card(self.record.model)
        self.deadline = max(handle.deadline, self.shop.clock() + SECOND_LOOK)
        self._times["sent"] = handle.submitted_at
        await self._take(self.provider.resume(handle, self.card, self))

    async def _order_again(self) -> None:
        await self._change(phase="queued", handle=None)
        self._sent = False
        self.card = self.shop.card(self.record.model)
        self.request = await self.shop.keeper.rebuild(self.record)
        await self.order()

    async def _give_up(self) -> None:
        raise StudioError(recovery.sentence_for_lost(self.record, self._resume_by))

    async def _take(self, states: AsyncIterator[JobState]) -> None:
        result: Result | None = None
        try:
            async for state in states:
                if isinstance(state, Succeeded):
                    result = state.result
                else:
                    await self._report(state)
        finally:
            if isinstance(states, AsyncGenerator):
                await states.aclose()
        if result is None:
            raise UnexpectedResponse(
                "The provider ended the job without a picture.", provider=self.record.provider, detail=self.record.id
            )
        await self._keep(result)

    async def _report(self, state: JobState) -> None:
        self.feed.publish(state)
        now = self.shop.clock()
        if isinstance(state, Running) and state.progress != self.record.progress and now - self._reported_at >= 1:
            self._reported_at = now
            with contextlib.suppress(StorageError):
                await self._change(progress=state.progress)

    async def _keep(self, result: Result) -> None:
        self._mark("downloaded")
        result = replace(result, timings=self._timings())
        outcome = await self.shop.keeper.keep(self.record, result, self.settings)
        self._mark("stored")
        await self._change(phase="stored", outcome=self._measured(outcome))
        self.shop.record_duration(self.card, self._timings().provider)
        if not self.attended:
            return await self.deliver()
        files = zip(result.pictures, outcome.files, strict=False)
        kept = tuple(replace(picture, file=file) for picture, file in files) or result.pictures
        self.feed.publish(Succeeded(result=replace(result, pictures=kept)))
        self.feed.close()
        await self.shop.sleep(self.settings.job_timeout)
        log.warning("job %s: nobody has shown its picture, left to the sweep", self.record.id)
        await self._postpone()

    # ---- endings

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Ended as ended:
            self.feed.close(ended)
        except StudioError as error:
            log.warning("job %s (%s): %s: %s", self.record.id, self.record.phase, type(error).__name__, error.detail)
            await self._conclude(error)
        except Exception as error:  # the outer guard of a background task: one broken job stops no other
            log.exception("job %s (%s) failed unexpectedly", self.record.id, self.record.phase)
            await self._conclude(error)
        finally:
            self.feed.close(Ended() if not self._stopping else StudioError(CANCELLED))
            if self.task is asyncio.current_task() and not self._stopping:
                self.shop.leases.drop(self.record.id)

    async def _conclude(self, error: Exception) -> None:
        """Commit the failure, or leave the job for a later try; if even that fails, the lease simply lapses."""
        try:
            if recovery.may_try_again(self.record, self._resume_by, error):
                await self._postpone()
            else:
                await self._fail(recovery.failure_sentence(self.record, error))
        except Ended:
            pass
        except Exception:  # the guard's own guard: the next sweep counts this attempt and tries again
            log.exception("job %s: its ending could not be written", self.record.id)
        self.feed.close(error)

    async def _fail(self, sentence: str) -> None:
        last = self.record.attempts > recovery.MAX_ATTEMPTS
        if last:
            await self._change(phase="failed", error=sentence, request=None)
        if not self.attended:
            shown = await self.shop.keeper.deliver(replace(self.record, phase="failed", error=sentence))
            if not shown and not last:
                return await self._postpone()
        if not last:
            await self._change(phase="failed", error=sentence, request=None)

    async def _postpone(self) -> None:
        self.shop.leases.drop(self.record.id)
        after = recovery.delay(self.record.attempts)
        await self.shop.store.release(self.record.id, owner=self.shop.owner, after=after)

    async def _end(self, phase: Phase) -> None:
        outcome = self.record.outcome
        await self._change(phase=phase, request=None, outcome=replace(outcome, prompt=None) if outcome else None)
        self.shop.leases.drop(self.record.id)

    async def _go_on_as_draft(self) -> None:
        self.record = replace(self.record, place="draft")
        await self._change(place="draft")
        if await self._cancel_remotely():
            await self._halt()
            await self._end("cancelled")

    async def _cancel_remotely(self) -> bool:
        if self.record.handle is None:
            return False
        try:
            return await self.provider.cancel(self.record.handle, self)
        except StudioError as error:
            log.warning("job %s could not be cancelled: %s", self.record.id, error.detail)
            return False

    async def _halt(self) -> None:
        if self.task is not None and not self.task.done():
            self.task.cancel()
            await asyncio.wait({self.task})

    def _lost(self) -> None:
        """Somebody else has the lease: they finish the job. A request in flight is still waited for (_adopt)."""
        if self._sent and self.record.handle is None:
            return
        self.feed.close(Ended())
        if self.task is not None:
            self.task.cancel()

    async def _adopt(self, handle: JobHandle) -> None:
        """The row was given up while the provider's answer was under way: the paid picture becomes a draft."""
        log.warning("job %s was taken over while it was ordered, its picture becomes a draft", self.record.id)
        row = replace(
            self.record,
            id=uuid.uuid4().hex,
            request_id=f"{self.record.request_id}:{handle.remote_id}",
            place="draft",
            phase="submitted",
            handle=handle,
        )
        self.feed.close(Ended())
        self.attended = False
        self.record = await self.shop.store.add(row, owner=self.shop.owner, lease=LEASE)
        self.shop.leases.hold(self.record.id, self._lost)

    # ---- bookkeeping

    def _use(self, provider: Provider) -> None:
        self.provider = provider
        self._resume_by = provider.resume_by

    async def _commit_handle(self, handle: JobHandle) -> None:
        for pause in COMMIT_PAUSES:
            try:
                return await self._change(phase="submitted", handle=handle)
            except StorageError as error:
                log.error("job %s: handle %s not committed: %s", self.record.id, handle.remote_id, error.detail)
            await self.shop.sleep(pause)
        self.record = replace(self.record, phase="submitted", handle=handle)

    async def _change(self, *, phase: Phase | None = None, **fields: Any) -> None:
        if not await self.shop.store.change(self.record.id, owner=self.shop.owner, phase=phase, **fields):
            raise Ended
        self.record = replace(self.record, **fields, **({"phase": phase} if phase else {}))

    def _mark(self, name: str) -> None:
        self._times[name] = self.shop.clock()

    def _between(self, start: str, end: str) -> float:
        times = self._times
        return max(0.0, times[end] - times[start]) if start in times and end in times else 0.0

    def _timings(self) -> Timings:
        waiting = self._times.get("admitted", self.record.created_at) - self.record.created_at
        ready = "ready" if "ready" in self._times else "downloaded"
        return Timings(
            waiting=max(0.0, waiting),
            provider=self._between("sent", ready),
            download=self._between(ready, "downloaded"),
            storing=self._between("downloaded", "stored"),
        )

    def _measured(self, outcome: Outcome) -> Outcome:
        spent = self._timings()
        named = {name: getattr(spent, name) for name in Timings.__slots__}
        prompt = None if self.record.temporary else outcome.prompt
        return replace(outcome, seconds=self._between("sent", "stored"), timings=named, prompt=prompt)
