"""OpenAI's image models, and servers that speak the same protocol: one call makes one picture, shown as it grows."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from ..catalog.card import ModelCard
from ..catalog.openai import SERVER_MODEL
from ..catalog.price import price
from ..errors import ConfigurationError, InvalidRequest, JobLost, JobTimeout, StudioError, UnexpectedResponse
from ..http import CallFailed, HttpClient, Service
from ..http.failures import final_error
from ..http.origins import PRINTABLE
from ..http.sdk import SdkTransport
from ..settings import Settings
from ..types import JobHandle, JobState, Picture, Request, Result, Running, Succeeded
from . import openai_errors, openai_sdk
from .base import RunContext
from .bfl_answers import SANDBOX_HEADER, SANDBOX_NOTE
from .openai_answers import COMPLETED, PARTIAL, Delivered, cost_of, decoded, read_answer, read_event
from .openai_errors import NAME, Speaker
from .openai_request import Order, build_order
from .openai_servers import Connection, connection, profile_of

LEAST_PATIENCE = 300.0
"""Seconds a picture always gets: high quality takes minutes, and giving up loses a paid picture."""


class OpenAIImages:
    """OpenAI and Azure with the models of the catalog. A job ends with its call, so nothing can be taken up again."""

    name = NAME
    resume_by: Literal["handle", "rerun", "nothing"] = "nothing"

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def configured(self, settings: Settings) -> bool:
        """Whether a key is set, or comes from the host or from people, and the server has OpenAI's own models."""
        known = bool(settings.openai_key) or settings.allow_user_keys or settings.openai_connection != "own key"
        return known and profile_of(settings).catalog

    def account(self, settings: Settings) -> str:
        """Host of the server and fingerprint of the key."""
        return f"{urlsplit(settings.openai_base_url).netloc} {settings.openai_key.fingerprint()}"

    async def run(self, request: Request, card: ModelCard, context: RunContext) -> AsyncIterator[JobState]:
        """Make one picture; half-finished ones come as previews.

        Raises ConfigurationError, InvalidRequest, Refused, JobTimeout without a handle (nothing can be looked at
        later), and the ProviderErrors; MaybeSubmitted means that a bill without a picture is possible.
        """
        job = Job(request, card, context, self._clock)
        async for state in job.states():
            yield state

    def resume(self, handle: JobHandle, card: ModelCard, context: RunContext) -> AsyncIterator[JobState]:
        """Impossible: the picture came with the answer or not at all."""
        raise JobLost(
            f"{profile_of(context.settings).label} hands a picture over only once. It may have been billed.",
            provider=NAME,
            request_id=handle.remote_id,
        )

    async def cancel(self, handle: JobHandle, context: RunContext) -> bool:
        """There is no way to cancel: what was asked for is billed."""
        return False


class OpenAIServer(OpenAIImages):
    """A server with models of its own (LocalAI, vLLM-Omni …), reached by the card "openai-server"."""

    name = "openai_server"

    def configured(self, settings: Settings) -> bool:
        """Whether an address of such a server is set, and the name of its model."""
        return not profile_of(settings).catalog and SERVER_MODEL in settings.openai_names


