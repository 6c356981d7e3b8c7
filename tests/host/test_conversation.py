"""The main job in a real browser: prompt, picture, reload, edit, several, Stop, a bad flag."""

from __future__ import annotations

import pytest

from tools.stage import until

pytestmark = pytest.mark.host


def test_prompt_picture_reload_edit(studio, window):
    window.new_chat("flux_studio.flux-2-pro")
    window.send("a red fox in the snow, first of all")
    status = window.message.locator(".status-description, [class*=status]").first
    status.wait_for()
    window.wait_until_done()
    assert window.pictures(count=1) == [(1024, 1024)]
    text = window.answer.inner_text()
    for part in ("FLUX.2 [pro]", "1024 × 1024", "seed", " s", "credits", "sandbox, nothing was billed"):
        assert part in text
    window.wait_for_chat()
    window.reload()
    assert window.pictures(count=1) == [(1024, 1024)]

    answer = window.ask("make it night, second step")
    assert "Edited the newest picture" in answer.inner_text()
    window.pictures(count=1)
    (call,) = studio.sandbox.submitted("second step")
    assert "input_image" in call["body"]
    assert "Edited" in window.answer.inner_text()

    window.ask("a lighthouse, third step --new")
    (call,) = studio.sandbox.submitted("third step")
    assert "input_image" not in call["body"]


def test_title_tags_and_follow_ups_cost_nothing(studio, window):
    window.new_chat("flux_studio.flux-2-pro")
    window.ask("seven green bottles on a wall, titled")
    chat = window.wait_for_chat()
    session = studio.host.session(studio.person("anna"))
    until(lambda: session.get(f"/api/v1/chats/{chat}").json()["title"].startswith("seven green bottles on a"))
    assert len(studio.sandbox.submitted("seven green bottles")) == 1


def test_several_pictures_each_with_its_own_seed(studio, window):
    window.new_chat("flux_studio.flux-2-pro")
    answer = window.ask("four little cubes --n 4 --seed 10 --ar 16:9")
    sizes = window.pictures(count=4)
    assert len(set(sizes)) == 1
    assert abs(sizes[0][0] / sizes[0][1] - 16 / 9) < 0.05
    assert "seeds 10, 11, 12, 13" in answer.inner_text()
    assert sorted(call["body"]["seed"] for call in studio.sandbox.submitted("four little cubes")) == [10, 11, 12, 13]


def test_typed_dashes_are_flags(studio, window):
    window.new_chat("flux_studio.flux-2-pro")
    window.open("/?models=flux_studio.flux-2-pro")
    window.page.locator("#chat-input").click()
    window.page.keyboard.type("a typed boat --seed 77")
    window.page.locator("#send-message-button").click()
    window.wait_until_done()
    (call,) = studio.sandbox.submitted("a typed boat")
    assert call["body"]["seed"] == 77
    assert "77" not in call["body"]["prompt"]


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("a bad bottle --sede 5", "--seed"),
        ("a bad bottle --steps 500", "1 to 50"),
        ("a bad bottle --n 99", "1 to 8"),
        ("a bad bottle --ar banana", "16:9"),
    ],
)
def test_a_bad_flag_gets_one_sentence_and_nothing_is_sent(studio, window, message, sentence):
    window.new_chat("flux_studio.flux-2-flex")
    window.send(message)
    window.message.get_by_text(sentence).first.wait_for()
    assert studio.sandbox.submitted("a bad bottle") == []


def test_stop_says_that_the_cost_stays_and_keeps_a_draft(studio, window):
    window.new_chat("flux_studio.flux-2-pro")
    window.send("a stopped clock [sandbox:slow=6]")
    until(lambda: studio.sandbox.submitted("a stopped clock"))
    until(lambda: studio.jobs("phase = 'submitted'"))
    window.stop()
    window.page.get_by_text("already ordered and cannot be called back").wait_for()
    window.reload()
    assert "the cost stays" in window.answer.inner_text()
    until(lambda: studio.jobs("place = 'draft' and phase = 'delivered'"))
    assert len(studio.sandbox.submitted("a stopped clock")) == 1


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("request-moderated=Violence", "Violence"),
        ("content-moderated=Derivative Works Filter", "Derivative Works Filter"),
        ("out-of-credits", "credits"),
        ("error", "again"),
    ],
)
def test_failures_of_the_provider_in_one_sentence(studio, window, fault, sentence):
    window.new_chat("flux_studio.flux-2-pro")
    window.send(f"a faulty lamp [sandbox:{fault}]")
    window.page.wait_for_function(
        """text => {
            const all = document.querySelectorAll('.chat-assistant');
            return all.length && all[all.length - 1].closest('div[id^=message-]').innerText.includes(text);
        }""",
        arg=sentence,
    )
    assert "Traceback" not in window.message.inner_text()
