"""What counts when the message says nothing: the chat's variables, the person's valves, the admin's."""

from __future__ import annotations

import json

import pytest

from tools.asking import ask
from tools.stage import until

pytestmark = pytest.mark.host

PRO = "flux_studio.flux-2-pro"


def sent(studio, account, prompt, model=PRO, count=1):
    """Ask in a new chat and return the bodies of the orders."""
    marker = ask(studio, account, prompt, model).marker.partition(" --")[0]
    until(lambda: len(studio.sandbox.submitted(marker)) >= count)
    return [call["body"] for call in studio.sandbox.submitted(marker)]


def answer(studio, account, prompt, model=PRO):
    """Ask in a new chat and return the finished message: a text, or an error's sentence."""
    question = ask(studio, account, prompt, model)
    message = until(lambda: finished(studio.chat(account, question.chat)[question.message]))
    error = (message.get("error") or {}).get("content")
    return (error["detail"] if isinstance(error, dict) else error) or message["content"]


def finished(message):
    return message if message.get("done") or message.get("error") else None


def refused(studio, account, prompt, sentence, model=PRO):
    assert sentence in answer(studio, account, prompt, model)
    assert studio.sandbox.submitted(prompt.partition(" --")[0]) == []


def test_a_persons_own_defaults_count_and_a_flag_beats_them(studio, own_valves):
    anna = studio.person("anna")
    own_valves(anna, ASPECT_RATIO="16:9", COUNT=2, SEED=500, OUTPUT_FORMAT="png")
    first, second = sorted(sent(studio, anna, "a default harbour", count=2), key=lambda body: body["seed"])
    assert (first["seed"], second["seed"]) == (500, 501)
    assert abs(first["width"] / first["height"] - 16 / 9) < 0.05
    assert first["output_format"] == "png"
    (body,) = sent(studio, anna, "a flagged harbour --n 1 --seed 7 --ar 1:1 --format jpeg")
    assert (body["seed"], body["width"], body["output_format"]) == (7, body["height"], "jpeg")
    (body,) = sent(studio, studio.person("bob"), "a harbour of somebody else")
    assert "seed" not in body or body["seed"] != 500


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"COUNT": 99}, "allowed: 1 to 8"), ({"ASPECT_RATIO": "banana"}, "a ratio such as 16:9")],
)
def test_a_persons_wrong_default_is_passed_over_with_a_word(studio, own_valves, wrong, sentence):
    anna = studio.person("anna")
    own_valves(anna, **wrong)
    marker = f"a harbour in spite of {next(iter(wrong))}"
    assert sentence in answer(studio, anna, marker)
    assert len(studio.sandbox.submitted(marker)) == 1


def test_the_variables_of_a_chat_beat_the_persons_valves(studio, window, own_valves):
    anna = studio.person("anna")
    own_valves(anna, ASPECT_RATIO="16:9", SEED=500)
    window.new_chat(PRO)
    window.ask("a chat before its variables")
    change_variables(studio, anna, window.wait_for_chat(), ar="9:16", seed="42")
    window.reload()
    window.ask("a chat with variables --new")
    (call,) = studio.sandbox.submitted("a chat with variables")
    assert call["body"]["seed"] == 42
    assert call["body"]["width"] < call["body"]["height"]
    window.ask("a flag in that chat --new --ar 1:1")
    (call,) = studio.sandbox.submitted("a flag in that chat")
    assert call["body"]["width"] == call["body"]["height"]


def test_a_wrong_variable_of_a_chat_is_passed_over_with_a_word(studio, window):
    window.new_chat(PRO)
    window.ask("a chat before its wrong variable")
    change_variables(studio, studio.person("anna"), window.wait_for_chat(), n="many")
    window.reload()
    answer = window.ask("a chat with a wrong variable")
    assert "The chat variable n “many” was passed over" in answer.inner_text()
    assert len(studio.sandbox.submitted("a chat with a wrong variable")) == 1


def change_variables(studio, account, chat, **variables):
    body = {"chat": {}, "variables": variables}
    studio.host.session(account).post(f"/api/v1/chats/{chat}", json=body).raise_for_status()


def test_nobody_gets_more_safety_tolerance_than_the_admin_allows(studio, valves):
    valves(SAFETY_TOLERANCE=1)
    anna = studio.person("anna")
    text = answer(studio, anna, "a tolerant painting --safety 5")
    assert "Safety tolerance 5 became 1, the most that your admin allows" in text
    (call,) = studio.sandbox.submitted("a tolerant painting")
    assert call["body"]["safety_tolerance"] == 1
    (body,) = sent(studio, anna, "a strict painting --safety 0")
    assert body["safety_tolerance"] == 0
    (body,) = sent(studio, anna, "a painting without a word about it")
    assert body["safety_tolerance"] == 1


