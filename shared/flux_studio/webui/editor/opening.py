"""The `open` call: the picture, the chat's other pictures, the models, and what is still under way."""

from __future__ import annotations

from typing import Any

from ...errors import InvalidRequest, NotPermitted, StorageError, StudioError
from .. import files, worker
from ..messages import all_pictures, messages_of_chat, picture_ids
from ..page_call import PageCall
from . import claims
from .answers import model_json, unapplied
from .choice import usable_cards, workbench
from .sessions import Desk, Session, desk

MOST_PICTURES = 50


async def open_session(call: PageCall) -> dict[str, Any]:
    """Open a picture: the one that is named, else the newest of the pressed message, else of the chat."""
    place = await desk(call)
    found = await _chat_pictures(place)
    named = None if call.data.get("picture") is None else claims.read_uuid(call.data, "picture")
    chosen = named or await first_picture(place)
    if chosen is None:
        raise InvalidRequest("picture", "none", "a picture", sentence="There is no picture in this chat yet.")
    facts = await files.facts(chosen, user=place.user, own_only=place.temporary)
    session = place.session(chosen)
    bench = await workbench(session)
    rows = await worker.runner(place.app).store.of_session(str(place.user.id), session.id)
    return {
        "session": session.id,
        "picture": _row(facts),
        "pictures": await _described(session, found[:MOST_PICTURES]),
        "more": len(found) > MOST_PICTURES,
        "models": [model_json(card, bench.settings, bench.valves) for card in await usable_cards(session, bench)],
        "jobs": unapplied(rows),
        "source": await _source(session),
    }


async def first_picture(place: Desk) -> str | None:
    """File id of the newest picture of the pressed message, else of its chat; None when there is none."""
    if not place.temporary:
        record = (await messages_of_chat(place.chat)).get(place.message) or {}
        own = picture_ids(record)
        if own:
            return own[0]
    return next((file for file, _ in await _chat_pictures(place)), None)


async def _source(session: Session) -> str | None:
    """File id of the picture this one was made of, where this person can still open it."""
    recipe = await files.recipe_of(session.picture, user=session.user)
    parent = recipe.parents[0] if recipe and recipe.parents else None
    if parent is None:
        return None
    try:
        await files.facts(parent, user=session.user, own_only=session.temporary)
    except (NotPermitted, StorageError, InvalidRequest) as error:
        _skipped(error)
        return None
    return parent


async def _chat_pictures(place: Desk) -> list[tuple[str, str]]:
    if place.temporary:
        made = await files.of_chat(place.chat, user=place.user, limit=MOST_PICTURES + 1)
        return [(file, place.message) for file in made]
    return all_pictures(await messages_of_chat(place.chat))


async def _described(session: Session, found: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Rows for the picker; a picture that is gone or of a type nobody can edit is left out."""
    rows = []
    for file, message in found:
        try:
            facts = await files.facts(file, user=session.user, own_only=session.temporary)
        except (NotPermitted, StorageError, InvalidRequest) as error:
            _skipped(error)
            continue
        rows.append({**_row(facts), "message": message})
    return rows


def _row(facts: files.FileFacts) -> dict[str, Any]:
    return {"id": facts.id, "width": facts.size.width, "height": facts.size.height, "mime": facts.mime}


def _skipped(error: StudioError) -> None:
    import logging

    logging.getLogger("flux_studio.editor").debug("not offered: %s", error.detail)
