"""Further ways to mark and to look: subject, bucket, earlier masks, views, work area, zoom, tips."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.editor.stand import Stand, encoded, picture
from tests.editor.test_controls import Fingers, columns, dab, scale, setting

pytestmark = pytest.mark.pages

EMPTY = "Nothing is marked yet"


def done(editor: Stand) -> None:
    editor.frame.locator(".busy").wait_for(state="hidden")


def menu(editor: Stand, row: str | None = None) -> None:
    """Open the card of the mask, and press one of its rows."""
    editor.button("Mask").click()
    if row:
        editor.button(row).click()


def put_slider(editor: Stand, name: str, value: int) -> None:
    """Set a slider as a keyboard does: to its least value, then step by step."""
    slider = editor.frame.get_by_role("slider", name=name)
    slider.focus()
    shown = int(slider.get_attribute("aria-valuetext").split()[0])  # type: ignore[union-attr]
    for _ in range(abs(value - shown)):
        editor.page.keyboard.press("ArrowRight" if value > shown else "ArrowLeft")


def sent_mask(editor: Stand) -> numpy.ndarray[Any, Any]:
    return editor.mask(editor.start(expected=len(editor.calls("start")) + 1))


def pixel(editor: Stand, x: float, y: float) -> tuple[int, ...]:
    """What the screen shows at a picture pixel."""
    with Image.open(io.BytesIO(editor.page.screenshot())) as shot:
        left, top = editor.at(x, y)
        return tuple(shot.convert("RGB").getpixel((round(left), round(top))))  # type: ignore[arg-type]


# ---- subject


def test_a_subject_is_framed_refined_and_undone(editor: Stand) -> None:
    editor.tool("subject")
    editor.drag((100, 80), (300, 240))
    done(editor)
    (call,) = editor.calls("select")
    assert {name: call[name] for name in ("session", "picture", "strokes")} == {
        "session": "session-original", "picture": "original", "strokes": [],
    }  # fmt: skip
    box = call["box"]
    assert abs(box["x"] - 100) <= 1
    assert abs(box["width"] - 200) <= 2
    assert editor.share != EMPTY
    blank = encoded(Image.new("L", (box["width"], box["height"]), 255))
    editor.run("mask => { script.answers.select = [mask] }", blank)
    editor.button("Include").click()
    editor.drag((110, 90), (150, 95), (180, 90))
    done(editor)
    again = editor.calls("select")[1]
    assert again["box"] == box
    (stroke,) = again["strokes"]
    assert stroke["include"] is True
    assert stroke["size"] == pytest.approx(14 / scale(editor), rel=0.01)
    assert abs(stroke["points"][0] - 110) < 1.5
    assert len(stroke["points"]) % 2 == 0
    assert (sent_mask(editor) > 127).sum() == box["width"] * box["height"]
    editor.button("Undo").click()
    assert editor.share == EMPTY
    assert editor.button("Include").is_disabled()


def test_a_subject_is_taken_away_by_the_right_button(editor: Stand) -> None:
    editor.rectangle(50, 50, 400, 300)
    editor.tool("subject")
    editor.drag((100, 80), (300, 240), button="right")
    done(editor)
    mask = sent_mask(editor)
    assert [int(mask[y, x]) for x, y in ((200, 160), (103, 83), (60, 60))] == [0, 255, 255]


def test_strokes_refine_nothing_that_is_no_longer_the_last(editor: Stand) -> None:
    editor.tool("subject")
    editor.drag((100, 80), (300, 240))
    done(editor)
    assert editor.button("Exclude").is_enabled()
    editor.rectangle(400, 300, 500, 380)
    editor.tool("subject")
    assert editor.button("Exclude").is_disabled()


def test_a_subject_that_cannot_be_found_says_why_and_changes_nothing(editor: Stand) -> None:
    editor.run("() => { script.fail.select = ['No subject was found there.'] }")
    editor.tool("subject")
    editor.drag((100, 80), (300, 240))
    editor.frame.get_by_text("No subject was found there.").wait_for()
    assert editor.share == EMPTY
    editor.drag((100, 80), (300, 240))
    done(editor)
    assert editor.share != EMPTY


def test_a_subject_that_arrives_during_a_stroke_waits_for_its_end(editor: Stand) -> None:
    editor.run("() => { script.slow = 1500 }")
    editor.tool("subject")
    editor.drag((100, 80), (200, 180))
    editor.tool("brush")
    editor.page.mouse.move(*editor.at(400, 300))
    editor.page.mouse.down()
    editor.page.mouse.move(*editor.at(450, 300))
    assert editor.frame.locator(".busy").is_visible(), "the answer is still to come"
    editor.page.wait_for_timeout(2000)
    editor.page.mouse.up()
    done(editor)
    mask = sent_mask(editor)
    assert [int(mask[y, x]) for x, y in ((150, 130), (420, 300))] == [255, 255]


def test_a_subject_by_keyboard(editor: Stand) -> None:
    editor.page.keyboard.press("s")
    editor.surface.focus()
    editor.page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowDown"):
        for _ in range(10):
            editor.page.keyboard.press(key)
    editor.page.keyboard.press("Enter")
    done(editor)
    box = editor.calls("select")[0]["box"]
    assert abs(box["x"] - 320) <= 1
    assert abs(box["width"] - 100 / scale(editor)) <= 2


def test_a_subject_by_finger(open_editor: Callable[..., Stand]) -> None:
    editor = open_editor(phone=True)
    editor.tool("subject")
    Fingers(editor).drag(editor.at(100, 80), by=(100, 60))
    done(editor)
    assert abs(editor.calls("select")[0]["box"]["x"] - 100) <= 3
    assert editor.share != EMPTY


# ---- bucket


def test_the_bucket_follows_its_settings_until_something_else_is_done(editor: Stand) -> None:
    editor.tool("bucket")
    put_slider(editor, "Tolerance", 5)
    dab(editor, 480, 300)
    flat = 160 * 100
    assert (sent_mask(editor) == 255).sum() == flat
    put_slider(editor, "Opacity", 40)
    put_slider(editor, "Tolerance", 250)
    editor.frame.get_by_text("% of the picture marked").wait_for()
    expect(editor.frame.locator(".mask-summary strong")).not_to_have_text("6.2 % of the picture marked")
    mask = sent_mask(editor)
    assert (mask == 102).sum() > 2 * flat
    editor.button("Undo").click()
    assert editor.share == EMPTY, "it is one step, however often it followed"


def test_the_bucket_takes_a_colour_everywhere(editor: Stand) -> None:
    image = picture(640, 400)
    image.paste((0, 0, 255), (10, 10, 30, 30))
    editor.add("spots", image)
    editor.run("() => { script.picture = 'spots' }")
    editor.open()
    editor.tool("bucket")
    put_slider(editor, "Tolerance", 2)
    dab(editor, 480, 300)
    connected = int((sent_mask(editor) == 255).sum())
    editor.button("Everywhere").click()
    editor.frame.get_by_text("separate parts").wait_for()
    mask = sent_mask(editor)
    assert int((mask == 255).sum()) >= connected + 400
    assert mask[20, 20] == 255


# ---- masks of the chat, earlier masks, combinations


def test_a_mask_is_taken_from_a_picture_of_the_chat(editor: Stand) -> None:
    mask = Image.new("L", (640, 400), 0)
    mask.paste(255, (100, 100, 200, 200))
    editor.add("mask", mask)
    editor.run("() => { script.pictures = [{ id: 'mask', width: 640, height: 400, message: 'm' }] }")
    editor.open()
    menu(editor, "Take a mask from the chat …")
    editor.frame.get_by_label("Picture 1, 640 × 400").click()
    editor.frame.get_by_text("White was taken as the area to change.").wait_for()
    sent = sent_mask(editor)
    assert (sent == 255).sum() == 100 * 100
    assert sent[150, 150] == 255
    assert len(editor.calls("open")) == 2, "the picture stayed the one that was open"


def test_an_earlier_mask_is_shown_at_rest_and_taken_by_a_press(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    first = sent_mask(editor)
    editor.button("Clear").first.click()
    editor.rectangle(400, 300, 500, 380)
    menu(editor)
    plain = pixel(editor, 200, 350)
    inside = pixel(editor, 150, 120)
    earlier = editor.frame.get_by_role("button", name="Take earlier mask 1")
    assert editor.frame.locator(".earlier-mask").count() == 1, "sent and cleared, it is there once"
    earlier.hover()
    expect(editor.frame.locator(".earlier-mask")).to_be_visible()
    editor.page.wait_for_timeout(100)
    assert pixel(editor, 150, 120) != inside
    assert pixel(editor, 200, 350) == plain
    assert editor.share.startswith("3.1"), "looking changes nothing"
    editor.button("Select all").hover()
    editor.page.wait_for_timeout(100)
    assert pixel(editor, 150, 120) == inside
    earlier.click()
    assert (sent_mask(editor) == first).all()
    editor.page.keyboard.press("Escape")
    editor.button("Undo").click()
    assert editor.share.startswith("3.1")
    editor.settle()
    editor.open()
    menu(editor)
    assert editor.frame.locator(".earlier-mask").count() == 2, "they are there after a reload"


def test_a_taken_mask_leaves_the_common_part(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.button("Clear").first.click()
    editor.rectangle(200, 80, 400, 240)
    menu(editor)
    editor.frame.get_by_role("combobox", name="A taken mask").select_option("intersect")
    editor.frame.get_by_role("button", name="Take earlier mask 1").click()
    assert columns(sent_mask(editor), 150) == (pytest.approx(200, abs=1), pytest.approx(299, abs=1))


# ---- looking


def test_a_negative_and_a_checkerboard_show_the_mask(editor: Stand) -> None:
    before = pixel(editor, 480, 300)
    assert before == (0, 0, 255)
    editor.rectangle(400, 250, 560, 350)

    def view(value: str) -> None:
        menu(editor)
        editor.frame.get_by_role("combobox", name="View").select_option(value)
        editor.page.keyboard.press("Escape")
        editor.page.mouse.move(*editor.at(20, 20))
        editor.page.wait_for_timeout(200)

    view("negative")
    assert pixel(editor, 480, 300) == (255, 255, 0)
    view("checks")
    shown = {pixel(editor, 480 + step, 300) for step in range(0, 20, 2)}
    assert shown == {(0xF5, 0xF4, 0xF4), (0xD4, 0xD4, 0xD8)}
    menu(editor, "Black")
    editor.page.keyboard.press("Escape")
    editor.page.wait_for_timeout(200)
    assert pixel(editor, 480, 300)[2] == pytest.approx(128, abs=2)


def test_separate_parts_are_counted(editor: Stand) -> None:
    parts = editor.frame.locator(".parts")
    editor.rectangle(100, 80, 200, 180)
    expect(parts).to_have_text("In one part")
    editor.rectangle(300, 80, 400, 180)
    editor.rectangle(500, 80, 600, 180)
    expect(parts).to_have_text("3 separate parts")
    editor.rectangle(150, 100, 350, 120)
    expect(parts).to_have_text("2 separate parts")
    editor.button("Clear").first.click()
    expect(parts).to_have_text("")


def test_zoom_in_fixed_steps(editor: Stand) -> None:
    zoom = editor.frame.locator(".zoom-value")
    zoom.click()
    editor.button("400 %").click()
    assert zoom.inner_text() == "400 %"
    assert editor.button("800 %").is_hidden()
    editor.surface.focus()
    for key in "12345678":
        editor.page.keyboard.press(key)
        assert zoom.inner_text() == f"{key}00 %"
    editor.button("Fit to screen").click()
    assert zoom.inner_text() == f"{round(scale(editor) * 100)} %"


def test_extending_by_a_factor(editor: Stand) -> None:
    editor.tool("frame")
    editor.button("Extend to 1.5 times the size").click()
    editor.frame.locator("#prompt").fill("more")
    assert editor.start()["region"] == {"x": -160, "y": -100, "width": 960, "height": 600}


def test_the_work_area_is_asked_for_shown_and_hidden(editor: Stand) -> None:
    line = editor.frame.locator(".area-line")
    assert line.count() == 0
    editor.rectangle(100, 80, 300, 240)
    line.wait_for(state="attached")
    (call,) = editor.calls("area")
    assert (call["model"], call["picture"], "region" in call) == ("flux-fill", "original", False)
    sent = sent_mask(editor)
    rows, across = numpy.nonzero(sent)
    expected = {"x": across.min(), "y": rows.min(), "width": numpy.ptp(across) + 1, "height": numpy.ptp(rows) + 1}
    assert call["box"] == expected, "the box around what is sent"
    surface, drawn = editor.surface.bounding_box(), line.bounding_box()
    assert surface
    assert drawn
    left, top = editor.at(expected["x"] - 10, expected["y"] - 10)
    assert (drawn["x"], drawn["y"]) == (pytest.approx(left, abs=2), pytest.approx(top, abs=2))
    assert drawn["width"] == pytest.approx((expected["width"] + 20) * scale(editor), abs=3)
    editor.frame.locator("#model").select_option("flux-erase")
    editor.page.wait_for_function("() => record.calls.filter(call => call.op === 'area').length === 2")
    menu(editor)
    editor.frame.get_by_role("switch", name="Show the work area").click()
    expect(line).to_have_count(0)
    editor.page.keyboard.press("Escape")
    editor.rectangle(400, 80, 500, 240)
    editor.page.wait_for_timeout(500)
    assert len(editor.calls("area")) == 2, "nobody asks for what is not shown"


# ---- brush


def test_a_square_tip_paints_squares(editor: Stand) -> None:
    editor.button("More").click()
    editor.button("Square").click()
    editor.page.keyboard.press("Escape")
    for _ in range(3):
        editor.page.keyboard.press("Shift+BracketRight")
    dab(editor, 300, 200)
    mask = sent_mask(editor)
    size = int(setting(editor, "Size").split()[0])
    assert (mask > 127).sum() == pytest.approx(size * size, rel=0.08)


def test_smoothing_forgets_the_trembling_of_a_hand(editor: Stand) -> None:
    def trembling(y: int) -> None:
        editor.drag((100, y), *[(100 + 10 * step, y + (6 if step % 2 else -6)) for step in range(1, 40)], (500, y))

    for _ in range(4):
        editor.page.keyboard.press("[")
    trembling(100)
    editor.button("More").click()
    put_slider(editor, "Smoothing", 60)
    editor.page.keyboard.press("Escape")
    trembling(300)
    mask = sent_mask(editor) > 127
    heights = [int(mask[top : top + 100, 150:400].any(axis=1).sum()) for top in (50, 250)]
    assert heights[1] < heights[0] - 6
    assert columns(sent_mask(editor), 300)[1] >= 495, "the stroke ends where the hand did"


def test_alt_and_the_right_button_change_size_or_hardness(editor: Stand) -> None:
    size, hardness = (int(setting(editor, name).split()[0]) for name in ("Size", "Hardness"))
    x, y = editor.at(300, 200)
    editor.page.keyboard.down("Alt")
    for by in ((40, 6), (6, 40)):
        editor.page.mouse.move(x, y)
        editor.page.mouse.down(button="right")
        editor.page.mouse.move(x + by[0], y + by[1], steps=8)
        editor.page.mouse.up(button="right")
    editor.page.keyboard.up("Alt")
    assert int(setting(editor, "Size").split()[0]) == pytest.approx(size + 2 * 40 / scale(editor), abs=2)
    assert int(setting(editor, "Hardness").split()[0]) == pytest.approx(hardness - 20, abs=1)
    assert editor.share == EMPTY


def test_a_line_never_starts_on_the_picture_before(editor: Stand) -> None:
    editor.add("other", picture(640, 400, seed=3))
    editor.run("() => { script.pictures = [{ id: 'other', width: 640, height: 400, message: 'm' }] }")
    editor.open()
    dab(editor, 60, 60)
    editor.button("Choose another picture").click()
    editor.frame.get_by_label("Picture 1, 640 × 400").click()
    editor.page.wait_for_function("() => record.calls.at(-1).session !== 'session-original'")
    expect(editor.frame.locator(".mask-summary strong")).to_have_text(EMPTY)
    editor.page.keyboard.down("Shift")
    dab(editor, 500, 300)
    editor.page.keyboard.up("Shift")
    mask = sent_mask(editor)
    assert mask[300, 500] > 127
    assert mask[180, 280] == 0
    assert mask[60, 60] == 0


def test_a_pen_draws_where_a_palm_lies_already(open_editor: Callable[..., Stand]) -> None:
    editor = open_editor(phone=True)
    fingers = Fingers(editor)
    palm = editor.at(500, 300)
    fingers.put("touchStart", palm)
    fingers.put("touchMove", (palm[0] + 3, palm[1] + 3))
    fingers.pen("mousePressed", editor.at(100, 100))
    fingers.pen("mouseMoved", editor.at(200, 100))
    fingers.put("touchMove", (palm[0] + 9, palm[1] + 9))
    fingers.pen("mouseMoved", editor.at(300, 100))
    fingers.pen("mouseReleased", editor.at(300, 100))
    fingers.put("touchEnd")
    mask = sent_mask(editor)
    assert mask[100, 200] > 127
    assert mask[300, 500] == 0
