"""Edit area in a tab of its own: moved there by the bridge, with the chat free beside it."""

from __future__ import annotations

import pytest

from tests.host.editor import Editor
from tests.host.test_rights import make_picture
from tools.stage import until

pytestmark = pytest.mark.host

BUTTON = "Open in a tab of its own"
MARKED = "#send-reason:text-is('')"


@pytest.fixture(scope="module")
def place(studio):
    """A picture of Anna's: chat id, message id and file id."""
    return make_picture(studio, studio.person("anna"), "a garden for a tab")


@pytest.fixture
def editor(window, place):
    chat, message, _ = place
    window.open(f"/c/{chat}")
    opened = Editor(window, message).press()
    opened.wait_for_picture()
    return opened


def moved(editor: Editor):
    """Press the button; returns the tab, with the editor's frame in it."""
    with editor.window.page.context.expect_page() as opening:
        editor.frame.get_by_role("button", name=BUTTON).click()
    tab = opening.value
    frame = tab.locator("iframe").element_handle(timeout=60_000).content_frame()
    assert frame is not None
    editor.frame = frame
    frame.locator(".picture-size:not(:empty)").wait_for(timeout=60_000)
    return tab


def test_work_goes_on_in_the_tab_and_the_chat_is_free(studio, window, editor, place):
    chat, message, _ = place
    anna = studio.person("anna")
    before = studio.chat(anna, chat)
    editor.paint((0.3, 0.3), (0.5, 0.4))
    editor.say("a fountain")
    tab = moved(editor)
    assert not window.page.locator("#flux-studio-editor iframe").count()
    assert editor.prompt.input_value() == "a fountain"
    editor.frame.locator(MARKED).wait_for(state="attached")
    assert tab.title() == "Edit area"

    editor.send()
    editor.wait_for_text("0 of .* protected pixels changed", seconds=60)
    with tab.expect_download() as download:
        editor.frame.get_by_role("button", name="Download").first.click()
    assert download.value.suggested_filename.startswith("edited-1.")
    editor.frame.get_by_role("button", name="Add to chat").first.click()
    after = until(lambda: len(found := studio.chat(anna, chat)) > len(before) and found)
    (new,) = set(after) - set(before)
    assert after[new]["parentId"] == message
    assert window.pictures(count=1) == [(1024, 1024)]
    window.page.locator("#chat-input").click()
    window.page.keyboard.insert_text("the chat is free")
    assert "the chat is free" in window.page.locator("#chat-input").inner_text()

    # the button again brings the same tab forward, and closing it ends the editor
    editor.button.click(force=True)
    window.page.wait_for_timeout(1500)
    assert len(window.page.context.pages) == 2
    with tab.expect_event("close"):
        editor.frame.get_by_role("button", name="Close").first.click()
    window.page.locator("#flux-studio-editor").wait_for(state="detached")
    assert window.errors == []


def test_a_reloaded_or_closed_tab_loses_nothing(window, editor):
    editor.paint((0.3, 0.3), (0.5, 0.4))
    editor.say("a pond")
    tab = moved(editor)
    tab.reload()
    frame = tab.locator("iframe").element_handle(timeout=60_000).content_frame()
    frame.locator(MARKED).wait_for(state="attached", timeout=60_000)
    assert frame.locator("textarea").first.input_value() == "a pond"
    tab.close()
    window.page.locator("#flux-studio-editor").wait_for(state="detached")
    editor.press()
    editor.frame.locator(MARKED).wait_for(state="attached")
    assert editor.prompt.input_value() == "a pond"


def test_when_the_chat_goes_the_tab_says_so(window, editor):
    tab = moved(editor)
    window.page.goto("about:blank")
    tab.get_by_text("The chat this editor belongs to was closed").wait_for()


def test_a_blocked_tab_leaves_the_editor_where_it_is(window, editor):
    window.page.evaluate("() => { window.open = () => null }")
    editor.frame.get_by_role("button", name=BUTTON).click()
    editor.wait_for_text("did not allow a new tab", seconds=20)
    assert window.page.locator("#flux-studio-editor iframe").is_visible()
    editor.leave()
