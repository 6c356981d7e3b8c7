"""After a refusal: a gentler prompt below the message, sent by one press and never by itself."""

from __future__ import annotations

from ..commands.softening import advice, suggestion
from ..errors import Refused
from .caller import Caller


async def coached(caller: Caller, refusal: Refused, question: str, prompt: str) -> Refused:
    """Offer the gentler prompt as a follow-up of this message; returns the refusal with the words to copy."""
    message = suggestion(question, prompt, refusal.reasons)
    if caller.emit:
        await caller.emit({"type": "chat:message:follow_ups", "data": {"follow_ups": [message]}})
    if caller.saved and caller.message:
        await _keep(caller, message)
    return Refused(
        f"{refusal.sentence} {advice(message)}",
        stage=refusal.stage,
        reasons=refusal.reasons,
        detail=refusal.detail,
    )


async def _keep(caller: Caller, message: str) -> None:
    """The host keeps what it suggests itself with the message; so that ours survives a reload, so do we."""
    from open_webui.models.chats import Chats

    await Chats.upsert_message_to_chat_by_id_and_message_id(caller.chat, caller.message, {"followUps": [message]})
