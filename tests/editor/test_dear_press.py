"""One press with two models: one question about the price of both, one yes for both, one no for both."""

from __future__ import annotations

import pytest

from tests.editor.stand import Stand
from tests.editor.test_requests import MODELS

pytestmark = pytest.mark.pages

ASKS = """() => {
    const plain = SERVER.start;
    const confirm = { text: "about 8 credits", credits: 8, question: "2 pictures will cost about 8 credits." };
    SERVER.start = (event) => event.confirm ? plain(event) : { confirm };
}"""


@pytest.fixture
def asked(open_editor) -> Stand:
    editor = open_editor(models=MODELS)
    editor.run(ASKS)
    editor.rectangle(100, 80, 300, 240)
    editor.frame.locator("#prompt").fill("a red barn")
    editor.frame.get_by_text("Ask further models too").click()
    editor.frame.get_by_label("FLUX.2 [pro]").check()
    editor.button("Generate with 2 models about 8 credits").click()
    editor.frame.get_by_text("2 pictures will cost about 8 credits.").wait_for()
    return editor


def test_one_yes_orders_both(asked: Stand) -> None:
    (first,) = asked.calls("start")
    assert [other["model"] for other in first["beside"]] == ["flux-2-pro"]
    asked.button("Order").click()
    asked.page.wait_for_function("() => record.calls.filter(call => call.op === 'start').length === 3")
    _, repeated, second = asked.calls("start")
    assert repeated == {**first, "confirm": True}
    assert (second["model"], second["confirm"]) == ("flux-2-pro", True)
    assert asked.frame.locator("dialog").count() == 0


def test_one_no_orders_none(asked: Stand) -> None:
    asked.frame.locator("dialog footer").get_by_role("button", name="Cancel").click()
    asked.frame.get_by_text("nothing was sent and nothing was billed").wait_for()
    assert len(asked.calls("start")) == 1
    assert asked.frame.locator("dialog").count() == 0
