"""The use cases a plugin calls: a checked request becomes jobs, jobs become kept pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from . import drawings
from .catalog import ModelCard
from .catalog.price import price
from .edits import Edit
from .errors import StudioError
from .jobs import EDIT, JobRecord, JobRunner, request_to_json
from .providers import provider
from .settings import Settings
from .types import JobState, Picture, Request

STOPPED_BEFORE = (
    "This picture was stopped before it was ready; what was ordered is kept among your files as a draft. "
    "Send the message again for a new one."
)

GONE = "The record of this picture is gone: its chat was deleted meanwhile."

Report = Callable[[int, JobState], Awaitable[None]]
"""Called with the place of a picture within its message and the new state of its job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Whose request this is and where its pictures go."""

    user: str
    request_id: str
    """The caller's own id of this request; asking again with it never makes a second job."""
    chat: str = ""
    message: str = ""
    session: str = ""
    """Id of the editor session, empty for requests of the chat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How one job ended: a kept picture (record.outcome) or an error."""

    index: int
    record: JobRecord | None = None
    error: StudioError | None = None


def split(request: Request, card: ModelCard) -> list[Request]:
    """Cut a request for several pictures into one request per provider task, seeds counted up."""
    parts: list[Request] = []
    for start in range(0, request.count, card.pictures_per_job):
        seed = None if request.seed is None else (request.seed + start) % 2**32
        parts.append(replace(request, count=min(card.pictures_per_job, request.count - start), seed=seed))
    return parts


def plan(request: Request, card: ModelCard, settings: Settings, errand: Errand) -> list[tuple[JobRecord, Request]]:
    """Return one job record for each part of a checked request; nothing is stored or sent yet."""
    account = provider(card.provider).account(settings)
    return [(_record(part, index, card, account, errand), part) for index, part in enumerate(split(request, card))]


def _record(part: Request, index: int, card: ModelCard, account: str, errand: Errand) -> JobRecord:
    estimate = price(card, part)
    return JobRecord(
        user=errand.user,
        request_id=f"{errand.request_id}:{index}",
        chat=errand.chat,
        message=errand.message,
        index=index,
        task=part.task,
        model=card.name,
        provider=card.provider,
        account=account,
        request=request_to_json(part),
        pictures=part.count,
        amount=estimate.amount if estimate else None,
        currency=estimate.currency if estimate else "credits",
    )


def plan_edit_jobs(
    request: Request,
    edit: Edit,
    original: Picture,
    card: ModelCard,
    settings: Settings,
    errand: Errand,
    markup: bytes = b"",
) -> list[tuple[JobRecord, Request]]:
    """Return the job records of one edit (inpaint, erase, expand); the results are drafts until they are applied.

    `request` is what the model gets; the file id of the original is kept together with mask, drawing and work area,
    so that any worker can send it again or put the answer back.
    """
    source = {"pictures": [original.file], "hashes": [original.id]}
    kept = {"task": edit.task, **source, "masked": True, EDIT: edit.to_json(), **drawings.kept(markup)}
    planned = plan(request, card, settings, errand)
    drafts = [replace(record, task=edit.task, place="draft", session=errand.session) for record, _ in planned]
    requests = [{**(record.request or {}), **kept} for record in drafts]
    return [
        (replace(record, request=whole), part)
        for record, whole, (_, part) in zip(drafts, requests, planned, strict=True)
    ]


def plan_whole_jobs(
    request: Request, original: Picture, card: ModelCard, settings: Settings, errand: Errand, markup: bytes = b""
) -> list[tuple[JobRecord, Request]]:
    """Return the job records of an edit without a mask; the results are drafts until they are applied."""
    source = {"pictures": [original.file], "hashes": [original.id], **drawings.kept(markup)}
    return [
        (replace(record, place="draft", session=errand.session, request={**(record.request or {}), **source}), part)
        for record, part in plan(request, card, settings, errand)
    ]


async def make_pictures(
    jobs: Sequence[tuple[JobRecord, Request]], card: ModelCard, settings: Settings, runner: JobRunner, report: Report
) -> list[Finished]:
    """Run all jobs side by side; one that fails does not stop the others.

    Cancelling the caller cancels every job, each in the way its phase allows (see JobRunner.run).
    """

    async def one(record: JobRecord, part: Request) -> Finished:
        try:
            # closed at once, so that a Stop while reporting ends the job before anybody asks for its fate
            async with aclosing(runner.run(record, part, card, settings)) as states:
                async for state in states:
                    await report(record.index, state)
            found = await runner.find(record)
        except StudioError as error:
            return Finished(index=record.index, error=error)
        if found is None or found.outcome is None:
            return Finished(index=record.index, error=StudioError(GONE))
        if found.place == "draft":  # the same answer was asked for again after a Stop
            return Finished(index=record.index, error=StudioError(STOPPED_BEFORE))
        return Finished(index=record.index, record=found)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(record, part)) for record, part in jobs]
    return [task.result() for task in tasks]
