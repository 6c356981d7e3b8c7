"""The button that moves the page into a tab of its own: what it saves first, and when it is not there."""

from __future__ import annotations

import pytest

from tests.editor.stand import Stand

pytestmark = pytest.mark.pages

NAME = "Open in a tab of its own"


def test_all_is_saved_before_the_page_moves(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.frame.locator("#prompt").fill("a barn")
    editor.button(NAME).click()
    editor.page.wait_for_function("() => record.tabs === 1")
    kept = editor.run("() => Object.values(kept)[0]")
    assert kept["wishes"]["prompt"] == "a barn"
    assert [step["kind"] for step in kept["document"]["steps"]] == ["rectangle"]


def test_a_blocked_tab_is_said_and_the_page_stays(editor: Stand) -> None:
    editor.run("() => { script.tabBlocked = 'Your browser did not allow a new tab.' }")
    editor.rectangle(100, 80, 300, 240)
    editor.button(NAME).click()
    editor.frame.get_by_text("Your browser did not allow a new tab.").wait_for()
    assert editor.start()["picture"] == "original"


def test_in_a_tab_the_button_is_gone(editor: Stand) -> None:
    editor.button(NAME).wait_for()
    editor.run("() => { script.inTab = true }")
    editor.open()
    assert not editor.button(NAME).is_visible()
