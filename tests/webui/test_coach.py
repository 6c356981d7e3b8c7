"""After a refusal the gentler prompt lies below the message, for one press, now and after a reload."""

from __future__ import annotations

import json
from types import SimpleNamespace

from flux_studio.errors import Refused
from flux_studio.webui.caller import Caller
from flux_studio.webui.coach import coached
from flux_studio.webui.tasks import reply
from tests.webui.host_doubles import Chats, host_chats

REFUSAL = Refused("Black Forest Labs refused the input: Violence.", stage="input", reasons=("Violence",), detail="t-1")
GENTLER = "Peaceful, nobody hurt: a dramatic knight --n 2"


async def refused(monkeypatch, chat="c", emit=True):
    """Returns the new refusal, the events of the tab and what the host keeps of the message."""
    chats = Chats(m={"role": "assistant", "content": ""})
    host_chats(monkeypatch, chats)
    events = []

    async def emitter(event):
        events.append(event)

    caller = Caller(user=SimpleNamespace(id="ann"), app=None, chat=chat, message="m", emit=emitter if emit else None)
    error = await coached(caller, REFUSAL, "a bloody knight --n 2", "a bloody knight")
    return error, events, chats.messages["m"]


async def test_the_suggestion_is_a_button_now_and_after_a_reload(monkeypatch):
    error, events, kept = await refused(monkeypatch)
    assert events == [{"type": "chat:message:follow_ups", "data": {"follow_ups": [GENTLER]}}]
    assert kept["followUps"] == [GENTLER]
    assert error.sentence == f"{REFUSAL.sentence} A gentler wording to try: “{GENTLER}”."
    assert (error.stage, error.reasons, error.detail) == ("input", ("Violence",), "t-1")


async def test_the_hosts_own_follow_ups_do_not_take_its_place(monkeypatch):
    """The host asks the model for follow-ups after every answer, a refused one too, and writes what it gets."""
    await refused(monkeypatch)
    asked = {"chat_id": "c", "message_id": "m", "messages": []}
    assert json.loads(reply("follow_up_generation", asked))["follow_ups"] == [GENTLER]
    assert json.loads(reply("follow_up_generation", {**asked, "message_id": "other"}))["follow_ups"] == []
    assert json.loads(reply("follow_up_generation", None))["follow_ups"] == []


async def test_a_temporary_chat_keeps_nothing(monkeypatch):
    _, events, kept = await refused(monkeypatch, chat="temporary:s")
    assert len(events) == 1
    assert "followUps" not in kept


async def test_a_call_of_the_api_gets_the_words(monkeypatch):
    error, events, _ = await refused(monkeypatch, chat="", emit=False)
    assert GENTLER in error.sentence
    assert events == []
