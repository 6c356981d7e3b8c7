"""The same answer asked for again, calls that name a message without a chat, and models that left the list."""

from __future__ import annotations

import re

import pytest

from tools.asking import ask
from tools.stage import until

pytestmark = pytest.mark.host

PRO = "flux_studio.flux-2-pro"


def complete(session, prompt, **more):
    body = {"model": PRO, "messages": [{"role": "user", "content": prompt}], **more}
    return session.post("/api/chat/completions", json=body)


def test_continue_response_orders_nothing_and_shows_no_picture_twice(studio):
    account, prompt = studio.person("anna"), "a kite asked for once"
    session = studio.host.session(account)
    question = ask(studio, account, prompt)
    answer = until(
        lambda: next(
            (each for each in studio.chat(account, question.chat).values() if each.get("files") and each.get("done")),
            None,
        )
    )
    again = {
        "chat_id": question.chat,
        "id": question.message,
        "assistant_message_id": question.message,
        "parent_id": answer["parentId"],
        "session_id": "continued",
        "user_message": studio.chat(account, question.chat)[answer["parentId"]],
        "stream": True,
        "background_tasks": {},
    }
    (task,) = complete(session, prompt, **again).json()["task_ids"]
    running = f"/api/tasks/chat/{question.chat}"
    until(lambda: task not in session.get(running).json()["task_ids"])
    assert [file["id"] for file in studio.chat(account, question.chat)[question.message]["files"]] == [
        answer["files"][0]["id"]
    ]
    assert len(studio.sandbox.submitted(prompt)) == 1


def test_a_direct_call_with_a_message_id_gets_its_own_picture(studio):
    session = studio.host.session(studio.person("bob"))
    texts = [
        complete(session, prompt, id="always-the-same").json()["choices"][0]["message"]["content"]
        for prompt in ("a first direct barn", "a second direct barn")
    ]
    links = [re.search(r"/api/v1/files/[^)]+", text)[0] for text in texts]
    assert links[0] != links[1]


def test_a_model_the_admin_no_longer_shows_is_not_reachable_by_flag(studio):
    """Its entry and its grants outlive its place in the valve MODELS."""
    listing = studio.host.session(studio.admin)
    studio.set_valves(MODELS="flux-2-pro")
    listing.get("/api/models?refresh=true").raise_for_status()
    try:
        answer = complete(studio.host.session(studio.person("bob")), "a shelved lamp --model flux-2-max")
        assert "no access to the model" in answer.text
        assert studio.sandbox.submitted("a shelved lamp") == []
    finally:
        studio.set_valves(MODELS="")
        listing.get("/api/models?refresh=true").raise_for_status()
