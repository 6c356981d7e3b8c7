"""The filter: commands go to the commands model, everything else goes on as the same object."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from flux_studio.valves import CommandsValves
from flux_studio.webui import rerouting, rights
from flux_studio.webui.guard import unchanged_on_failure

ANN = {"id": "ann", "role": "user"}
APP = SimpleNamespace()


@pytest.fixture
def usable(monkeypatch):
    """Whether the person may use the commands model."""
    state = SimpleNamespace(value=True)

    async def may_use_model(user, model, app):
        assert (user.id, model) == ("ann", "commands")
        return state.value

    monkeypatch.setattr(rights, "may_use_model", may_use_model)
    return state


def body(text, model="mock-text", **more):
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


def test_what_was_typed_decides_not_what_the_host_added():
    parts = [{"type": "text", "text": "<attached_files/>"}, {"type": "text", "text": "/imagine a fox"}]
    metadata = {"user_message": {"content": "/imagine a fox"}}
    valves = CommandsValves()
    assert rerouting.is_command(body(parts), metadata, valves)
    assert rerouting.is_command(body("/imagine a fox"), None, valves)
    assert not rerouting.is_command(body("/imagine a fox"), {"user_message": {"content": "hello"}}, valves)
    assert not rerouting.is_command(body("/imagine a fox"), None, CommandsValves(COMMANDS="help"))
    assert rerouting.is_command(body("/flux imagine a fox"), None, CommandsValves(COMMANDS="help"))
    assert not rerouting.is_command({"messages": [{"role": "assistant", "content": "/imagine"}]}, None, valves)
    assert not rerouting.is_command({}, {}, valves)


async def test_a_command_takes_nothing_with_it_but_pictures(usable):
    picture, report = {"type": "image", "id": "p"}, {"type": "file", "id": "r", "content_type": "application/pdf"}
    sent = body(
        "/imagine a fox", features={"web_search": True}, tool_ids=["t"], skill_ids=["s"], files=[report, picture]
    )
    metadata = {"tool_servers": [{}]}
    changed = await rerouting.rerouted(sent, metadata, ANN, APP)
    assert changed["model"] == "flux_studio.commands"
    assert not any(changed[name] for name in ("features", "tool_ids", "terminal_id", "skill_ids"))
    assert changed["files"] == [picture]
    assert metadata["tool_servers"] is None
    assert changed["messages"] == sent["messages"]


@pytest.mark.parametrize(("model", "base"), [("flux_studio.flux-2-max", None), ("my-artist", "flux_studio.flux-2-pro")])
async def test_a_chat_with_our_own_model_keeps_it(usable, model, base):
    usable.value = False
    metadata = {"model": {"info": {"base_model_id": base}}}
    assert (await rerouting.rerouted(body("/help", model), metadata, ANN, APP))["model"] == model


async def test_without_the_commands_model_the_message_goes_on(usable):
    usable.value = False
    sent = body("/imagine a fox", features={"web_search": True})
    assert await rerouting.rerouted(sent, {}, ANN, APP) is sent


async def test_whatever_goes_wrong_the_message_goes_on_unchanged():
    async def broken():
        raise RuntimeError("a bug")

    sent = body("/imagine a fox")
    assert await unchanged_on_failure("filter", sent, broken()) is sent
