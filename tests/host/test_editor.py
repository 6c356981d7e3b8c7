"""Edit area as a person uses it: press, paint, say what, look, keep; every other pixel stays."""

from __future__ import annotations

import base64
import io
import json

import numpy
import pytest
from PIL import Image

from tests.host.editor import Editor, pixels_of
from tests.host.test_rights import make_picture
from tools.stage import staged, until

pytestmark = pytest.mark.host

WAIT = 60_000


@pytest.fixture
def place(studio):
    """A fresh picture of Anna's: chat id, message id and file id."""
    return make_picture(studio, studio.person("anna"), "a harbour to paint on")


def opened(window, place) -> Editor:
    chat, message, _ = place
    window.open(f"/c/{chat}")
    editor = Editor(window, message).press()
    editor.wait_for_picture()
    return editor


def starts_of(window) -> list[dict]:
    """The orders that leave the browser, as the server gets them."""
    seen: list[dict] = []

    def note(request) -> None:
        if "flux_studio_edit" not in request.url or not request.post_data:
            return
        event = json.loads(request.post_data).get("event") or {}
        if event.get("op") == "start":
            seen.append(event)

    window.page.on("request", note)
    return seen


def mask_of(event, shape) -> numpy.ndarray:
    """The mask of an order on the whole picture."""
    mask = numpy.asarray(Image.open(io.BytesIO(base64.b64decode(event["mask"]))))
    assert mask.ndim == 2
    region = event.get("region") or {"x": 0, "y": 0, "width": shape[1], "height": shape[0]}
    whole = numpy.zeros(shape[:2], numpy.uint8)
    whole[region["y"] : region["y"] + region["height"], region["x"] : region["x"] + region["width"]] = mask
    return whole


def is_complete(message) -> bool:
    """The host writes text and pictures of an answer one after the other."""
    return bool(message.get("content") and message.get("files"))


@pytest.mark.parametrize("look", [{}, {"width": 390, "height": 844, "dark": True}], ids=["desktop", "phone"])
def test_press_paint_say_look_keep(studio, open_window, place, look):
    chat, message, file = place
    anna = studio.person("anna")
    window = open_window(anna, **look)
    before = until(lambda: (found := studio.chat(anna, chat)) and is_complete(found[message]) and found)
    orders = starts_of(window)
    editor = opened(window, place)
    editor.paint((0.3, 0.3), (0.5, 0.4))
    editor.say("a red sailing boat")
    editor.send()
    editor.wait_for_text("of .* protected pixels changed", seconds=60)
    assert editor.frame.get_by_text("0 of", exact=False).first.is_visible()

    (row,) = until(lambda: studio.jobs("session <> '' and chat = ? and phase = 'delivered'", chat))
    outcome = json.loads(row["outcome"])
    session = studio.host.session(anna)
    original, answer = pixels_of(session, file), pixels_of(session, outcome["files"][0])
    mask = mask_of(orders[0], original.shape)
    assert (original[mask == 0] == answer[mask == 0]).all()
    assert (original[mask == 255] != answer[mask == 255]).any()
    assert (outcome["protected"], outcome["changed"]) == (int((mask == 0).sum()), 0)
    assert orders[0]["prompt"] == "a red sailing boat"

    editor.frame.get_by_role("button", name="Add to chat").first.click()
    after = until(lambda: len(found := studio.chat(anna, chat)) > len(before) and found)
    (new,) = set(after) - set(before)
    assert [each["id"] for each in after[new]["files"]] == outcome["files"]
    assert after[new]["parentId"] == message
    assert after[message]["content"] == before[message]["content"]
    assert after[message]["files"] == before[message]["files"]
    editor.leave()
    assert window.pictures(count=1) == [(1024, 1024)]
    secrets = [anna.token, studio.sandbox.key]
    assert not [secret for secret in secrets if secret in json.dumps(orders)]
    assert window.errors == []


def test_a_reload_in_the_middle_loses_nothing(studio, open_window, place):
    window = open_window(studio.person("anna"))
    orders = starts_of(window)
    editor = opened(window, place)
    editor.paint((0.3, 0.3), (0.5, 0.4))
    editor.say("a keeper's house [sandbox:slow=8]")
    editor.send()
    until(lambda: studio.jobs("session <> '' and chat = ? and phase = 'submitted'", place[0]))
    window.page.wait_for_timeout(1500)
    window.reload()
    editor.press()
    editor.wait_for_text("of .* protected pixels changed", seconds=60)
    assert len(orders) == 1
    assert len(studio.sandbox.submitted("a keeper's house")) == 1
    assert "a keeper's house" in editor.prompt.input_value()
    assert not editor.frame.get_by_text("Nothing is marked yet").is_visible()


def test_an_editor_without_picture_is_not_opened(studio, open_window, place):
    anna = studio.person("anna")
    window = open_window(anna)
    window.new_chat("flux_studio.flux-2-pro").ask("/help")
    window.message.locator("button[aria-label='Edit area']").click(force=True)
    window.page.get_by_text("There is no picture in this chat yet.").first.wait_for()


def test_a_strict_site_says_why_and_offers_another_way(chromium, tmp_path_factory):
    policy = (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src * data: blob:"
    )
    environ = {"CONTENT_SECURITY_POLICY": policy}
    with staged(tmp_path_factory.mktemp("strict"), duration=0.5, environ=environ) as studio:
        anna = studio.person("anna")
        chat, message, _ = make_picture(studio, anna, "behind a strict policy")
        window = chromium.person(studio.host.url, anna.token)
        try:
            window.open(f"/c/{chat}")
            Editor(window, message).button.click(force=True)
            window.page.get_by_text("does not let the editor open").first.wait_for(timeout=WAIT)
            assert window.page.locator("#flux-studio-editor").count() == 0
        finally:
            window.close()
