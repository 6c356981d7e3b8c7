"""The question before a dear order: asked once, a no costs nothing, a yes orders under the same request."""

from __future__ import annotations

import pytest

from tests.editor.stand import Stand

pytestmark = pytest.mark.pages

ASKS = """() => {
    const plain = SERVER.start;
    const question = "4 pictures with FLUX Fill will cost about 128 credits.";
    const confirm = { text: "about 128 credits", credits: 128, question };
    SERVER.start = (event) => event.confirm ? plain(event) : { confirm };
}"""


@pytest.fixture
def asked(editor: Stand) -> Stand:
    """An editor whose order has come back with its price."""
    editor.run(ASKS)
    editor.rectangle(100, 80, 300, 240)
    editor.start()
    editor.frame.get_by_text("will cost about 128 credits").wait_for()
    return editor


def test_a_yes_orders_under_the_same_request(asked: Stand) -> None:
    assert asked.frame.get_by_role("heading", name="Order for about 128 credits?").is_visible()
    asked.button("Order").click()
    asked.page.wait_for_function("() => record.calls.filter(call => call.op === 'start').length === 2")
    first, second = asked.calls("start")
    assert second == {**first, "confirm": True}
    asked.finish("dear")
    assert asked.frame.locator("dialog").count() == 0


@pytest.mark.parametrize("way", ["Cancel", "Escape"])
def test_a_no_orders_nothing_and_the_next_order_is_a_new_one(asked: Stand, way: str) -> None:
    if way == "Cancel":
        asked.frame.locator("dialog footer").get_by_role("button", name="Cancel").click()
    else:
        asked.page.keyboard.press("Escape")
    asked.frame.get_by_text("nothing was sent and nothing was billed").wait_for()
    assert len(asked.calls("start")) == 1
    assert asked.frame.locator("dialog").count() == 0
    again = asked.start(expected=2)
    assert again["request"] != asked.calls("start")[0]["request"]


def test_the_question_fits_a_phone(open_editor) -> None:
    phone = open_editor(phone=True, dark=True)
    phone.run(ASKS)
    phone.rectangle(100, 80, 300, 240)
    phone.send.click()
    box = phone.frame.locator("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert phone.button("Order").is_visible()
