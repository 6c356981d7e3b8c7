"""After a refusal: a gentler prompt below the message, sent by one press and never by itself."""

from __future__ import annotations

from ..cache import LeastRecentlyUsed
from ..commands.softening import advice, suggestion
from ..errors import Refused
from .caller import Caller

OFFERED: LeastRecentlyUsed[tuple[str, str], str] = LeastRecentlyUsed(256)
"""Chat and message -> what was offered, until the host asks the model for its follow-ups, seconds later."""


async def coached(caller: Caller, refusal: Refused, question: str, prompt: str) -> Refused:
    """Offer the gentler prompt as a follow-up of this message; returns the refusal with the words to copy."""
    message = suggestion(question, prompt, refusal.reasons)
    if caller.emit:
        OFFERED.put((caller.chat, caller.message), message)
        await caller.emit({"type": "chat:message:follow_ups", "data": {"follow_ups": [message]}})
    if caller.saved and caller.message:
        await _keep(caller, message)
    return Refused(
        f"{refusal.sentence} {advice(message)}",
        stage=refusal.stage,
        reasons=refusal.reasons,
        detail=refusal.detail,
    )


def offered(chat: str, message: str) -> list[str]:
    """The follow-ups of an answer; the host's own task for them asks here, and writes what it gets."""
    found = OFFERED.get((chat, message))
    return [] if found is None else [found]


async def _keep(caller: Caller, message: str) -> None:
    """The host keeps what it suggests itself with the message; so that ours survives a reload, so do we."""
    from open_webui.models.chats import Chats

    await Chats.upsert_message_to_chat_by_id_and_message_id(caller.chat, caller.message, {"followUps": [message]})
