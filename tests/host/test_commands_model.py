"""Slash commands in a chat, and the hidden model behind them, which gives nobody a right."""

from __future__ import annotations

import pytest

from tools.stage import until

pytestmark = pytest.mark.host

PRO = "flux_studio.flux-2-pro"
MAX = "flux_studio.flux-2-max"
COMMANDS = "flux_studio.commands"


def complete(studio, account, content, model=COMMANDS):
    body = {"model": model, "messages": [{"role": "user", "content": content}]}
    return studio.host.session(account).post("/api/chat/completions", json=body)


def text_of(answer):
    return answer.json()["choices"][0]["message"]["content"]


@pytest.fixture
def only_max(studio):
    """All models private, but FLUX.2 [max] shared with Carl."""
    carl = studio.person("carl")
    session = studio.host.session(studio.admin)
    studio.install("private")
    grant = {"principal_type": "user", "principal_id": carl.id, "permission": "read"}
    entry = {"id": MAX, "name": "FLUX.2 [max]", "access_grants": [grant]}
    session.post("/api/v1/models/model/access/update", json=entry).raise_for_status()
    yield carl
    studio.install("public")


def test_help_and_models_answer_in_the_chat_and_order_nothing(studio, window):
    before = len(studio.sandbox.journal["calls"])
    window.new_chat(PRO)
    text = window.ask("/help").inner_text()
    for part in ("/imagine", "--ar", "--seed"):
        assert part in text
    text = window.ask("/models").inner_text()
    for part in ("FLUX.2 [pro]", "flux-2-max", "3 credits"):
        assert part in text
    assert window.answer.locator("table").count() == 1
    assert len(studio.sandbox.journal["calls"]) == before


def test_imagine_makes_a_picture_without_the_word_itself(studio, window):
    window.new_chat(PRO)
    window.ask("/imagine an imagined island --seed 3")
    assert window.pictures(count=1) == [(1024, 1024)]
    (call,) = studio.sandbox.submitted("an imagined island")
    assert call["body"]["prompt"] == "an imagined island"
    assert call["body"]["seed"] == 3


def test_a_mistyped_command_is_painted_with_a_hint(studio, window):
    window.new_chat(PRO)
    answer = window.ask("/imagin a misread island")
    assert "did you mean /imagine?" in answer.inner_text()


def test_the_commands_model_is_not_in_the_selector(studio, window):
    window.new_chat(PRO)
    window.page.locator("#model-selector-model-button").click()
    window.page.get_by_role("option").first.wait_for()
    names = " ".join(window.page.get_by_role("option").all_inner_texts())
    assert "FLUX.2 [max]" in names
    assert "FLUX Studio commands" not in names


def test_commands_take_the_first_model_the_person_may_use(studio, only_max):
    assert "FLUX.2 [max]" in text_of(complete(studio, only_max, "/imagine an island by right"))
    (call,) = studio.sandbox.submitted("an island by right")
    assert call["endpoint"] == "/v1/flux-2-max"
    models = text_of(complete(studio, only_max, "/models"))
    assert "flux-2-max" in models
    assert "flux-2-pro" not in models


def test_commands_open_no_model_that_is_not_shared(studio, only_max):
    refused = complete(studio, only_max, "/imagine an island without right --model flux-2-pro")
    assert "no access to the model" in refused.text
    stranger = studio.person("dora")
    assert "None of the image models is shared with you" in complete(studio, stranger, "/imagine an island").text
    assert "No image model is shared with you yet" in text_of(complete(studio, stranger, "/models"))
    assert complete(studio, stranger, "an island", model=MAX).status_code >= 400
    assert studio.sandbox.submitted("an island without right") == []


def test_the_admins_default_for_commands_counts_with_the_persons_right(studio, only_max, valves):
    valves(COMMAND_DEFAULT_MODEL="flux-2-max")
    complete(studio, only_max, "/imagine the admins island")
    (call,) = until(lambda: studio.sandbox.submitted("the admins island"))
    assert call["endpoint"] == "/v1/flux-2-max"
    valves(COMMAND_DEFAULT_MODEL="flux-2-pro")
    assert "no access to the model" in complete(studio, only_max, "/imagine a closed island").text
    valves(COMMAND_DEFAULT_MODEL="flux-9")
    assert "COMMAND_DEFAULT_MODEL" in complete(studio, only_max, "/imagine a lost island").text
    assert studio.sandbox.submitted("a closed island") == studio.sandbox.submitted("a lost island") == []
