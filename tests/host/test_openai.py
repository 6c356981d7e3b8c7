"""OpenAI's models in the real host: a picture that grows in the message, edits, an area, other servers, clear failures."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from tests.host.test_editor import opened
from tests.host.test_rights import make_picture
from tools.stage import until

pytestmark = pytest.mark.host

MODEL = "flux_studio.gpt-image-2"
SKETCH = "img[src^='data:image/jpeg']"


@pytest.fixture
def with_openai(studio, valves):
    """The sandbox as OpenAI, its models open for everyone; other valves for one test by calling it."""

    def change(**others) -> None:
        usual = {
            "OPENAI_API_KEY": studio.sandbox.key,
            "OPENAI_API_BASE_URL": f"{studio.sandbox.endpoint}/v1",
            "OPENAI_SERVER": "openai",
        }
        valves(**{**usual, **others})
        studio.install("public")

    change()
    return change


def test_a_picture_grows_in_the_message_and_only_the_finished_one_stays(studio, window, with_openai):
    window.new_chat(MODEL)
    window.send("a lighthouse that takes shape [sandbox:slow=5]")
    sketch = window.message.locator(SKETCH)
    sketch.first.wait_for()
    assert sketch.count() == 1
    first = sketch.first.get_attribute("src")
    window.page.wait_for_function(
        """([where, before]) => {
            const now = [...document.querySelectorAll(where)].pop();
            return now && now.getAttribute("src") !== before;
        }""",
        arg=[SKETCH, first],
    )
    window.wait_until_done()
    assert window.pictures(count=1) == [(1024, 1024)]
    assert window.message.locator(SKETCH).count() == 0
    text = window.answer.inner_text()
    assert "GPT Image 2" in text
    assert "$0.03" in text
    chat = window.wait_for_chat()
    assert "data:image" not in json.dumps(studio.chat(studio.person("anna"), chat))
    window.reload()
    assert window.pictures(count=1) == [(1024, 1024)]


def test_an_attached_picture_is_edited(studio, window, with_openai, tmp_path):
    path = tmp_path / "red.png"
    Image.new("RGB", (640, 416), "red").save(path)
    window.new_chat(MODEL)
    window.attach(path)
    answer = window.ask("a red square by another maker --quality low --background opaque")
    assert "Edited your attached picture" in answer.inner_text()
    (call,) = studio.sandbox.submitted("a red square by another maker")
    assert call["endpoint"] == "/v1/images/edits"
    assert (call["body"]["image"][0]["width"], call["body"]["quality"]) == (640, "low")
    assert len(window.pictures(count=1)) == 1


def test_an_area_is_repainted_and_everything_else_stays(studio, open_window, with_openai):
    anna = studio.person("anna")
    place = make_picture(studio, anna, "a harbour for another maker")
    studio.sandbox.change(edit_shift=2.0)
    editor = opened(open_window(anna), place)
    try:
        editor.frame.locator("#model").select_option("gpt-image-2.5-sunburst")
        editor.paint((0.3, 0.3), (0.5, 0.4))
        editor.say("a red buoy by another maker")
        editor.send()
        editor.wait_for_text("0 of .* protected pixels changed", seconds=60)
    finally:
        studio.sandbox.change(edit_shift=0.0)
    (call,) = studio.sandbox.submitted("a red buoy by another maker")
    assert call["body"]["mask"]["mime"] == "image/png"
    (row,) = until(lambda: studio.jobs("session <> '' and chat = ? and phase = 'delivered'", place[0]))
    outcome = json.loads(row["outcome"])
    assert (outcome["changed"], outcome["currency"]) == (0, "USD")
    assert outcome["protected"] > 500_000


@pytest.mark.parametrize(
    ("valve", "prompt", "sentence"),
    [
        ({"OPENAI_API_KEY": "sk-expired"}, "an expired lamp", "did not accept the API key"),
        ({}, "a moderated lamp [sandbox:request-moderated=violence]", "refused the input"),
        ({}, "a withheld lamp [sandbox:content-moderated=sexual]", "withheld the output"),
    ],
)
def test_failures_are_one_sentence_and_leave_no_half_picture(studio, window, with_openai, valve, prompt, sentence):
    with_openai(**valve)
    window.new_chat(MODEL)
    window.send(prompt)
    window.message.get_by_text(sentence).first.wait_for()
    window.wait_until_done()
    assert window.message.locator(SKETCH).count() == 0
    assert "Traceback" not in window.message.inner_text()
    assert "sk-expired" not in window.page.content()


def test_a_server_that_answers_an_address(studio, window, with_openai):
    with_openai(OPENAI_SERVER="other", OPENAI_MODEL_NAMES="openai-server=sandbox-diffusion")
    window.new_chat("flux_studio.openai-server")
    window.ask("a lamp of ones own server [sandbox:answers-url]")
    assert window.pictures(count=1) == [(1024, 1024)]
    (call,) = studio.sandbox.submitted("a lamp of ones own server")
    assert call["body"]["model"] == "sandbox-diffusion"


def test_a_retired_name_is_answered_by_its_successor(studio, window, with_openai):
    window.new_chat(MODEL)
    answer = window.ask("an old name --model dall-e-3")
    assert "GPT Image 2.5 Sunburst drew this instead" in answer.inner_text()
    (call,) = studio.sandbox.submitted("an old name")
    assert call["body"]["model"] == "gpt-image-2.5-sunburst"


def test_the_hosts_own_image_connection_can_be_used(studio, window, with_openai):
    session = studio.host.session(studio.admin)
    before = session.get("/api/v1/images/config").json()
    own = {"IMAGES_OPENAI_API_KEY": studio.sandbox.key, "IMAGES_OPENAI_API_BASE_URL": f"{studio.sandbox.endpoint}/v1"}
    with_openai(OPENAI_API_KEY="", OPENAI_API_BASE_URL="https://api.openai.com/v1", OPENAI_CONNECTION="host images")
    try:
        session.post("/api/v1/images/config/update", json={**before, **own}).raise_for_status()
        window.new_chat(MODEL)
        window.ask("a lamp by the hosts key")
        assert window.pictures(count=1) == [(1024, 1024)]
        session.post("/api/v1/images/config/update", json={**before, "IMAGES_OPENAI_API_KEY": ""}).raise_for_status()
        window.send("a lamp without any key")
        window.message.get_by_text("Open WebUI itself has no OpenAI key").first.wait_for()
    finally:
        session.post("/api/v1/images/config/update", json=before).raise_for_status()
