"""Nobody has to watch: a reload, another chat or a closed tab changes nothing about the picture."""

from __future__ import annotations

import pytest

from tools.stage import until

pytestmark = pytest.mark.host

PRO = "flux_studio.flux-2-pro"


def test_a_reload_while_painting(studio, window):
    window.new_chat(PRO)
    window.send("a reloaded rainbow [sandbox:slow=6]")
    until(lambda: studio.jobs("phase = 'submitted'"))
    window.wait_for_chat()
    window.reload()
    assert window.pictures(count=1) == [(1024, 1024)]
    window.wait_until_done()
    assert "FLUX.2 [pro]" in window.answer.inner_text()
    assert len(studio.sandbox.submitted("a reloaded rainbow")) == 1


def test_a_closed_tab(studio, window, open_window):
    window.new_chat(PRO)
    window.send("a rainbow behind a closed door [sandbox:slow=4]")
    chat = window.wait_for_chat()
    until(lambda: studio.jobs("phase = 'submitted' and chat = ?", chat))
    window.close()
    until(lambda: studio.jobs("phase = 'delivered' and chat = ?", chat))
    again = open_window(studio.person("anna")).open(f"/c/{chat}")
    assert again.pictures(count=1) == [(1024, 1024)]
    assert "FLUX.2 [pro]" in again.answer.inner_text()
    assert len(studio.sandbox.submitted("behind a closed door")) == 1


def test_another_chat_meanwhile(studio, window):
    window.new_chat(PRO)
    window.send("a patient rainbow [sandbox:slow=6]")
    first = window.wait_for_chat()
    until(lambda: studio.jobs("phase = 'submitted' and chat = ?", first))
    window.new_chat(PRO)
    window.ask("an impatient rainbow")
    assert window.pictures(count=1) == [(1024, 1024)]
    window.open(f"/c/{first}")
    assert window.pictures(count=1) == [(1024, 1024)]
    assert len(studio.sandbox.submitted("a patient rainbow")) == 1