class Job:
    """One picture from the request to its bytes."""

    def __init__(self, request: Request, card: ModelCard, context: RunContext, clock: Callable[[], float]) -> None:
        settings = context.settings
        self._request, self._card, self._context, self._clock = request, card, context, clock
        self._profile = profile_of(settings)
        self._speaker = Speaker(label=self._profile.label, card=card)
        self._service = Service(name=NAME, label=self._profile.label, endpoint=settings.openai_base_url)
        self._until = max(context.deadline, clock() + LEAST_PATIENCE)
        self._notes: tuple[str, ...] = ()
        self._request_id = ""

    async def states(self) -> AsyncIterator[JobState]:
        """Previews as they come, then Succeeded."""
        context = self._context
        place = self._place()
        order = await asyncio.to_thread(
            build_order,
            self._request,
            self._card,
            context.settings,
            self._profile,
            model=place.model,
            person=context.user,
        )
        http = context.http.to(self._service)
        sdk = await openai_sdk.load()
        transport = SdkTransport(http, openai_sdk.http_library(sdk), place.headers, until=self._until)
        async with openai_sdk.opened(sdk, place, transport) as client:
            answer = await self._sent(sdk, client, order, transport, http)
            yield Running()
            delivered: Delivered | None = None
            async with aclosing(self._read(sdk, answer)) as parts:
                async for part in parts:
                    if isinstance(part, Delivered):
                        delivered = part
                        break  # previews may still follow, and the line may break: nobody needs either
                    yield part
            async for state in self._finished(delivered, place, http):
                yield state

    def _place(self) -> Connection:
        settings = self._context.settings
        key = settings.openai_key.reveal()
        if not key and self._profile.catalog:
            raise ConfigurationError(_no_key(self._profile.label, settings))
        if key and not PRINTABLE.fullmatch(key):
            raise ConfigurationError(
                f"The API key for {self._profile.label} has blanks or line breaks inside. "
                "An admin should enter it again in the valves of FLUX Studio."
            )
        return connection(settings, self._card.name)

    async def _sent(self, sdk: Any, client: Any, order: Order, transport: SdkTransport, http: HttpClient) -> Any:
        """Send until it surely arrived; the answer may still be under way."""

        async def attempt() -> Any:
            await self._context.submitting()
            try:
                answer = await openai_sdk.send(client, order, transport)
            except sdk.OpenAIError as error:
                raise self._translated(error, repeatable=True) from error
            self._note(transport.answered)
            return answer

        try:
            return await http.repeat_paid(attempt, until=self._until)
        except StudioError as error:
            raise self._in_time(error) from error

    async def _read(self, sdk: Any, answer: Any) -> AsyncGenerator[Running | Delivered, None]:
        if answer is None or isinstance(answer, Mapping):
            found = read_answer(answer)
            if found is not None:
                yield found
            return
        try:
            async with aclosing(openai_sdk.events(answer)) as events:
                async for event in events:
                    part = await self._part(event)
                    if part is not None:
                        yield part
        except (sdk.OpenAIError, CallFailed, *_transport_errors(sdk)) as error:
            raise self._broken(error) from error

    async def _part(self, event: Mapping[str, Any]) -> Running | Delivered | None:
        """What one event brings; unknown ones bring nothing."""
        kind = event.get("type")
        if kind in COMPLETED:
            return read_event(event)
        if kind not in PARTIAL:
            return None
        index, expected = event.get("partial_image_index"), self._request.options.get("previews", 2)
        known = type(index) is int and type(expected) is int
        progress = min(0.95, (index + 1) / (expected + 1)) if known else None  # type: ignore[operator]
        preview = await asyncio.to_thread(_picture, decoded(str(event.get("b64_json") or "")))
        return Running(progress=progress, preview=preview) if preview else None

    async def _finished(
        self, delivered: Delivered | None, place: Connection, http: HttpClient
    ) -> AsyncIterator[JobState]:
        if delivered is None:
            raise self._useless("ended without a picture")
        await self._context.submitted(self._handle())
        await self._context.downloading()
        picture = await self._fetched(delivered, place, http)
        cost = cost_of(delivered.usage, self._card) or price(self._card, self._request)
        yield Succeeded(
            result=Result(
                pictures=(picture,),
                model=self._card.name,
                prompt=delivered.prompt,
                cost=cost,
                request_id=self._request_id,
                notes=self._notes,
            )
        )

    async def _fetched(self, delivered: Delivered, place: Connection, http: HttpClient) -> Picture:
        data = await asyncio.to_thread(decoded, delivered.base64) if delivered.base64 else None
        if data is None and delivered.url:
            data = await http.download(urljoin(f"{place.base_url}/", delivered.url), at_home=place.headers)
        picture = await asyncio.to_thread(_picture, data)
        if picture is None:
            raise self._useless("delivered something that is not a usable picture")
        return picture

    def _handle(self) -> JobHandle:
        now = self._clock()
        unique = self._request_id or hashlib.sha256(f"{now} {id(self)}".encode()).hexdigest()[:16]
        return JobHandle(provider=NAME, remote_id=unique, submitted_at=now, deadline=self._until, notes=self._notes)

    def _note(self, headers: Mapping[str, str]) -> None:
        self._request_id = headers.get("x-request-id", "")[:200]
        self._notes = (SANDBOX_NOTE,) if headers.get(SANDBOX_HEADER) else ()

    def _translated(self, error: Exception, *, repeatable: bool) -> Exception:
        """What the SDK raised, as CallFailed where the rules of repetition decide, else as our error."""
        own = openai_errors.unsent(error)
        if own is not None:
            return own
        said = openai_errors.read(error, self._clock())
        again = openai_errors.may_repeat(said) if repeatable else None
        return again or openai_errors.studio_error(said, self._speaker, "input" if repeatable else "output")

    def _broken(self, error: Exception) -> StudioError:
        """The error of an answer that broke off: it was sent, so it may have been billed."""
        found = error if isinstance(error, CallFailed) else self._translated(error, repeatable=False)
        if isinstance(found, StudioError):
            return self._in_time(found)
        return self._in_time(final_error(CallFailed("broken", str(found)), "paid", self._service))

    def _in_time(self, error: StudioError) -> StudioError:
        """The same error, or the deadline's when that has passed meanwhile."""
        if self._clock() < self._until:
            return error
        return JobTimeout(
            f"{self._profile.label} did not finish the picture in time. It may have been billed and is not repeated; "
            "an admin can allow more time with JOB_TIMEOUT in the valves of FLUX Studio.",
            detail=error.detail,
        )

    def _useless(self, what: str) -> UnexpectedResponse:
        return UnexpectedResponse(
            f"{self._profile.label} {what}. It may have been billed and is not repeated by itself.",
            provider=NAME,
            request_id=self._request_id,
            detail=f"{self._request_id}: {what}",
        )


def _transport_errors(sdk: Any) -> tuple[type[Exception], ...]:
    """What version 2 lets through while a stream is read; version 3 wraps it."""
    return (openai_sdk.http_library(sdk).HTTPError, openai_sdk.http_library(sdk).StreamError)


def _picture(data: bytes | None) -> Picture | None:
    from ..imaging.decode import inspect

    try:
        return inspect(data) if data else None
    except InvalidRequest:
        return None


def _no_key(label: str, settings: Settings) -> str:
    if settings.openai_connection != "own key":
        return (
            "Open WebUI itself has no OpenAI key in the settings that OPENAI_CONNECTION names. An admin has to enter "
            "one there, or choose “own key” in the valves of FLUX Studio."
        )
    own = "Enter your own as OPENAI_API_KEY in your valves of FLUX Studio, or an admin"
    who = own if settings.allow_user_keys else "An admin"
    return (
        f"There is no key for {label} yet. {who} has to set OPENAI_API_KEY in the valves of FLUX Studio; "
        "keys are made at platform.openai.com."
    )
