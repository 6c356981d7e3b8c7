"""Editor sessions: who works on which picture of which message, sealed so that any worker can tell."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from ...errors import InvalidRequest, NotPermitted
from .. import rights
from ..page_call import PageCall

LONGEST_ID = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One picture of one message in one chat of one person; the same four make the same session."""

    id: str
    """The picture's file id, a dot, and a seal over all four."""
    user: Any
    app: Any
    chat: str
    message: str
    picture: str
    temporary: bool
    """A chat the host does not keep: its id proves nothing, so only the caller's own files count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where a call comes from, after its rights were asked."""

    user: Any
    app: Any
    chat: str
    message: str
    temporary: bool

    def session(self, picture: str) -> Session:
        return Session(
            id=f"{picture}.{_seal(str(self.user.id), self.chat, self.message, picture)}",
            user=self.user,
            app=self.app,
            chat=self.chat,
            message=self.message,
            picture=picture,
            temporary=self.temporary,
        )


async def desk(call: PageCall) -> Desk:
    """Ask the rights of every call anew: the image permission, and the chat that the call claims.

    Raises NotPermitted; InvalidRequest when chat or message are no texts.
    """
    from open_webui.utils.chat_id import is_temporary_chat_id

    chat, message = (_identifier(call.body.get(name), name) for name in ("chat_id", "id"))
    await rights.require_image_permission(call.user)
    temporary = bool(is_temporary_chat_id(chat))
    if not temporary:
        await rights.require_own_chat(call.user, chat)
    return Desk(user=call.user, app=call.app, chat=chat, message=message, temporary=temporary)


async def session_of(call: PageCall) -> Session:
    """The session a call names; raises NotPermitted when it is somebody else's, or of another message."""
    claimed = call.text("session")
    session = (await desk(call)).session(claimed.rpartition(".")[0])
    if not hmac.compare_digest(session.id.encode(), claimed.encode()):
        raise NotPermitted(
            "This editor belongs to another chat or account; close it and open it again.",
            detail=f"session {claimed[:LONGEST_ID]} for {call.user.id}",
        )
    return session


def _seal(*parts: str) -> str:
    from open_webui.env import WEBUI_SECRET_KEY

    text = json.dumps(["flux_studio editor", *parts])
    return hmac.new(str(WEBUI_SECRET_KEY).encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def _identifier(value: object, name: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_ID:
        raise InvalidRequest(name, value, "an id of the host")
    return value
