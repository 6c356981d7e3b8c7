"""The parts of one answer that need no host: what was asked, and what is read before anything is checked."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from flux_studio.catalog import card
from flux_studio.commands import parse
from flux_studio.errors import ConfigurationError, InvalidRequest
from flux_studio.settings import Secret, Settings
from flux_studio.webui import model_choice, question, turn
from flux_studio.webui.caller import Caller


def asking(chat=""):
    return Caller(user=SimpleNamespace(id="ann", name="Ann", role="user"), app=None, chat=chat)


@pytest.mark.parametrize(
    ("chat", "text", "expected"),
    [
        ("channel:x", "Ann: FLUX.2 [pro] a red fox --n 2", "a red fox --n 2"),
        ("channel:x", "Ann: /help", "/help"),
        ("c", "Ann: a portrait of Ann", "Ann: a portrait of Ann"),
    ],
)
def test_the_name_and_the_mention_of_a_channel_are_no_prompt(chat, text, expected):
    body = {"model": "flux_studio.flux-2-pro", "messages": [{"role": "user", "content": text}]}
    assert question.text(asking(chat), body) == expected


async def test_a_wrong_default_model_names_the_valve():
    settings = Settings(flux_key=Secret("sandbox-key"), command_default_model="flux-99")
    with pytest.raises(ConfigurationError, match="COMMAND_DEFAULT_MODEL"):
        await model_choice.default_card(asking(), settings)


def test_the_message_of_a_chat_names_the_request_and_nothing_else_does():
    """A script that sends the same `id` with every call would get its first picture again and again."""
    person = SimpleNamespace(id="ann")
    in_chat = Caller(user=person, app=None, chat="c", message="m")
    direct = Caller(user=person, app=None, message="m")
    assert turn._errand(in_chat) == turn._errand(in_chat)
    assert turn._errand(direct).request_id != turn._errand(direct).request_id


async def test_a_setting_the_model_lacks_is_refused_by_its_flag(monkeypatch):
    async def no_pictures(caller, body, row, typed):
        return SimpleNamespace(pictures=(), prompt=typed.prompt, origin="", first=None)

    monkeypatch.setattr(question.inputs, "gather", no_pictures)
    row, typed = card("flux-2-pro"), parse("a fox --fidelity high")
    with pytest.raises(InvalidRequest, match="has no setting --fidelity; it has: --upsample, --safety"):
        await question.understand(asking(), {}, typed, row, Settings(flux_key=Secret("sandbox-key")))
