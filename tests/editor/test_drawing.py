"""Drawing over the picture: seen, undone, kept, sent to the models that take it, and never part of the mask."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import numpy
import pytest
from PIL import Image

from tests.editor.stand import FILL, Stand

pytestmark = pytest.mark.pages

LAYER = FILL | {"id": "layer", "label": "Model with a layer", "tasks": ["edit", "inpaint"], "markup": "layer"}


def test_a_drawing_is_sent_where_the_model_takes_it(open_editor: Callable[..., Stand]) -> None:
    editor = open_editor(models=[FILL | {"markup": "none"}, LAYER])
    editor.rectangle(100, 80, 300, 240)
    before = editor.mask(editor.start())
    editor.finish("first")
    editor.button("Back to the mask").click()

    editor.tool("draw")
    editor.drag((60, 60), (150, 120), (220, 70))
    note = editor.frame.locator(".drawing-note")
    assert note.inner_text() == "Your drawing is not sent to FLUX Fill."
    editor.button("Box").click()
    editor.drag((400, 200), (500, 300))
    editor.button("Text").click()
    editor.frame.get_by_label("Words to put there").fill("boat")
    editor.page.mouse.click(*editor.at(300, 60))
    editor.button("Number").click()
    editor.page.mouse.click(*editor.at(560, 60))
    editor.page.keyboard.press("Control+z")
    assert "markup" not in editor.start(expected=2)
    editor.finish("second")
    editor.button("Back to the mask").click()

    editor.settle()
    editor.open()
    editor.frame.locator("#model").select_option("layer")
    assert note.inner_text() == "Your drawing is sent along."
    call = editor.start(expected=3)
    assert (editor.mask(call) == before).all(), "drawing changes no mask"
    with Image.open(io.BytesIO(base64.b64decode(call["markup"]))) as image:
        assert (image.mode, image.size) == ("RGBA", (640, 400))
        pixels = numpy.asarray(image)
    editor.finish("third")
    editor.button("Back to the mask").click()
    drawn = pixels[..., 3] > 200
    assert drawn[60, 60]
    assert drawn[200, 450]
    assert not drawn[250, 450], "a box is open"
    assert drawn[50:70, 300:340].any()
    assert not drawn[40:80, 540:580].any(), "what was undone stays undone after the reload"
    assert tuple(pixels[200, 450, :3]) == (0xE1, 0x1D, 0x48)

    editor.tool("draw")
    editor.button("Mark it too").click()
    after = editor.mask(editor.start(expected=4))
    assert after[60, 60] == 255
    assert after[200, 450] == 255
    assert (after >= before).all()
    assert after[250, 450] == 0
    editor.button("Remove the drawing").click()
    assert note.is_hidden()


def test_the_eyedropper_writes_the_colour_into_the_words(open_editor: Callable[..., Stand]) -> None:
    editor = open_editor(models=[LAYER])
    editor.frame.locator("#prompt").fill("a boat in")
    editor.page.keyboard.press("Escape")
    editor.tool("draw")
    editor.button("Eyedropper").click()
    editor.page.mouse.click(*editor.at(480, 300))
    assert editor.frame.locator("#prompt").input_value() == "a boat in #0000ff"
    assert editor.frame.locator(".own").input_value() == "#0000ff"
    assert editor.share == "Nothing is marked yet"
