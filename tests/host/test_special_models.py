"""Models that need pictures, take them as a prompt, or have settings of their own, used as chat models."""

from __future__ import annotations

import pytest
from PIL import Image

pytestmark = pytest.mark.host

DEBLUR = "flux_studio.flux-tools-deblur-v1"
TRY_ON = "flux_studio.flux-tools-vto-v2"
ULTRA = "flux_studio.flux-pro-1.1-ultra"
NEWEST = "flux_studio.flux-3-image"


@pytest.fixture
def drawn(tmp_path):
    def draw(color: str, width: int = 320, height: int = 256):
        path = tmp_path / f"{color}.png"
        Image.new("RGB", (width, height), color).save(path)
        return path

    return draw


def calls_to(studio, endpoint):
    return [call for call in studio.sandbox.journal["calls"] if call["endpoint"] == f"/v1/{endpoint}"]


def test_a_picture_is_sharpened_and_asked_for_when_there_is_none(studio, window, drawn):
    before = len(calls_to(studio, "flux-tools/deblur-v1"))
    window.new_chat(DEBLUR)
    window.send("make it sharp")
    window.message.get_by_text("FLUX Deblur needs 1 picture to deblur; attach it to the message.").first.wait_for()
    assert len(calls_to(studio, "flux-tools/deblur-v1")) == before
    window.new_chat(DEBLUR)
    window.attach(drawn("red", 416, 272))
    answer = window.ask("make it sharp, please")
    assert "Edited your attached picture" in answer.inner_text()
    assert "FLUX Deblur works without a prompt; yours was left out." in answer.inner_text()
    assert window.pictures(count=1) == [(416, 272)]
    (call,) = calls_to(studio, "flux-tools/deblur-v1")[before:]
    assert set(call["body"]) == {"image", "output_format", "safety_tolerance"}


def test_trying_on_takes_first_the_person_then_the_garment(studio, window, drawn):
    window.new_chat(TRY_ON)
    window.attach(drawn("red"))
    window.send("a lone person")
    sentence = "FLUX Try-on v2 needs 2 pictures; attach first the person, then the garment."
    window.message.get_by_text(sentence).first.wait_for()
    assert studio.sandbox.submitted("a lone person") == []
    window.new_chat(TRY_ON)
    window.attach(drawn("green", 320, 384), drawn("blue", 256, 272))
    answer = window.ask("a person in a coat")
    assert "Made of your 2 attached pictures: first the person, then the garment" in answer.inner_text()
    (call,) = studio.sandbox.submitted("a person in a coat")
    sent = [(call["body"][name]["width"], call["body"][name]["height"]) for name in ("person", "garment")]
    assert sent == [(320, 384), (256, 272)]
    assert window.pictures(count=1) == [(320, 384)]


def test_a_picture_prompt_is_off_until_the_admin_switches_it_on(studio, window, drawn, valves):
    window.new_chat(ULTRA)
    window.attach(drawn("red"))
    window.send("in the manner of this one")
    window.message.get_by_text("takes no pictures, only text.").first.wait_for()
    assert studio.sandbox.submitted("in the manner of this one") == []
    valves(IMAGE_PROMPT_SUPPORT=True)
    window.new_chat(ULTRA)
    window.attach(drawn("red"))
    answer = window.ask("in the manner of that one --image-strength 0.4 --ar 1:1")
    assert "Inspired by your attached picture" in answer.inner_text()
    (call,) = studio.sandbox.submitted("in the manner of that one")
    assert call["body"]["image_prompt"]["width"] == 320
    assert (call["body"]["image_prompt_strength"], call["body"]["aspect_ratio"]) == (0.4, "1:1")


def test_the_newest_generation_gets_only_what_it_knows(studio, window):
    window.new_chat(NEWEST)
    window.ask("a fox of the newest kind --ar 32:18 --resolution 768sq --grounding off")
    (call,) = studio.sandbox.submitted("a fox of the newest kind")
    assert call["body"] == {
        "prompt": "a fox of the newest kind",
        "aspect_ratio": "16:9",
        "resolution": "768sq",
        "grounding": False,
        "safety_tolerance": 2,
    }
    window.send("a fox of the newest kind with --seed 7")
    window.message.get_by_text("FLUX.3 Image takes no seed.").first.wait_for()


def test_a_name_of_the_past_is_explained(studio, window):
    window.new_chat("flux_studio.flux-2-pro")
    window.send("a fox of long ago --model flux-pro-1.1-raw")
    sentence = "flux-pro-1.1-raw is a setting, not a model; take flux-pro-1.1-ultra with --raw instead."
    window.message.get_by_text(sentence).first.wait_for()
    assert studio.sandbox.submitted("a fox of long ago") == []
