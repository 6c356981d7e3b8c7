"""Edit area from end to end in one go, and everything its frame was sent on the way."""

from __future__ import annotations

import json

import pytest

from tests.host.editor import Editor, pixels_of
from tests.host.test_editor import is_complete, mask_of, starts_of
from tests.host.test_rights import make_picture
from tools.stage import until

pytestmark = pytest.mark.host

QUESTION = "a quiet marina under clouds"


class Recorder:
    """All that reached the frame: messages, the page itself, the frame's attributes, name and address."""

    def __init__(self, window) -> None:
        self.window = window
        self.seen: list[str] = []

    def note(self, editor: Editor) -> None:
        """Take over what was recorded so far; a reload would lose it."""
        self.seen += editor.evaluate("() => window.everything")
        self.seen.append(editor.evaluate("() => [name, location.href, document.referrer].join('\\n')"))
        shell = "document.querySelector('#flux-studio-editor iframe')"
        attributes = f"[...{shell}.attributes].map((each) => `${{each.name}}=${{each.value}}`).join('\\n')"
        self.seen.append(self.window.page.evaluate(attributes))

    def found(self, texts: list[str]) -> list[str]:
        everything = "\n".join(self.seen)
        assert len(self.seen) > 20
        return [text for text in texts if text in everything]


def test_the_whole_walk_and_all_the_frame_learns(studio, open_window):
    anna = studio.person("anna")
    chat, message, file = make_picture(studio, anna, QUESTION)
    before = until(lambda: (found := studio.chat(anna, chat)) and is_complete(found[message]) and found)
    window = open_window(anna)
    recorder = Recorder(window)
    orders = starts_of(window)
    window.open(f"/c/{chat}")
    editor = Editor(window, message).press()
    editor.wait_for_picture()

    # two variants: progress, then side by side
    editor.paint((0.3, 0.3), (0.45, 0.35))
    editor.say("a red sailing boat [sandbox:slow=4]")
    editor.frame.get_by_role("button", name="2", exact=True).click()
    editor.send()
    editor.frame.locator(".job progress").first.wait_for()
    editor.wait_for_text("0 of .* protected pixels changed", seconds=60)
    assert editor.frame.locator(".tile-frame").count() == 2
    (first,) = orders
    assert first["count"] == 2

    # the line between before and after
    shots = []
    for share in ("0", "100"):
        editor.frame.locator(".wipe").fill(share)
        window.page.wait_for_timeout(300)
        shots.append(editor.stage.screenshot())
    assert shots[0] != shots[1]

    # keep painting on the second variant, reload while it is being made
    editor.frame.locator(".tile-frame .tile").nth(1).click()
    editor.frame.get_by_role("button", name="Keep painting").click()
    editor.frame.locator(".result-bar").wait_for(state="hidden")
    editor.paint((0.6, 0.6), (0.7, 0.65))
    editor.say("a lighthouse far away [sandbox:slow=6]")
    editor.frame.get_by_role("button", name="1", exact=True).click()
    editor.send()
    until(lambda: studio.jobs("chat = ? and session <> '' and phase = 'submitted'", chat))
    window.page.wait_for_timeout(1000)
    recorder.note(editor)
    window.reload()
    editor.press()
    editor.wait_for_text("0 of .* protected pixels changed", seconds=60)
    until(lambda: not studio.jobs("chat = ? and session <> '' and phase <> 'delivered'", chat), seconds=60)
    assert len(orders) == 2
    second = orders[1]
    rows = studio.jobs("chat = ? and session <> '' order by created_at, \"index\"", chat)
    variants, last = [json.loads(row["outcome"]) for row in rows[:2]], json.loads(rows[2]["outcome"])
    assert second["picture"] == variants[1]["files"][0] != first["picture"] == file

    # every protected pixel of each stored file, compared here
    session = studio.host.session(anna)
    for order, outcome in ((first, variants[0]), (first, variants[1]), (second, last)):
        source, answer = pixels_of(session, order["picture"]), pixels_of(session, outcome["files"][0])
        mask = mask_of(order, source.shape)
        assert (source[mask == 0] == answer[mask == 0]).all()
        assert (source[mask == 255] != answer[mask == 255]).any()
        assert outcome["changed"] == 0

    # into the chat
    newest = editor.frame.locator(".tile-frame .tile").nth(2)
    newest.click()
    editor.frame.get_by_role("button", name="Add to chat").first.click()
    after = until(lambda: len(found := studio.chat(anna, chat)) > len(before) and found)
    recorder.note(editor)
    (new,) = set(after) - set(before)
    assert [each["id"] for each in after[new]["files"]] == last["files"]
    assert after[new]["parentId"] == message
    for name in ("content", "files"):
        assert after[message][name] == before[message][name]
    editor.leave()
    assert window.pictures(count=1) == [(1024, 1024)]
    assert window.errors == []

    # nothing of it, in no form, ever reached the frame
    answers = [each["content"] for each in after.values() if each.get("content")]
    cookies = [cookie["value"] for cookie in window.page.context.cookies() if len(cookie["value"]) > 8]
    secrets = [anna.token, studio.admin.token, studio.sandbox.key, anna.email, chat, *cookies, *answers]
    assert QUESTION in answers
    assert cookies
    assert recorder.found(secrets) == []
    assert recorder.found([file, "protected"]), "what it does need is there"
