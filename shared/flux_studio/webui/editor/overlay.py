"""The button's press: one short script in the host's page that lays the editor over it."""

from __future__ import annotations

import asyncio
import json
import pkgutil
from collections.abc import Mapping
from typing import Any

from ...errors import ConfigurationError, InvalidRequest, StudioError
from ..caller import EventCall
from ..page_call import PageCall
from ..stored import EDITOR
from .opening import first_picture
from .sessions import desk

ANSWERS_WITHIN = 8.0
"""Seconds for the script to say "opened"; where a site forbids it, it never answers."""

SCRIPTS = ("tab.js", "plain.js", "bridge.js")

REFUSED = (
    "This site does not let the editor open: its security policy (Content-Security-Policy) forbids scripts of plugins. "
    "Your admin can allow 'unsafe-eval' and 'unsafe-inline'. Until then, attach the picture and a black-and-white mask "
    "(white = repaint) to a message for a model that takes several pictures, and say what the white area should show."
)

BLOCKED = "Your browser did not allow a new tab for this site, so the editor stays here. Allow pop-ups and press again."
ORPHANED = (
    "The chat this editor belongs to was closed or loaded anew. Your work is kept: "
    "press Edit area below the picture again, then close this tab."
)


async def press(body: Mapping[str, Any], user: Any, app: Any, ask: EventCall, page: str) -> None:
    """Open the editor on the pressed message's newest picture, else on the chat's.

    Raises NotPermitted, InvalidRequest without any picture, ConfigurationError where the host's page runs no scripts.
    """
    place = await desk(PageCall(user=user, app=app, body=body, data={}))
    picture = await first_picture(place)
    if picture is None:
        raise InvalidRequest(
            "message", "this chat", "a chat with a picture", sentence="There is no picture in this chat yet."
        )
    await show(body, user, ask, page, picture=picture)


async def show(body: Mapping[str, Any], user: Any, ask: EventCall, page: str, *, picture: str, mode: str = "") -> None:
    """Lay the editor over the host's page with one picture, in a mode of the page; raises as `press` does.

    The rights are asked in each of the page's own calls.
    """
    context = {
        "mode": mode,
        "action": f"/api/chat/actions/{EDITOR}",
        "user": str(user.id),
        "picture": picture,
        "body": {name: body.get(name) for name in ("model", "chat_id", "id", "session_id")},
        "title": "Edit area",
        "opening": "Opening the editor …",
        "leave": "Close",
        "refused": REFUSED,
        "blocked": BLOCKED,
        "orphaned": ORPHANED,
    }
    try:
        said = await asyncio.wait_for(ask({"type": "execute", "data": {"code": script(context, page)}}), ANSWERS_WITHIN)
    except TimeoutError as error:
        raise ConfigurationError(REFUSED, detail="execute was not answered") from error
    if said not in ("opened", "focused"):
        raise StudioError(
            "The editor could not be opened; reload this page and press the button again.", detail=f"{said!r}"
        )


def script(context: Mapping[str, Any], page: str) -> str:
    """What runs in the host's page: the bridge, its data as JSON, one call that never throws (pure)."""
    sources = [(pkgutil.get_data(__package__, name) or b"").decode() for name in SCRIPTS]
    call = f"return openFluxStudioEditor({as_script(context)}, {as_script(page)});"
    return f"{''.join(sources)}\ntry {{ {call} }} catch (error) {{ return {{ error: String(error) }}; }}"


def as_script(value: object) -> str:
    """JSON that is safe inside a script, whatever it holds (pure)."""
    # everything outside ASCII is escaped by json.dumps, U+2028 and U+2029 among it
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c")
