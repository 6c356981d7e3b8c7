"""The `apply` call: chosen drafts become one new message below everything else in the chat."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from ... import catalog
from ...captions import caption
from ...errors import InvalidRequest, NotPermitted
from ...jobs import JobRecord
from .. import files, messages, worker
from ..page_call import PageCall
from ..rights import FUNCTION
from . import claims
from .sessions import Session, session_of

MESSAGES = uuid.UUID("9a6ff2a2-70f4-4f3b-9d10-3c1e0f5f6c1e")
"""Namespace of the ids of our messages: the same request of the same person is the same message."""


async def apply(call: PageCall) -> dict[str, Any]:
    """Show drafts in the chat; {"state": "waiting"} while an answer is still being written there.

    Asking again with the same request never makes a second message.
    """
    session = await session_of(call)
    request, wanted = claims.read_uuid(call.data, "request"), claims.read_files(call.data)
    if session.temporary:
        raise NotPermitted("A temporary chat keeps no pictures; save the picture to your device instead.")
    rows = await worker.runner(session.app).store.of_session(str(session.user.id), session.id)
    chosen = _owners(rows, wanted)
    identifier = str(uuid.uuid5(MESSAGES, f"{session.user.id}/{session.chat}/{request}"))
    history = await messages.messages_of_chat(session.chat)
    if identifier in history:
        return {"message": identifier}
    if await messages.leaf_is_being_written(session.chat, session.app):
        return {"state": "waiting"}
    await _claim(session, chosen, wanted, identifier)
    above = len(messages.numbered(history, await messages.leaf_of_chat(session.chat)))
    shown = [ref for ref in files.refs(chosen) if ref.id in wanted]
    await messages.add_message(
        session.chat,
        identifier,
        user=str(session.user.id),
        model=_chat_model(history.get(session.message), chosen),
        content=f"{content_of(chosen, above + 1)}\n\n{ways_on(shown)}",
        files=shown,
    )
    return {"message": identifier}


def content_of(rows: Sequence[JobRecord], first: int | None = None) -> str:
    """One caption per model; with one model alone the pictures' numbers in the chat stand in it (pure)."""
    lines = []
    models = list(dict.fromkeys(row.model for row in rows))
    for model in models:
        card = catalog.CARDS.get(model)
        outcomes = [row.outcome for row in rows if row.model == model and row.outcome]
        lines.append(caption(card.label if card else model, outcomes, first if len(models) == 1 else None))
    return "\n\n".join(lines)


def ways_on(shown: Sequence[files.FileRef]) -> str:
    """What can be done with the pictures of a message (pure).

    The host answers every picture's address with a download, so full size is the host's own view behind the picture.
    A number alone in brackets would be a citation to the host.
    """
    addresses = [f"{ref.url}?attachment=true" for ref in shown]
    if len(addresses) == 1:
        links = f"[Download original]({addresses[0]})"
    else:
        links = ", ".join(f"[Download original {number}]({address})" for number, address in enumerate(addresses, 1))
    return f"Press the picture to open it in full size · {links} · *Edit area* repeats the edit with other settings"


def _owners(rows: Sequence[JobRecord], wanted: Sequence[str]) -> list[JobRecord]:
    """The jobs that made these pictures, in the order wanted; raises InvalidRequest for a picture of none of them."""
    made = {file: row for row in rows if row.outcome and row.finished for file in row.outcome.files}
    unknown = [file for file in wanted if file not in made]
    if unknown:
        raise InvalidRequest("pictures", unknown[0], "results of this editor")
    return list({made[file].id: made[file] for file in wanted}.values())


async def _claim(session: Session, rows: Sequence[JobRecord], wanted: Sequence[str], message: str) -> None:
    """First no cleaning may take the pictures, then they are shown: a crash between leaves a picture too many."""
    store = worker.runner(session.app).store
    for row in rows:
        await store.show_draft(row.id, message=message)
    await files.claim_drafts(wanted, user=session.user, chat=session.chat, message=message)


def _chat_model(pressed: Any, rows: Sequence[JobRecord]) -> str:
    """The model of the pressed message, so that the host shows the same buttons below the new one."""
    model = (pressed or {}).get("model")
    return str(model) if model else f"{FUNCTION}.{rows[0].model}"
