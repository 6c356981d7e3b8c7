"""What the job runner needs of Open WebUI: keep pictures, show results, find settings and inputs again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .. import catalog, drawings, edits, logs, recipes
from ..captions import caption, literal
from ..catalog import CARDS
from ..errors import StorageError
from ..jobs import JobRecord, JobStore, Outcome, outcome_of, picture_files, request_from_json
from ..settings import Settings
from ..types import Picture, Request, Result
from . import files
from .messages import first_number, write_answer
from .stored import stored_editor_settings, stored_settings

log = logging.getLogger("flux_studio.keeper")


class HostKeeper:
    """The job runner's Keeper on top of the host's files and chats."""

    def __init__(self, app: Any, store: JobStore) -> None:
        self._app = app
        self._store = store

    async def keep(self, record: JobRecord, result: Result, settings: Settings) -> Outcome:
        """Store the pictures of one job under its user; raises StorageError."""
        user = await _user(record)
        finished = await _finished(record, result, user)
        draft = record.place == "draft"
        recipe = recipes.write(record.request or {}, finished.result, job=record.id, draft=draft)
        pictures = finished.result.pictures
        if settings.embed_recipe and not recipes.is_private(record.request or {}):
            pictures = await asyncio.to_thread(_inscribed, pictures, recipe)
        kept = [
            await files.keep(
                picture,
                user=user,
                app=self._app,
                recipe=recipe,
                chat=record.chat,
                message=record.message,
                place=record.index,
                linked=not record.temporary and not draft,
            )
            for picture in pictures
        ]
        if finished.protected is not None:
            await _require_kept(kept, pictures)
        outcome = outcome_of(finished.result, [file.id for file in kept])
        return replace(outcome, protected=finished.protected, changed=finished.changed)

    async def deliver(self, record: JobRecord) -> bool:
        """Write all that is known of a message into it: pictures, one caption, one sentence per failure."""
        if record.place == "draft":
            await self._mark_drafts(record)
            return True
        if record.temporary or not record.chat or not record.message:
            return True
        siblings = [job for job in await self._store.of_message(record.chat, record.message) if job.id != record.id]
        jobs = sorted([*siblings, record], key=lambda job: job.index)
        shown = [job for job in jobs if job.place == "message"]
        written = await write_answer(
            record.chat,
            record.message,
            user=record.user,
            content=answer_text(shown, await first_number(record.chat, record.message)),
            files=files.refs(shown),
            done=all(job.finished or job.phase == "stored" for job in jobs),
        )
        if not written:
            log.info("job %s: its message is gone, the picture stays among the files", record.id)
        return True

    async def _mark_drafts(self, record: JobRecord) -> None:
        """A Stop while the picture was being stored comes too late for `keep` to know of it."""
        for identifier in record.outcome.files if record.outcome else ():
            await files.set_draft(identifier, True)

    async def settings_for(self, record: JobRecord | None) -> Settings:
        """The settings as they are now, with the own key of the job's user where that is allowed."""
        if record is not None and record.session:
            settings = (await stored_editor_settings(record.user))[0]
        else:
            settings = await stored_settings(record.user if record else None)
        logs.configure(settings)  # after a start the sweep may be the first to have something to say
        return settings

    async def rebuild(self, record: JobRecord) -> Request:
        """Make the request of an interrupted job again, its pictures read anew; raises StorageError."""
        user = await _user(record)
        pictures = [await files.read(identifier, user=user) for identifier in picture_files(record.request)]
        request = request_from_json(record.request or {}, pictures)
        return await asyncio.to_thread(_as_sent, record, request, pictures)

    async def discard(self, record: JobRecord) -> None:
        """Remove the files of a draft nobody wanted, or of a temporary chat a day later.

        A picture that is in a stored chat by now stays: Save Chat keeps a temporary chat with the same files.
        """
        for identifier in record.outcome.files if record.outcome else ():
            if not await files.is_used(identifier, user=record.user):
                await files.delete(identifier)


def answer_text(records: Sequence[JobRecord], first: int | None = None) -> str:
    """The text of an answer from its job records alone; its pictures count from `first` on (pure)."""
    outcomes = [record.outcome for record in records if record.outcome and record.place == "message"]
    card = CARDS.get(records[0].model) if records else None
    lines = [caption(card.label if card else records[0].model, outcomes, first)] if outcomes else []
    lines += [literal(record.error) for record in records if record.phase == "failed" and record.error]
    return "\n\n".join(dict.fromkeys(lines))


def _as_sent(record: JobRecord, wish: Request, pictures: Sequence[Picture]) -> Request:
    """What the model gets of an edit; any other request is the wish itself. Decodes: use a thread."""
    edit, markup = edits.edit_of(record.request), drawings.markup_of(record.request)
    if edit is not None:
        return edits.provider_request(edit, pictures[0], wish, catalog.card(record.model), markup)
    return edits.whole_request(pictures[0], wish, catalog.card(record.model), markup) if markup else wish


async def _finished(record: JobRecord, result: Result, user: Any) -> edits.Finished:
    """Put the answer to an edit back into its original; any other result is finished as it is."""
    edit = edits.edit_of(record.request)
    if edit is None or not edit.protect:
        return edits.Finished(result=result)
    original = await files.read((record.request or {})["pictures"][0], user=user)
    return await asyncio.to_thread(edits.finish, edit, original, result)


def _inscribed(pictures: Sequence[Picture], recipe: recipes.Recipe) -> tuple[Picture, ...]:
    """The pictures with their recipe inside."""
    return tuple(recipes.embed(picture, recipe) for picture in pictures)


async def _require_kept(kept: Sequence[files.FileRef], pictures: Sequence[Picture]) -> None:
    """The proof of an edit counts for the stored bytes, so they are compared once more."""
    for reference, picture in zip(kept, pictures, strict=True):
        if not await files.is_kept(reference, picture):
            raise StorageError("The server did not keep the picture as it was made.", detail=f"file {reference.id}")


async def _user(record: JobRecord) -> Any:
    from open_webui.models.users import Users

    user = await Users.get_user_by_id(record.user)
    if user is None:
        raise StorageError("The account this picture belongs to is gone.", detail=f"job {record.id}")
    return user
