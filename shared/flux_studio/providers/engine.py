"""The own engine: one POST is one job, its events are the states; leaving the stream cancels it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, Literal
from urllib.parse import urlsplit

from ..catalog.card import ModelCard
from ..errors import ConfigurationError, EngineError, JobTimeout, Unavailable
from ..http import LineStream, Service
from ..settings import Settings
from ..types import JobHandle, JobState, Request, Succeeded
from .base import RunContext
from .engine_events import Event, crashed, failure, read_result, read_state
from .engine_job import build_job

NAME = "engine"
LABEL = "The engine"
JOBS = "/v1/jobs"
GRACE = 10.0
"""Seconds after the deadline at which the connection ends, should the deadline itself not have ended it."""

Stream = Callable[[Settings, Service], LineStream]


class OwnEngine:
    """`studio.py engine`, or the same engine behind Ray Serve: what is interrupted is simply run again."""

    name = NAME
    resume_by: Literal["handle", "rerun", "nothing"] = "rerun"

    def __init__(self, stream: Stream = LineStream, clock: Callable[[], float] = time.time) -> None:
        self._stream, self._clock = stream, clock

    def configured(self, settings: Settings) -> bool:
        """Whether an address is set."""
        return bool(settings.engine_endpoint)

    def account(self, settings: Settings) -> str:
        """Host of the engine: it has one queue, whoever asks."""
        return f"{urlsplit(settings.engine_endpoint).netloc} engine"

    async def run(self, request: Request, card: ModelCard, context: RunContext) -> AsyncIterator[JobState]:
        """Run one job; a worker that died is tried once more.

        Raises ConfigurationError without an address or token, InvalidRequest, JobTimeout and EngineError.
        """
        settings = context.settings
        _require_address(settings)
        job = await asyncio.to_thread(build_job, request, card)
        await context.submitting()
        for last in (False, True):
            died: Event | None = None
            async with aclosing(self._events(job, context)) as events:
                async for event in events:
                    if crashed(event) and not last:
                        died = event
                        break
                    async for state in self._states(event, request, card, context):
                        yield state
                        if isinstance(state, Succeeded):
                            return
            if died is None:
                raise EngineError("The engine ended the job without a picture.", detail=f"{card.name}: stream ended")

    async def resume(self, handle: JobHandle, card: ModelCard, context: RunContext) -> AsyncIterator[JobState]:
        """Never called: interrupted jobs are run again."""
        states: tuple[JobState, ...] = ()
        for state in states:
            yield state
        raise EngineError("The engine cannot go on with an interrupted job.", detail=handle.remote_id)

    async def cancel(self, handle: JobHandle, context: RunContext) -> bool:
        """The closed stream has cancelled it."""
        return True

    async def _states(
        self, event: Event, request: Request, card: ModelCard, context: RunContext
    ) -> AsyncIterator[JobState]:
        if event.get("error"):
            raise failure(event, card)
        if event.get("event") == "result":
            await context.downloading()
            yield Succeeded(result=await asyncio.to_thread(read_result, event, card))
        elif (state := await asyncio.to_thread(read_state, event)) is not None:
            yield state

    async def _events(self, job: dict[str, Any], context: RunContext) -> AsyncGenerator[Event, None]:
        settings = context.settings
        service = Service(name=NAME, label=LABEL, endpoint=settings.engine_endpoint, key_header="Authorization")
        stream = self._stream(settings, service)
        try:
            address, until = f"{settings.engine_endpoint}{JOBS}", context.deadline + GRACE
            async with aclosing(stream.lines(address, job, settings.engine_key, until=until)) as lines:
                while (event := await self._next(lines, context.deadline)) is not None:
                    yield event
        except TimeoutError as error:
            raise JobTimeout(
                "The engine did not finish the picture in time, so it was cancelled. Ask for a smaller picture or "
                "fewer steps; an admin can allow more time with JOB_TIMEOUT in the valves of FLUX Studio.",
                detail=str(job.get("model")),
            ) from error
        except Unavailable as error:
            raise EngineError(
                f"The engine at {settings.engine_endpoint} cannot be reached. An admin starts it with "
                "“studio.py engine” and checks ENGINE_URL in the valves of FLUX Studio.",
                detail=error.detail,
            ) from error

    async def _next(self, lines: AsyncGenerator[Event, None], deadline: float) -> Event | None:
        """The clock runs only while waiting here: over a yield it would strike in the middle of the caller's work."""
        async with asyncio.timeout(max(1.0, deadline - self._clock())):
            return await anext(lines, None)


def _require_address(settings: Settings) -> None:
    if not settings.engine_endpoint:
        raise ConfigurationError(
            "There is no engine yet. An admin starts one with “studio.py engine” and enters the address and the token "
            "that it prints as ENGINE_URL and ENGINE_API_KEY in the valves of FLUX Studio."
        )
    if not settings.engine_key:
        raise ConfigurationError(
            "The engine's token is missing. An admin enters what “studio.py engine” prints as ENGINE_API_KEY in the "
            "valves of FLUX Studio."
        )
