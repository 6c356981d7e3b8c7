"""A refused prompt comes back in gentler words, below the message, and goes out by one press."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.host


def test_a_gentler_prompt_is_one_press_away_and_survives_a_reload(studio, window):
    window.new_chat("flux_studio.flux-2-pro")
    window.send("a bloody chandelier [sandbox:request-moderated=Derivative Works]")
    window.message.get_by_text("A gentler wording to try").first.wait_for()
    gentler = "An original design with invented characters: a dramatic chandelier"
    window.page.get_by_role("button", name=gentler).wait_for()
    window.wait_until_done()
    window.reload()
    window.page.get_by_role("button", name=gentler).click()
    window.page.locator(".user-message").get_by_text(gentler).wait_for()
    window.wait_until_done()
    assert len(studio.sandbox.submitted("a bloody chandelier")) == 1
    assert len(studio.sandbox.submitted(gentler)) == 1
