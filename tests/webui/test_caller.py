"""What a call of the host says about where its answer goes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from flux_studio.webui.caller import caller
from tests.webui.host_doubles import put


@pytest.fixture(autouse=True)
def host(monkeypatch):
    class Users:
        @staticmethod
        async def get_user_by_id(identifier):
            return SimpleNamespace(id=identifier, role="user", name="Ann")

    put(monkeypatch, "open_webui.models.users", Users=Users)
    put(
        monkeypatch,
        "open_webui.utils.chat_id",
        is_saved_chat_id=lambda chat: bool(chat) and not chat.startswith(("temporary:", "local:", "channel:")),
        is_temporary_chat_id=lambda chat: bool(chat) and chat.startswith(("temporary:", "local:")),
    )


async def call(**metadata):
    async def emit(event):
        raise AssertionError("nobody listens")

    return await caller({"id": "ann"}, SimpleNamespace(app=None), metadata, emit)


async def test_a_message_id_without_a_chat_is_no_place_for_pictures():
    """A direct API call may send any `id`; its answer must carry the pictures itself."""
    assert (await call(chat_id="", message_id="m")).emit is None
    assert (await call(chat_id="c", message_id="m")).emit is not None
    assert (await call(chat_id="temporary:s", message_id="m")).emit is not None


@pytest.mark.parametrize(
    ("chat", "saved", "temporary", "channel"),
    [
        ("", False, False, False),
        ("c", True, False, False),
        ("temporary:s", False, True, False),
        ("local:s", False, True, False),
        ("channel:x", False, False, True),
    ],
)
async def test_kinds_of_chats(chat, saved, temporary, channel):
    found = await call(chat_id=chat, message_id="m")
    assert (found.saved, found.temporary, found.channel) == (saved, temporary, channel)


@pytest.mark.parametrize("timestamp", [1e20, 1e13, float("nan"), 0])
async def test_a_time_no_clock_shows_is_left_out(timestamp):
    found = await call(chat_id="c", message_id="m")
    found.user.timezone = "Europe/Berlin"
    assert found.clock(timestamp) == ""
    assert found.clock(1_700_000_000) == "23:13"
