"""The press of the button: what script goes to the host's page, and what a dead page is told."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest

from flux_studio.errors import ConfigurationError, InvalidRequest, NotPermitted, StudioError
from flux_studio.webui.editor import overlay
from tests.webui.editor.studio import ANN, BEN, CHAT, MESSAGE

PAGE = "<script>alert('\u2028 </script>')</script>"


def body(**more):
    return {
        "model": "m",
        "chat_id": CHAT,
        "id": MESSAGE,
        "session_id": "socket",
        "messages": [{"content": "x"}],
        **more,
    }


class Tab:
    """The host's page: answers an `execute`, or does not."""

    def __init__(self, says="opened"):
        self.says = says
        self.asked = []

    async def __call__(self, event):
        self.asked.append(event)
        if self.says is None:
            await asyncio.Event().wait()
        return self.says


async def press(tab, user=ANN, **more):
    await overlay.press(body(**more), user, SimpleNamespace(), tab, PAGE)


@pytest.mark.parametrize("says", ["opened", "focused"])
async def test_one_short_script_is_sent(studio, says):
    tab = Tab(says)
    await press(tab)
    (event,) = tab.asked
    code = event["data"]["code"]
    assert event["type"] == "execute"
    assert "try { return openFluxStudioEditor({" in code
    assert studio.picture in code
    assert "secret-key" not in code
    assert '"messages"' not in code.partition("try { return")[2].partition(PAGE[:7])[0]


async def test_data_cannot_break_out_of_the_script(studio):
    tab = Tab()
    await press(tab, model='</script><script>"\u2028')
    call = tab.asked[0]["data"]["code"].partition("try { return openFluxStudioEditor(")[2]
    assert "<" not in call
    assert "\u2028" not in call
    context, end = json.JSONDecoder().raw_decode(call)
    page, _ = json.JSONDecoder().raw_decode(call[end:].lstrip(", "))
    assert context["body"]["model"] == '</script><script>"\u2028'
    assert page == PAGE
    assert set(context["body"]) == {"model", "chat_id", "id", "session_id"}


async def test_a_page_that_runs_no_scripts_is_explained(studio, monkeypatch):
    monkeypatch.setattr(overlay, "ANSWERS_WITHIN", 0.01)
    with pytest.raises(ConfigurationError, match="Content-Security-Policy"):
        await press(Tab(None))


@pytest.mark.parametrize("says", [{"error": "Client session disconnected."}, False, None.__class__, 5])
async def test_any_other_answer_is_no_success(studio, says):
    with pytest.raises(StudioError, match="could not be opened"):
        await press(Tab(says))


async def test_nothing_opens_in_a_foreign_chat_or_without_picture(studio):
    tab = Tab()
    with pytest.raises(NotPermitted):
        await press(tab, user=BEN)
    studio.chats[CHAT][MESSAGE] = studio.answer()
    with pytest.raises(InvalidRequest, match="no picture in this chat"):
        await press(tab)
    assert tab.asked == []


async def test_a_message_without_picture_opens_the_newest_of_its_chat(studio):
    studio.chats[CHAT]["empty"] = {"role": "assistant", "done": True, "timestamp": 9}
    tab = Tab()
    await press(tab, id="empty")
    assert studio.picture in tab.asked[0]["data"]["code"]
