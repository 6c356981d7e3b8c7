"""Who may do what: people without grants, forged calls of the action endpoint, foreign files and chats."""

from __future__ import annotations

import json

import pytest

from tools.asking import ask
from tools.stage import until

pytestmark = pytest.mark.host

ACTION = "/api/chat/actions/flux_studio_tools.info"


@pytest.fixture(scope="module")
def picture(studio):
    """A picture of Anna's: chat id, message id and file id, made through the API the tab uses."""
    return make_picture(studio, studio.person("anna"), "annas private teapot")


def make_picture(studio, account, prompt):
    """Ask in a saved chat; returns (chat, message, file)."""
    question = ask(studio, account, prompt)
    (job,) = until(lambda: studio.jobs("phase in ('stored', 'delivered') and message = ?", question.message))
    return question.chat, question.message, json.loads(job["outcome"])["files"][0]


def call(studio, account, **body):
    """Call the action endpoint as a page does; returns (status, answer)."""
    answer = studio.host.session(account).post(ACTION, json={"messages": [], "session_id": "s", **body})
    return answer.status_code, answer.json()


def test_the_owner_reads_the_recipe(studio, picture):
    chat, message, file = picture
    status, answer = call(
        studio,
        studio.person("anna"),
        model="flux_studio.flux-2-pro",
        chat_id=chat,
        id=message,
        event={"page": "info", "op": "recipe", "picture": file},
    )
    assert status == 200
    assert answer["recipe"]["prompt"] == "annas private teapot"


@pytest.mark.parametrize(
    "forged",
    [
        {"chat_id": "temporary:x"},
        {"chat_id": ""},
        {
            "chat_id": "temporary:x",
            "model_item": {"id": "mine", "direct": True, "actions": [{"id": "flux_studio_tools"}]},
            "model": "mine",
        },
        {"chat_id": "", "model_item": {"id": "flux_studio.flux-2-pro", "direct": True}},
    ],
)
def test_forged_calls_reach_no_foreign_picture(studio, picture, forged):
    chat, message, file = picture
    status, answer = call(
        studio,
        studio.person("mallory"),
        **{
            "model": "flux_studio.flux-2-pro",
            "chat_id": chat,
            "id": message,
            "event": {"page": "info", "op": "recipe", "picture": file},
            **forged,
        },
    )
    assert "teapot" not in str(answer)
    assert status != 200 or "error" in answer


def test_an_admin_does_not_act_in_a_foreign_chat(studio, picture, open_window):
    chat, message, _ = picture
    _, answer = call(studio, studio.admin, model="flux_studio.flux-2-pro", chat_id=chat, id=message)
    assert "teapot" not in str(answer)


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"page": "info", "op": "recipe"}, "picture"),
        ({"page": "info", "op": "recipe", "picture": 5}, "picture"),
        ({"page": "info", "op": "recipe", "picture": "../../etc/passwd"}, None),
        ({"page": "nowhere", "op": "open"}, "op"),
        ({"op": []}, "op"),
        ("text", "event"),
    ],
)
def test_hostile_calls_get_one_sentence(studio, picture, event, field):
    chat, message, _ = picture
    status, answer = call(
        studio, studio.person("anna"), model="flux_studio.flux-2-pro", chat_id=chat, id=message, event=event
    )
    assert status == 200
    assert answer["error"]
    assert answer.get("field") == field


def test_a_model_without_grant_is_not_reachable_by_flag(studio, window):
    """--model is a way to another model: the right to that one is asked too."""
    session = studio.host.session(studio.admin)
    entry = {"id": "flux_studio.flux-2-max", "name": "FLUX.2 [max]", "access_grants": []}
    session.post("/api/v1/models/model/access/update", json=entry).raise_for_status()
    try:
        window.new_chat("flux_studio.flux-2-pro")
        window.send("a forbidden fruit --model flux-2-max")
        window.page.get_by_text("no access to the model").first.wait_for()
        assert studio.sandbox.submitted("a forbidden fruit") == []
    finally:
        everyone = {"principal_type": "user", "principal_id": "*", "permission": "read"}
        session.post("/api/v1/models/model/access/update", json={**entry, "access_grants": [everyone]})


def test_private_models_are_invisible_to_others(studio):
    session = studio.host.session(studio.admin)
    entry = {"id": "flux_studio.flux-2-max", "name": "FLUX.2 [max]", "access_grants": []}
    everyone = {"principal_type": "user", "principal_id": "*", "permission": "read"}
    session.post("/api/v1/models/model/access/update", json=entry).raise_for_status()
    try:
        seen = studio.host.session(studio.person("bob")).get("/api/models").json()["data"]
        assert "flux_studio.flux-2-max" not in [model["id"] for model in seen]
        assert "flux_studio.flux-2-pro" in [model["id"] for model in seen]
    finally:
        session.post("/api/v1/models/model/access/update", json={**entry, "access_grants": [everyone]})


def test_the_image_permission_of_the_host_counts(studio, window):
    session = studio.host.session(studio.admin)
    permissions = session.get("/api/v1/users/default/permissions").json()
    off = {**permissions, "features": {**permissions["features"], "image_generation": False}}
    session.post("/api/v1/users/default/permissions", json=off).raise_for_status()
    try:
        window.new_chat("flux_studio.flux-2-pro")
        window.send("a picture against the rules")
        window.page.get_by_text("has not allowed you to make pictures").first.wait_for()
        assert studio.sandbox.submitted("against the rules") == []
    finally:
        session.post("/api/v1/users/default/permissions", json=permissions).raise_for_status()
