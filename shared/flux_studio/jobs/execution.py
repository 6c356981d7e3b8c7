"""One job in this process: from its place in the queue to a kept picture, with every step committed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import ConfigurationError, InvalidRequest, JobTimeout, StorageError, StudioError, UnexpectedResponse
from ..types import JobHandle, JobState, Queued, Request, Result, Running, Succeeded
from . import recovery
from .delivery import show
from .facts import extra
from .feed import Feed
from .leases import LEASE
from .record import NOT_BILLED, JobRecord
from .requests import rerunnable
from .store import Limits
from .workshop import Ended, Journal, Workshop

if TYPE_CHECKING:
    from ..catalog import ModelCard
    from ..http import HttpClient
    from ..providers.base import Provider
    from ..settings import Settings

log = logging.getLogger("flux_studio.jobs")

SHORTEST_WAIT, LONGEST_WAIT = 0.1, 1.0
"""Seconds between two looks at the queue by the next in line."""

FARTHEST_WAIT = 5.0
"""The same for a job at the end of a long queue: ten jobs ahead wait a second longer each time."""

COMMIT_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Waits between the tries to commit the handle of a paid job."""

SECOND_LOOK = 60.0
"""Least number of seconds a resumed job may take, however old it is."""

CANCELLED = "This picture was cancelled."


