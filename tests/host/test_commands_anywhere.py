"""Slash commands in the chat of a language model: our answer, not one call of that model, and nobody gains a right."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.host.language_model import MODEL, language_model
from tools.asking import ask
from tools.stage import until

pytestmark = pytest.mark.host

PRO, COMMANDS = "flux_studio.flux-2-pro", "flux_studio.commands"


@pytest.fixture(scope="module")
def words(studio):
    """A language model beside ours."""
    with language_model(studio) as model:
        yield model


@pytest.fixture
def stranger(studio):
    """Somebody with whom no image model is shared."""
    studio.install("private")
    yield studio.person("erik")
    studio.install("public")


def answer_of(studio, asked):
    """The finished message of a question."""
    return until(
        lambda: (found := studio.chat(asked.account, asked.chat)[asked.message]).get("done") and found, seconds=60
    )


def said(message):
    return message.get("content") or str(message.get("error"))


def follow_up(studio, asked, prompt, **more):
    """A further question in the same chat, with everything a tab can switch on."""
    session = studio.host.session(asked.account)
    leaf = session.get(f"/api/v1/chats/{asked.chat}").json()["chat"]["history"]["currentId"]
    question, answer = str(uuid.uuid4()), str(uuid.uuid4())
    user = {"id": question, "parentId": leaf, "childrenIds": [], "role": "user", "content": prompt, "models": [MODEL]}
    body = {
        "model": MODEL,
        "chat_id": asked.chat,
        "id": answer,
        "parent_id": leaf,
        "session_id": str(uuid.uuid4()),
        "stream": True,
        "user_message": user,
        "messages": [{"role": "user", "content": prompt}],
        "background_tasks": {},
        **more,
    }
    session.post("/api/chat/completions", json=body).raise_for_status()
    return type(asked)(account=asked.account, chat=asked.chat, message=answer, marker=prompt)


def test_make_edit_and_vary_without_a_call_of_the_language_model(studio, words):
    anna = studio.person("anna")
    before = len(words.asked)
    first = ask(studio, anna, "/imagine a lighthouse on a cliff —ar 16:9", MODEL)
    made = answer_of(studio, first)
    assert len(made["files"]) == 1
    assert made["model"] == MODEL
    switched_on = {"features": {"web_search": True, "memory": True}, "tool_ids": ["server:mcp:none"]}
    edited = answer_of(studio, follow_up(studio, first, "/edit paint the lighthouse red", **switched_on))
    assert len(edited["files"]) == 1
    assert "Edited" in edited["content"]
    assert "#1" in edited["content"]
    varied = answer_of(studio, follow_up(studio, first, "/flux vary #1 strong"))
    assert len(varied["files"]) == 1
    (call,) = studio.sandbox.submitted("It shows: a lighthouse on a cliff")
    assert call["body"]["input_image"]
    assert len(words.asked) == before

    plain = answer_of(studio, follow_up(studio, first, "/upscale is not ours"))
    assert "nothing but words" in plain["content"]
    assert len(words.asked) == before + 1


def test_new_pictures_start_from_nothing_and_a_missing_one_is_said(studio, words):
    anna = studio.person("anna")
    first = ask(studio, anna, "/edit make it night", MODEL)
    assert "no picture in this chat for /edit yet" in said(answer_of(studio, first))
    answer_of(studio, follow_up(studio, first, "/imagine a first bottle"))
    second = answer_of(studio, follow_up(studio, first, "/imagine a second bottle"))
    assert "Edited" not in second["content"]
    (call,) = studio.sandbox.submitted("a second bottle")
    assert "input_image" not in call["body"]
    assert "did you mean /flux imagine" in said(answer_of(studio, follow_up(studio, first, "/flux imagin a bottle")))


def test_no_command_opens_a_model_that_is_not_shared(studio, words, stranger):
    before = len(studio.sandbox.journal["calls"])
    for text in (
        "/imagine a stolen bottle",
        "/imagine a stolen bottle --model flux-2-pro",
        "/flux imagine a stolen bottle --model flux-2-max",
        "/edit a stolen bottle --model flux-2-pro",
        "/vary --model flux-2-pro",
    ):
        answer = said(answer_of(studio, ask(studio, stranger, text, MODEL)))
        assert "shared with you" in answer or "no access" in answer or "no picture in this chat" in answer, answer
    assert "for admins" in said(answer_of(studio, ask(studio, stranger, "/credits", MODEL)))
    session = studio.host.session(stranger)
    forged = {"id": PRO, "direct": True, "info": {"base_model_id": PRO}}
    for model, item in ((COMMANDS, {}), (PRO, {}), ("mine", {**forged, "id": "mine"})):
        body = {
            "model": model,
            "messages": [{"role": "user", "content": "/imagine a stolen bottle"}],
            "model_item": item,
        }
        session.post("/api/chat/completions", json=body)
    assert len(studio.sandbox.journal["calls"]) == before


def test_a_word_can_be_switched_off(studio, words):
    session = studio.host.session(studio.admin)
    path = "/api/v1/functions/id/flux_studio_commands/valves/update"
    session.post(path, json={"COMMANDS": "help"}).raise_for_status()
    try:
        anna = studio.person("anna")
        assert "nothing but words" in answer_of(studio, ask(studio, anna, "/models", MODEL))["content"]
        assert "flux-2-max" in answer_of(studio, ask(studio, anna, "/flux models", MODEL))["content"]
        help_text = answer_of(studio, ask(studio, anna, "/help", MODEL))["content"]
        assert "`/flux models`" in help_text
        assert "/credits" not in help_text
    finally:
        session.post(path, json={}).raise_for_status()


def test_the_menu_fills_a_form_and_erase_opens_the_editor(studio, words, window):
    window.new_chat(MODEL)
    page = window.page
    page.locator("#chat-input").click()
    page.keyboard.type("/imag")
    page.get_by_text("Make pictures from a description").first.wait_for()
    page.keyboard.press("Enter")
    field = page.get_by_placeholder("What the picture shows")
    field.fill("a paper boat from the menu")
    page.get_by_role("button", name="Save").click()
    page.wait_for_function(
        "() => document.querySelector('#chat-input').innerText.includes('a paper boat from the menu')"
    )
    page.locator("#send-message-button").click()
    window.wait_until_done()
    assert window.pictures(count=1) == [(1024, 1024)]
    page.wait_for_timeout(1000)
    window.send("/erase")
    frame = page.frame_locator("#flux-studio-editor iframe")
    frame.locator(".picture-size:not(:empty)").wait_for(state="attached")
    mode = frame.locator("#mode")
    until(lambda: mode.input_value() == "remove")


def test_vary_below_a_picture_makes_a_new_message(studio, window):
    anna = studio.person("anna")
    asked = ask(studio, anna, "a kite to vary")
    answer_of(studio, asked)
    window.open(f"/c/{asked.chat}")
    button = window.page.locator(f"#message-{asked.message} button[aria-label='Vary']").last
    button.wait_for(state="attached")
    button.click(force=True)
    window.page.get_by_text("How far may the variation of picture #1 go?").wait_for()
    window.page.get_by_role("button", name="Confirm").click()
    new = until(lambda: len(found := studio.chat(anna, asked.chat)) == 3 and found)
    (identifier,) = set(new) - {asked.message, new[asked.message]["parentId"]}
    assert new[identifier]["parentId"] == asked.message
    until(lambda: "#2" in studio.chat(anna, asked.chat)[identifier]["content"])
    after = studio.chat(anna, asked.chat)
    assert len(after[identifier]["files"]) == 1
    assert after[asked.message]["files"] == new[asked.message]["files"]
    window.reload()
    window.pictures(count=1)
    (row,) = until(lambda: studio.jobs("message = ? and phase = 'delivered'", identifier))
    assert json.loads(row["outcome"])["files"] == [each["id"] for each in after[identifier]["files"]]


def test_reuse_settings_writes_the_message(studio, window):
    anna = studio.person("anna")
    asked = ask(studio, anna, "a kettle to repeat --seed 11")
    answer_of(studio, asked)
    window.open(f"/c/{asked.chat}")
    button = window.page.locator(f"#message-{asked.message} button[aria-label='Reuse settings']").last
    button.wait_for(state="attached")
    button.click(force=True)
    window.page.wait_for_function(
        "() => document.querySelector('#chat-input').innerText.includes('/imagine a kettle to repeat --model flux-2-pro')"
    )
    assert "--seed 11" in window.page.locator("#chat-input").inner_text()