def test_the_admins_format_is_what_is_ordered_and_stored(studio, valves):
    valves(OUTPUT_FORMAT="png")
    anna = studio.person("anna")
    question = ask(studio, anna, "a lossless pebble")
    message = until(lambda: finished(studio.chat(anna, question.chat)[question.message]))
    (call,) = studio.sandbox.submitted("a lossless pebble")
    assert call["body"]["output_format"] == "png"
    file = studio.host.session(anna).get(message["files"][0]["url"])
    assert file.content.startswith(b"\x89PNG")
    assert file.headers["content-type"] == "image/png"


def test_the_admin_chooses_the_models_and_their_order(studio, valves):
    valves(MODELS="flux-kontext-pro, flux-2-pro")
    models = studio.host.session(studio.admin).get("/api/models?refresh=true").json()["data"]
    ours = [model["id"] for model in models if model["id"].startswith("flux_studio.")]
    assert ours == ["flux_studio.flux-kontext-pro", PRO, "flux_studio.commands"]


def test_advanced_parameters_can_be_switched_off(studio, valves):
    flex = "flux_studio.flux-2-flex"
    anna = studio.person("anna")
    (body,) = sent(studio, anna, "an advanced cube --steps 12 --guidance 3.5", flex)
    assert (body["steps"], body["guidance"]) == (12, 3.5)
    valves(ADVANCED_PARAMETERS=False)
    refused(studio, anna, "a plain cube --steps 12", "Your admin has switched advanced settings off", flex)
    assert sent(studio, anna, "a cube without steps", flex)


def test_upsampling_is_the_admins_default_and_the_messages_choice(studio, valves):
    valves(PROMPT_UPSAMPLING=False)
    anna = studio.person("anna")
    (body,) = sent(studio, anna, "a prompt as it is")
    assert body["disable_pup"] is True
    (body,) = sent(studio, anna, "a prompt made richer --upsample on")
    assert not body.get("disable_pup")


@pytest.mark.parametrize(
    ("valve", "value", "allowed"),
    [
        ("REQUEST_TIMEOUT", -5, "1 to 600"),
        ("MAX_PARALLEL_JOBS", 0, "1 to 200"),
        ("SAFETY_TOLERANCE", 9, "0 to 6"),
        ("FLUX_API_ENDPOINT", "not an address", "https://api.bfl.ai"),
    ],
)
def test_a_wrong_valve_is_named_in_the_chat(studio, valves, valve, value, allowed):
    valves(**{valve: value})
    text = answer(studio, studio.person("anna"), "a picture under a wrong valve")
    assert valve in text
    assert allowed in text
    assert studio.sandbox.submitted("under a wrong valve") == []


def test_own_keys_count_only_where_the_admin_allows_them(studio, valves, own_valves):
    anna = studio.person("anna")
    own_valves(anna, FLUX_API_KEY="a-key-of-my-own")
    assert sent(studio, anna, "a picture with the shared key")
    valves(ALLOW_USER_KEYS=True)
    text = answer(studio, anna, "a picture with a wrong key of my own")
    assert "if you entered a key of your own, check that one" in text
    assert "a-key-of-my-own" not in text
    own_valves(anna, FLUX_API_KEY=studio.sandbox.key)
    valves(FLUX_API_KEY="a-wrong-shared-key")
    assert sent(studio, anna, "a picture with my own key")


def test_drafts_go_after_the_days_the_admin_sets(studio, valves, window):
    """A stopped picture becomes a draft; with DRAFT_DAYS 0 the next start removes it, and nothing else."""
    anna = studio.person("anna")
    window.new_chat(PRO)
    window.ask("a picture that stays")
    (kept,) = window.picture_ids()
    window.send("a picture for the bin --new [sandbox:slow=4]")
    until(lambda: studio.jobs("phase = 'submitted'"))
    window.stop()
    chat = window.wait_for_chat()
    (job,) = until(lambda: studio.jobs("place = 'draft' and phase = 'delivered' and chat = ?", chat))
    (draft,) = json.loads(job["outcome"])["files"]
    session = studio.host.session(anna)
    assert session.get(f"/api/v1/files/{draft}/content").status_code == 200
    valves(DRAFT_DAYS=0)
    studio.host.restart()
    until(lambda: session.get(f"/api/v1/files/{draft}/content").status_code == 404)
    assert session.get(f"/api/v1/files/{kept}/content").status_code == 200