class Execution:
    """Drives one job in its own task, and is the RunContext its provider sees.

    `attended` means that somebody waits and shows the ending; otherwise the keeper delivers it.
    """

    settings: Settings
    provider: Provider
    card: ModelCard
    request: Request

    def __init__(self, shop: Workshop, record: JobRecord, *, attended: bool) -> None:
        self.job = record.id
        self.attended = attended
        self.feed = Feed()
        self.task: asyncio.Task[None] | None = None
        self.deadline = 0.0
        self._shop = shop
        self._journal = Journal(shop, record)
        self._resume_by: recovery.ResumeBy = "handle"
        self._sent = record.phase != "queued"
        self._stopping = False
        self._keeping = False
        self._reported_at = 0.0

    @property
    def record(self) -> JobRecord:
        return self._journal.record

    # ---- what a provider sees (RunContext)

    @property
    def http(self) -> HttpClient:
        return self._shop.http(self.settings)

    @property
    def user(self) -> str:
        return self.record.user

    @property
    def typical_seconds(self) -> float:
        return self._shop.typical_seconds(self.card)

    async def submitting(self) -> None:
        if self._stopping:
            await self._journal.end("cancelled")
            raise Ended
        await self._journal.change(phase="submitting")
        self._sent = True
        self._journal.mark("sent")

    async def submitted(self, handle: JobHandle) -> None:
        try:
            await self._commit(handle)
        except Ended:
            await self._adopt(handle)
        if self._stopping and await self._cancel_remotely():
            await self._journal.end("cancelled")
            raise Ended

    async def downloading(self) -> None:
        await self._journal.change(phase="downloading")
        self._journal.mark("ready")

    # ---- what the runner does with it

    def start(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Begin to work and to renew the lease."""
        self._shop.leases.hold(self.job, self._lost)
        self.task = asyncio.create_task(self._guarded(work), name=f"flux_studio job {self.job}")
        return self.task

    async def order(self) -> None:
        """Wait for the turn, have the picture made and keep it."""
        self._use(self._shop.provider(self.record.provider))
        await self._wait_for_turn()
        self.deadline = self._shop.clock() + self.settings.job_timeout
        await self._take(self.provider.run(self.request, self.card, self))

    async def recover(self) -> None:
        """Finish what another worker, or an earlier try, has left."""
        await self._journal.change(attempts=self.record.attempts + 1)
        if self.record.attempts > recovery.MAX_ATTEMPTS:
            return await self._give_up_for_good()
        self._use(self._shop.provider(self.record.provider))
        self.settings = await self._shop.keeper.settings_for(self.record)
        if self.record.cancel_asked_at is not None and await self._ends_cancelled():
            return
        step = recovery.next_step(
            self.record,
            self._resume_by,
            rerunnable=rerunnable(self.record.request),
            age=self._shop.clock() - self.record.created_at,
            job_timeout=self.settings.job_timeout,
        )
        steps = {"deliver": self._deliver, "resume": self._resume, "again": self._order_again, "fail": self._give_up}
        await steps[step]()

    async def acknowledge(self) -> None:
        """The caller has shown the stored picture."""
        if self.record.phase == "stored":
            await self._halt()
            with contextlib.suppress(Ended):
                await self._journal.end("delivered")

    async def hand_over(self) -> None:
        """Leave a stored picture to the next sweep of any worker."""
        if self.record.phase == "stored":
            await self._halt()
            await self._journal.give_back()

    async def stop(self) -> None:
        """The user wants it no longer: nothing is sent, or it is cancelled, or the paid picture becomes a draft."""
        if self._stopping or (self.feed.closed and self.record.phase != "stored"):
            return
        self._stopping, self.attended = True, False
        with contextlib.suppress(Ended):
            if self.record.phase == "stored":
                await self._halt()
                await self._journal.change(place="draft")
                await self._guarded(self._deliver)
            elif not self._keeping and (not self._sent or self._resume_by == "rerun"):
                await self._halt()
                await self._cancel_remotely()
                await self._journal.end("cancelled")
            else:
                await self._go_on_as_draft()

    # ---- the way of a job

    async def _wait_for_turn(self) -> None:
        settings, pause = self.settings, SHORTEST_WAIT
        limits = Limits(
            active=settings.max_parallel_jobs, active_of_model=self.card.active_limit, per_minute=settings.rate_limit
        )
        latest = self._shop.clock() + settings.job_timeout
        while True:
            admission = await self._shop.store.admit(self.job, owner=self._shop.owner, limits=limits)
            if admission.admitted:
                break
            self.feed.publish(Queued(position=admission.position))
            if self._shop.clock() >= latest:
                raise JobTimeout(
                    f"The queue was too long: after {settings.job_timeout:.0f} seconds this picture was not sent "
                    "and nothing was billed. Please try again later."
                )
            await self._shop.sleep(pause)
            pause = min(pause * 1.5, LONGEST_WAIT + admission.position / 10, FARTHEST_WAIT)
        self._journal.note(phase="submitting")
        self._journal.mark("admitted")

    async def _resume(self) -> None:
        handle = self.record.handle
        if handle is None:  # next_step says "resume" only with a handle
            return await self._give_up()
        self.card = self._find_card()
        self.deadline = max(handle.deadline, self._shop.clock() + SECOND_LOOK)
        self._journal.mark("sent", handle.submitted_at)
        await self._take(self.provider.resume(handle, self.card, self))

    async def _order_again(self) -> None:
        self._sent = False
        await self._journal.change(phase="queued", handle=None)
        self.card = self._find_card()
        self.request = await self._shop.keeper.rebuild(self.record)
        await self.order()

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
                "The provider ended the job without a picture.", provider=self.record.provider, detail=self.job
            )
        await self._keep(result)

    async def _report(self, state: JobState) -> None:
        self.feed.publish(state)
        now = self._shop.clock()
        if isinstance(state, Running) and state.progress != self.record.progress and now - self._reported_at >= 1:
            self._reported_at = now
            with contextlib.suppress(StorageError):
                await self._journal.change(progress=state.progress)

    async def _keep(self, result: Result) -> None:
        self._journal.mark("downloaded")
        if self.record.attempts == 0:  # a resumed job took as long as the server was away
            self._shop.record_duration(self.card, result.timings.provider or self._journal.timings().provider)
        result = replace(result, timings=self._journal.timings())
        self._keeping = True  # from here on files may exist, and only the end of this names them in the row
        outcome = await self._shop.keeper.keep(self.record, result, self.settings)
        self._journal.mark("stored")
        charged = self._journal.charged(outcome)
        await self._journal.change(phase="stored", outcome=self._journal.measured(outcome), **charged)
        seconds = self.record.outcome.seconds if self.record.outcome else 0.0
        log.info("job %s: %s stored after %.1f s", self.job, self.record.model, seconds, extra=extra(self.record))
        named = zip(result.pictures, outcome.files, strict=False)
        kept = tuple(replace(picture, file=file) for picture, file in named) or result.pictures
        self.feed.publish(Succeeded(result=replace(result, pictures=kept)))
        self.feed.close()
        if not self.attended:
            return await self._deliver()
        await self._shop.sleep(self.settings.job_timeout)
        log.warning("job %s: nobody has shown its picture, left to the sweep", self.job)
        await self._journal.give_back()

    async def _deliver(self) -> None:
        if not await show(self._shop, self.record):
            if self.record.attempts < recovery.MAX_ATTEMPTS:
                return await self._postpone()
            return await self._give_up_for_good()
        await self._journal.end("delivered")

    # ---- endings

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Ended as ended:
            self.feed.close(ended)
        except StudioError as error:
            told = (self.job, self.record.phase, type(error).__name__, error.detail)
            log.warning("job %s (%s): %s: %s", *told, extra=extra(self.record))
            await self._conclude(error)
        except Exception as error:  # the outer guard of a background task: one broken job stops no other
            log.exception("job %s (%s) failed unexpectedly", self.job, self.record.phase, extra=extra(self.record))
            await self._conclude(error)
        finally:
            self.feed.close(StudioError(CANCELLED) if self._stopping else Ended())
            self._shop.leases.drop(self.record.id)

    async def _conclude(self, error: Exception) -> None:
        """Commit the failure, or leave the job for a later try; if even that fails, the lease simply lapses."""
        try:
            if recovery.may_try_again(self.record, self._resume_by, error):
                await self._postpone()
            else:
                await self._fail(error)
        except Ended:
            log.info("job %s was taken over before its ending was written", self.job)
        except Exception:  # the same outer guard: the next sweep counts this attempt and tries again
            log.exception("job %s: its ending could not be written", self.job)
        # callers are promised StudioErrors: anything else would tear down the pictures beside this one
        told = error if isinstance(error, StudioError) else StudioError(recovery.failure_sentence(self.record, error))
        self.feed.close(told)

    async def _fail(self, error: Exception) -> None:
        """Show the sentence and commit it; at the last attempt in the other order, so that it really is the last."""
        sentence = recovery.failure_sentence(self.record, error)
        free = NOT_BILLED if recovery.costs_nothing(self.record, self._resume_by, error) else {}
        failed = replace(self.record, phase="failed", error=sentence)
        last = self.record.attempts > recovery.MAX_ATTEMPTS
        if not self.attended and not last and not await show(self._shop, failed):
            return await self._postpone()
        await self._journal.change(phase="failed", error=sentence, request=None, **free)
        if not self.attended and last:
            await show(self._shop, failed)

    async def _give_up(self) -> None:
        raise StudioError(recovery.sentence_for_lost(self.record, self._resume_by))

    async def _give_up_for_good(self) -> None:
        if self.record.phase != "stored":
            raise StudioError(recovery.GIVEN_UP)
        log.error("job %s: its message cannot be written, the picture is kept as a draft", self.job)
        await self._journal.change(place="draft")
        await self._journal.end("delivered")

    async def _postpone(self) -> None:
        await self._journal.give_back(after=recovery.delay(self.record.attempts))

    async def _go_on_as_draft(self) -> None:
        self._journal.note(place="draft")
        await self._journal.change(place="draft")
        if not self._keeping and await self._cancel_remotely():
            await self._halt()
            await self._journal.end("cancelled")

    async def _ends_cancelled(self) -> bool:
        """Take up a job that was cancelled meanwhile: a paid one goes on as a draft (False), any other ends here."""
        self._stopping = True
        await self._journal.change(place="draft")
        costs_nothing = self.record.phase == "queued" or self._resume_by == "rerun"
        ends = self.record.phase != "stored" and (await self._cancel_remotely() or costs_nothing)
        if ends:
            await self._journal.end("cancelled")
        return ends

    async def _cancel_remotely(self) -> bool:
        if self.record.handle is None:
            return False
        try:
            return await self.provider.cancel(self.record.handle, self)
        except StudioError as error:
            log.warning("job %s could not be cancelled: %s", self.job, error.detail)
            return False

    async def _halt(self) -> None:
        if self.task is not None and not self.task.done():
            self.task.cancel()
            await asyncio.wait({self.task})
        self.feed.close(StudioError(CANCELLED))

    def _lost(self) -> None:
        """Somebody else has the lease: they finish the job. A request in flight is still waited for (_adopt)."""
        if self._sent and self.record.handle is None:
            return
        self.feed.close(Ended())
        if self.task is not None:
            self.task.cancel()

    # ---- a paid handle is never lost

    async def _commit(self, handle: JobHandle) -> None:
        announced = {} if handle.cost is None else {"amount": handle.cost, "currency": "credits", "exact": True}
        for pause in COMMIT_PAUSES:
            try:
                return await self._journal.change(phase="submitted", handle=handle, **announced)
            except StorageError as error:
                log.error("job %s: handle %s not committed: %s", self.job, handle.remote_id, error.detail)
            await self._shop.sleep(pause)
        self._journal.note(phase="submitted", handle=handle)

    async def _adopt(self, handle: JobHandle) -> None:
        """The row was given up while the provider's answer was under way: the paid picture becomes a draft."""
        log.warning("job %s was taken over while it was ordered, its picture becomes a draft", self.job)
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
        self._shop.leases.drop(self.job)
        added = await self._shop.store.add(row, owner=self._shop.owner, lease=LEASE)
        await self._shop.store.not_billed(self.job)  # its bill has moved along to the draft
        self._journal.note(id=added.id, request_id=added.request_id, place="draft", phase="submitted", handle=handle)
        self._shop.leases.hold(added.id, self._lost)

    # ---- lookups

    def _use(self, provider: Provider) -> None:
        self.provider = provider
        self._resume_by = provider.resume_by

    def _find_card(self) -> ModelCard:
        try:
            return self._shop.card(self.record.model)
        except InvalidRequest as error:  # a newer release has ordered it: its workers, or an update, know the model
            raise ConfigurationError(error.sentence, detail=error.detail) from error
