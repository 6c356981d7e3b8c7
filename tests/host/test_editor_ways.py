"""Edit area in a real host: one mask for two models, a copy for the clipboard, and the way on from the message."""

from __future__ import annotations

import re

import pytest

from tests.host.editor import Editor, painted
from tests.host.test_rights import make_picture
from tools.stage import until

pytestmark = pytest.mark.host


@pytest.fixture
def place(studio):
    """A fresh picture of Anna's: chat id, message id and file id."""
    return make_picture(studio, studio.person("anna"), "a lighthouse for two models")


def test_two_models_one_message_and_the_way_back(studio, open_window, place):
    chat, message, _ = place
    anna = studio.person("anna")
    window = open_window(anna)
    before = studio.chat(anna, chat)
    window.open(f"/c/{chat}")
    editor = Editor(window, message).press()
    editor.wait_for_picture()
    editor.paint((0.3, 0.3), (0.5, 0.4))
    editor.say("a keeper for two models")
    editor.frame.get_by_text("Ask further models too").click()
    editor.frame.get_by_label("FLUX.2 [pro]", exact=True).check()
    editor.frame.get_by_role("button", name=re.compile("Generate with 2 models")).click()
    editor.frame.locator(".tile-frame").nth(1).wait_for(timeout=60_000)
    rows = studio.jobs("session <> '' and chat = ?", chat)
    assert sorted(row["model"] for row in rows) == ["flux-2-pro", "flux-pro-1.0-fill"]
    assert len(studio.sandbox.submitted("a keeper for two models")) == 2

    window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    editor.frame.get_by_role("button", name="Copy", exact=True).click()
    editor.frame.get_by_text("Copied. Paste it where you need it.").wait_for()
    kinds = window.page.evaluate("async () => (await navigator.clipboard.read()).flatMap(item => item.types)")
    assert kinds == ["image/png"]
    with pytest.raises(AssertionError, match="https and a permission"):
        editor.ask("copy", {"mime": "image/jpeg"}, list(painted((32, 24))))

    for number in (1, 2):
        editor.frame.get_by_label(f"Choose result {number}").check()
    editor.frame.get_by_role("button", name="Add 2 to chat").click()
    after = until(lambda: len(found := studio.chat(anna, chat)) > len(before) and found)
    (new,) = set(after) - set(before)
    shown = [each["id"] for each in after[new]["files"]]
    assert len(shown) == 2
    editor.leave()

    answer = window.page.locator(f"#message-{new}")
    downloads = answer.locator("a[href*='attachment=true']")
    downloads.nth(1).wait_for()
    links = downloads.evaluate_all(
        "links => links.map(link => new URL(link.href).pathname + new URL(link.href).search)"
    )
    assert links == [f"/api/v1/files/{each}/content?attachment=true" for each in shown]
    original = studio.host.session(anna).get(f"/api/v1/files/{shown[0]}/content?attachment=true")
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.content.startswith(b"\x89PNG")

    again = Editor(window, new).press()
    again.wait_for_picture()
    again.frame.get_by_role("button", name="Repeat it with other settings").click()
    again.frame.get_by_text("of the picture marked").wait_for()
    until(lambda: again.prompt.input_value() == "a keeper for two models")
    assert window.errors == []
