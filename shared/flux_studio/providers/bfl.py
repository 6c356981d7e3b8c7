"""Black Forest Labs: submit a paid job, wait for it where the answer says, fetch the picture at once."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from ..catalog.card import ModelCard
from ..catalog.price import price
from ..errors import (
    HostNotTrusted,
    InvalidRequest,
    JobLost,
    JobTimeout,
    RateLimited,
    Unavailable,
    UnexpectedResponse,
)
from ..settings import Settings
from ..types import Cost, JobHandle, JobState, Picture, Request, Result, Running, Succeeded, Timings
from .base import RunContext
from .bfl_account import require_key
from .bfl_answers import Missing, Ready, Unreadable, Waiting, read_poll, read_submission
from .bfl_moderation import LABEL, NAME
from .bfl_request import build_body
from .pacing import MALFORMED_TRIES, Pacing, may_be_missing, pause_after_trouble

EXPIRED = frozenset({403, 404, 410})
"""Statuses of a signed address that is no longer valid."""
SECOND_LOOKS = (2.0, 5.0)
"""Seconds until something that is no picture is fetched again; a result's address lives for ten minutes."""
MISSING_PAUSE = 1.0
"""Seconds until a task that was not found is looked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time as the provider sees it; tests bring their own."""

    now: Callable[[], float] = time.time
    """Seconds since the epoch."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random


class BlackForestLabs:
    """BFL's HTTP API; a job goes on at the `polling_url` of its handle, whoever asks."""

    name = NAME
    resume_by: Literal["handle", "rerun", "nothing"] = "handle"

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()

    def configured(self, settings: Settings) -> bool:
        """Whether a key is set, or people may bring their own."""
        return bool(settings.flux_key) or settings.allow_user_keys

    def account(self, settings: Settings) -> str:
        """Host of the endpoint and fingerprint of the key."""
        return f"{urlsplit(settings.flux_endpoint).netloc} {settings.flux_key.fingerprint()}"

    async def run(self, request: Request, card: ModelCard, context: RunContext) -> AsyncIterator[JobState]:
        """Submit one picture and follow it to its end.

        Raises ConfigurationError without a key, InvalidRequest, Refused, JobTimeout with the handle, and the
        ProviderErrors; MaybeSubmitted means that a bill without a picture is possible.
        """
        handle = await self._submit(request, card, context)
        async for state in self._follow(handle, card, context, request):
            yield state

    async def resume(self, handle: JobHandle, card: ModelCard, context: RunContext) -> AsyncIterator[JobState]:
        """Follow a job that any worker submitted."""
        require_key(context.settings)
        async for state in self._follow(handle, card, context, None):
            yield state

    async def cancel(self, handle: JobHandle, context: RunContext) -> bool:
        """BFL has no way to cancel: the job ends by itself and its cost stays."""
        return False

    async def _submit(self, request: Request, card: ModelCard, context: RunContext) -> JobHandle:
        settings = context.settings
        require_key(settings)
        endpoint = address(card, settings)
        body = await asyncio.to_thread(build_body, request, card, settings)
        sending = context.http.post_paid(
            f"{endpoint}{card.endpoint}",
            body,
            settings.flux_key,
            before=context.submitting,
            until=context.deadline,
        )
        # The client drops the body once it is encoded; a name here would keep every picture a second time.
        del body
        answer = await sending
        started = read_submission(answer, request, card, endpoint)
        handle = JobHandle(
            provider=self.name,
            remote_id=started.id,
            polling_url=started.polling_url,
            submitted_at=self._clock.now(),
            deadline=context.deadline,
            cost=started.cost,
            notes=started.notes,
        )
        await context.submitted(handle)
        return handle

    async def _follow(
        self, handle: JobHandle, card: ModelCard, context: RunContext, request: Request | None
    ) -> AsyncIterator[JobState]:
        context.http.require_key_allowed(handle.polling_url)
        watch = Watch(handle, card, context, self._clock)
        shown = Running()
        yield shown
        state = await watch.next_state()
        while isinstance(state, Waiting):
            if state.progress is not None and state.progress != shown.progress:
                shown = Running(progress=state.progress)
                yield shown
            state = await watch.next_state()
        known = self._clock.now()
        await context.downloading()
        picture, state = await self._picture(state, watch, context, handle)
        done = self._clock.now()
        result = _result(picture, state, handle, card, request)
        timings = Timings(provider=max(0.0, known - handle.submitted_at), download=max(0.0, done - known))
        yield Succeeded(result=replace(result, timings=timings))

    async def _picture(
        self, ready: Ready, watch: Watch, context: RunContext, handle: JobHandle
    ) -> tuple[Picture, Ready]:
        """Fetch and check the picture; what a broken gateway sent in its place may be gone a moment later."""
        for pause in SECOND_LOOKS:
            try:
                return await _inspected(await self._fetch(ready, watch, context), handle), ready
            except HostNotTrusted:
                raise
            except UnexpectedResponse:
                await self._clock.sleep(pause)
            again = await watch.ask()
            ready = again if isinstance(again, Ready) else ready
        return await _inspected(await self._fetch(ready, watch, context), handle), ready

    async def _fetch(self, ready: Ready, watch: Watch, context: RunContext) -> bytes:
        """Download the sample; one more question may bring a fresh address when the first has expired."""
        try:
            return await context.http.download(ready.sample)
        except HostNotTrusted:
            raise
        except UnexpectedResponse as error:
            if error.status not in EXPIRED:
                raise watch.unusable(error) from error
            again = await watch.ask()
            if not isinstance(again, Ready) or again.sample == ready.sample:
                raise watch.lost("the picture was made, but its address has expired") from error
        return await context.http.download(again.sample)


class Watch:
    """One wait for one job: asks on schedule and counts what went wrong in a row."""

    def __init__(self, handle: JobHandle, card: ModelCard, context: RunContext, clock: Clock) -> None:
        self._handle, self._context, self._clock = handle, context, clock
        typical = context.typical_seconds
        self._pacing = Pacing(
            typical=typical,
            measured=typical != card.typical_seconds,
            longest=context.settings.poll_interval,
            phase=min(1.0, max(0.0, clock.jitter())),
        )
        self._pause = max(0.0, self._pacing.first() - self._elapsed())
        self._asked = False
        self._troubles = self._missing = self._malformed = 0

    async def next_state(self) -> Waiting | Ready:
        """Wait until the next question is due, and ask until there is a usable answer.

        A service that cannot be reached, throttles or stammers is asked again until the deadline, for the job is
        paid. Raises JobTimeout, JobLost, UnexpectedResponse, and what `read_poll` raises.
        """
        while True:
            await self._wait()
            try:
                state = await self.ask()
            except (RateLimited, Unavailable) as error:
                self._troubles += 1
                retry_after = error.retry_after if isinstance(error, RateLimited) else None
                self._pause = pause_after_trouble(self._troubles, retry_after, self._clock.jitter)
                continue
            if isinstance(state, (Waiting, Ready)):
                self._troubles = self._missing = self._malformed = 0
                self._pause = self._pacing.pause(self._elapsed())
                return state
            self._pause = self._patience(state)

    async def ask(self) -> Waiting | Ready | Missing | Unreadable:
        """Ask once, now."""
        self._asked = True
        settings = self._context.settings
        answer = await self._context.http.get_json(self._handle.polling_url, settings.flux_key, repeat=False)
        return read_poll(answer, self._handle.remote_id)

    def lost(self, why: str) -> JobLost:
        """The error for a picture that cannot be had any more."""
        return JobLost(
            f"{LABEL} no longer holds this picture: {why}. It may have been billed; it is not repeated by itself.",
            provider=NAME,
            request_id=self._handle.remote_id,
            detail=f"{self._handle.remote_id}: {why}",
        )

    def unusable(self, error: UnexpectedResponse) -> UnexpectedResponse:
        """The error for a picture that was made and does not come through."""
        return UnexpectedResponse(
            f"{error.sentence.removesuffix('.')} instead of the picture. It was probably billed; it is not repeated "
            "by itself.",
            provider=NAME,
            status=error.status,
            request_id=self._handle.remote_id,
            detail=f"{self._handle.remote_id}: {error.detail}",
        )

    async def _wait(self) -> None:
        remaining = self._context.deadline - self._clock.now()
        if remaining <= 0 and self._asked:
            raise JobTimeout(
                f"{LABEL} did not finish the picture in time. It may still be finished and billed; "
                "an admin can allow more time with JOB_TIMEOUT in the valves of FLUX Studio.",
                handle=self._handle,
                detail=f"{self._handle.remote_id}: deadline passed after {self._elapsed():.0f} s",
            )
        # The last question falls on the deadline itself, so that no finished picture is given up unseen.
        pause = min(self._pause, max(0.0, remaining))
        if pause > 0:
            await self._clock.sleep(pause)

    def _patience(self, state: Missing | Unreadable) -> float:
        """Seconds to wait after an answer without a state; raises when there were too many of them."""
        if isinstance(state, Missing):
            self._missing += 1
            if not may_be_missing(self._elapsed(), self._missing):
                raise self.lost("the task is not known there")
            return MISSING_PAUSE
        self._malformed += 1
        if state.status < 500 and self._malformed > MALFORMED_TRIES:
            raise Unavailable(
                f"{LABEL} answers in a way this release cannot read. The picture was ordered and may have been billed; "
                "it is asked for again later.",
                provider=NAME,
                status=state.status,
                request_id=self._handle.remote_id,
            )
        return pause_after_trouble(self._malformed, None, self._clock.jitter)

    def _elapsed(self) -> float:
        return self._clock.now() - self._handle.submitted_at


def address(card: ModelCard, settings: Settings) -> str:
    """Where a model's jobs are submitted: finetunes exist only on the cluster where they were trained."""
    return settings.flux_finetune_endpoint if card.pinned else settings.flux_endpoint


async def _inspected(data: bytes, handle: JobHandle) -> Picture:
    from ..imaging.decode import inspect

    try:
        return await asyncio.to_thread(inspect, data)
    except InvalidRequest as error:
        raise UnexpectedResponse(
            f"{LABEL} delivered something that is not a usable picture. It was probably billed.",
            provider=NAME,
            request_id=handle.remote_id,
            detail=f"{handle.remote_id}: {error.detail}",
        ) from error


def _result(picture: Picture, ready: Ready, handle: JobHandle, card: ModelCard, request: Request | None) -> Result:
    known = handle.cost if ready.cost is None else ready.cost
    estimate = None if request is None else price(card, request)
    return Result(
        pictures=(picture,),
        model=card.name,
        seed=ready.seed if ready.seed is not None or request is None else request.seed,
        prompt=ready.prompt,
        cost=estimate if known is None else Cost(amount=known, exact=True),
        request_id=handle.remote_id,
        notes=tuple(dict.fromkeys((*handle.notes, *ready.notes))),
    )
