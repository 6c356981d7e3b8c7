"""The page as people use it: paint, send, look, keep, come back; by mouse, finger and keyboard."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import numpy
import pytest
from PIL import Image

from tests.editor.stand import ERASE, FILL, ROOT, Stand, html, picture

pytestmark = pytest.mark.pages

SCRIPT = "<img src=x onerror=\"parent.postMessage('broken','*')\"><script>parent.postMessage('broken','*')</script>"


def test_the_page_is_small_and_loads_nothing() -> None:
    page = html()
    assert len(page.encode()) <= 150_000
    assert "default-src 'none'" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page
    assert "innerHTML" not in page


def test_what_is_painted_is_what_the_server_gets(editor: Stand) -> None:
    assert not editor.send.is_enabled()
    assert editor.reason == "Mark what shall be changed first."
    editor.rectangle(100, 80, 300, 240)
    editor.frame.locator("#prompt").fill("  a red barn ")
    call = editor.start()
    assert {name: call[name] for name in ("page", "session", "model", "prompt", "picture", "protect", "count")} == {
        "page": "editor", "session": "session-original", "model": "flux-fill", "prompt": "a red barn",
        "picture": "original", "protect": True, "count": 1,
    }  # fmt: skip
    assert "region" not in call
    assert "options" not in call
    mask = editor.mask(call)
    assert mask.shape == (400, 640)
    assert set(numpy.unique(mask)) == {0, 255}
    rows, columns = numpy.nonzero(mask)
    assert abs(columns.min() - 100) <= 1
    assert abs(columns.max() - 299) <= 1
    assert abs(rows.min() - 80) <= 1
    assert abs(rows.max() - 239) <= 1
    assert len(rows) == (columns.max() - columns.min() + 1) * (rows.max() - rows.min() + 1)


def test_brush_eraser_and_right_button(editor: Stand) -> None:
    editor.drag((100, 200), (500, 200))
    editor.tool("eraser")
    editor.drag((300, 150), (300, 250))
    editor.tool("brush")
    editor.drag((450, 150), (450, 250), button="right")
    mask = editor.mask(editor.start())
    assert [int(mask[200, x]) for x in (110, 200, 300, 400, 450, 490)] == [255, 255, 0, 255, 0, 255]
    assert mask[:150].max() == 0


def test_every_shape_adds_and_subtracts(editor: Stand) -> None:
    editor.rectangle(50, 50, 600, 350)
    editor.button("Subtract").click()
    editor.tool("ellipse")
    editor.drag((80, 80), (200, 200))
    editor.tool("lasso")
    editor.drag((250, 80), (350, 80), (350, 180), (250, 180), (250, 90))
    editor.tool("polygon")
    for x, y in ((400, 80), (500, 80), (500, 180), (400, 180)):
        editor.page.mouse.click(*editor.at(x, y))
    editor.page.mouse.dblclick(*editor.at(400, 180))
    mask = editor.mask(editor.start())
    inside = {
        "left": (300, 60),
        "ellipse": (140, 140),
        "corner of the ellipse": (85, 85),
        "lasso": (300, 130),
        "polygon": (450, 130),
    }
    assert {name: int(mask[y, x]) for name, (x, y) in inside.items()} == {
        "left": 255, "ellipse": 0, "corner of the ellipse": 255, "lasso": 0, "polygon": 0,
    }  # fmt: skip


def test_the_bucket_takes_the_flat_rectangle(editor: Stand) -> None:
    editor.tool("bucket")
    editor.page.mouse.click(*editor.at(480, 300))
    mask = editor.mask(editor.start())
    expected = numpy.zeros((400, 640), numpy.uint8)
    expected[250:350, 400:560] = 255
    assert numpy.abs(mask.astype(int) - expected).max() == 0


def test_undo_and_redo_of_everything(editor: Stand) -> None:
    editor.rectangle(100, 100, 200, 200)
    first = editor.share
    editor.page.keyboard.press("i")
    assert editor.share != first
    editor.page.keyboard.press("Control+a")
    assert "Everything is marked" in editor.frame.locator(".warning").inner_text()
    editor.page.keyboard.press("Delete")
    assert editor.share == "Nothing is marked yet"
    for _ in range(3):
        editor.page.keyboard.press("Control+z")
    assert editor.share == first
    editor.button("Undo").click()
    assert editor.share == "Nothing is marked yet"
    assert editor.button("Undo").is_disabled()
    editor.page.keyboard.press("Control+Shift+z")
    assert editor.share == first


def test_a_reload_restores_strokes_words_and_undo(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.drag((400, 300), (500, 340))
    editor.frame.locator("#prompt").fill("a lighthouse")
    editor.button("3").click()
    before = editor.share
    editor.settle()
    editor.open()
    assert editor.share == before
    assert editor.frame.locator("#prompt").input_value() == "a lighthouse"
    assert editor.button("3").get_attribute("aria-pressed") == "true"
    editor.page.keyboard.press("Control+z")
    editor.button("Undo").click()
    assert editor.share == "Nothing is marked yet"
    assert not editor.send.is_enabled()
    editor.button("Redo").click()
    assert editor.mask(editor.start())[100, 120] == 255


def test_a_running_job_is_followed_after_a_reload(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    request = editor.start()["request"]
    editor.answer({"state": "running", "progress": 0.3})
    editor.frame.get_by_text("Working · 30 %").wait_for()
    editor.run("job => { script.jobs = [{ job, state: 'running' }] }", f"job-{request}")
    editor.settle()
    editor.open()
    editor.frame.locator(".job", has_text="FLUX Fill").wait_for()
    editor.finish("late")
    assert editor.frame.locator(".tile-frame").count() == 1


def test_results_are_proven_compared_kept_and_applied(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.start()
    editor.finish("first", "second")
    assert editor.frame.get_by_text("0 of 200,000 protected pixels changed").is_visible()
    assert editor.surface.get_attribute("data-tool") == "wipe"
    for number in (1, 2):
        editor.frame.get_by_label(f"Choose result {number}").check()
    editor.run("() => { script.answers.apply = [{ state: 'waiting' }] }")
    editor.button("Add 2 to chat").click()
    editor.frame.get_by_text("Added to the chat.").wait_for()
    first, again = editor.calls("apply")
    assert first == again
    assert first["pictures"] == ["first", "second"]
    assert editor.frame.locator(".tile-applied").count() == 2


def test_a_tool_leads_back_to_painting_and_a_partial_failure_is_said(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.start()
    editor.add("only", picture(640, 400, seed=4))
    editor.answer({"state": "done", "error": "One of two was refused.", "results": [{"picture": "only", "seed": None}]})
    editor.frame.get_by_text("One of two was refused.").wait_for()
    assert editor.frame.get_by_text("The rest was not protected").is_visible()
    editor.tool("brush")
    editor.frame.locator(".result-bar").wait_for(state="hidden")
    before = editor.share
    editor.drag((400, 300), (500, 300))
    assert editor.share != before


def test_painting_goes_on_upon_a_result_and_undo_leads_back(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.start()
    editor.finish("first")
    editor.button("Keep painting").click()
    editor.frame.locator(".result-bar").wait_for(state="hidden")
    call = editor.start(expected=2)
    assert call["picture"] == "first"
    assert editor.mask(call)[100, 150] == 255, "the mask stays"
    editor.surface.focus()
    editor.page.keyboard.press("Control+z")
    assert editor.start(expected=3)["picture"] == "original"


def test_cancel_failure_and_refusal_are_said(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.start()
    editor.button("Cancel FLUX Fill").click()
    editor.frame.locator(".job").wait_for(state="detached")
    assert len(editor.calls("cancel")) == 1
    editor.start(expected=2)
    editor.answer({"state": "failed", "error": "The provider refused the words."})
    editor.frame.get_by_text("The provider refused the words.").wait_for()
    editor.run("() => { script.answers.start = { error: 'Your budget is used up.', field: 'model' } }")
    editor.start(expected=3)
    editor.frame.get_by_text("Your budget is used up.").wait_for()


def test_a_lost_start_is_sent_again_under_the_same_request(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.run("() => { script.fail.start = ['The server could not be reached.'] }")
    lost = editor.start()
    editor.frame.get_by_text("The server could not be reached.").wait_for()
    again = editor.start(expected=2)
    assert again["request"] == lost["request"]
    editor.drag((400, 300), (500, 300))
    assert editor.start(expected=3)["request"] != lost["request"]


def test_options_seed_count_and_price(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.frame.get_by_text("about 5 credits").wait_for()
    editor.button("2").click()
    editor.frame.get_by_text("about 10 credits").wait_for()
    editor.frame.locator(".options summary").click()
    editor.frame.get_by_label("Steps").fill("20")
    editor.frame.get_by_label("Raw", exact=True).check()
    editor.frame.get_by_label("Output format").select_option("jpeg")
    editor.frame.get_by_label("Seed", exact=True).fill("-1")
    assert editor.reason.startswith("The seed must be a whole number")
    editor.frame.get_by_label("Seed", exact=True).fill("42")
    call = editor.start()
    assert call["options"] == {"steps": 20, "raw": True, "output_format": "jpeg", "seed": 42}
    assert call["count"] == 2


def test_a_model_without_words_or_seed(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.frame.locator("#prompt").fill("left over")
    editor.frame.get_by_label("Model", exact=True).select_option("flux-erase")
    assert not editor.frame.locator("#prompt").is_visible()
    assert not editor.frame.get_by_label("Seed", exact=True).is_visible()
    assert editor.button("2").is_disabled()
    call = editor.start()
    assert (call["model"], call["prompt"], call["count"]) == ("flux-erase", "", 1)


def test_extending_sends_the_region_and_repaints_all_of_it(editor: Stand) -> None:
    editor.tool("frame")
    left = editor.frame.get_by_label("Left")
    left.fill("25 %")
    left.press("Enter")
    call = editor.start()
    assert call["region"] == {"x": -160, "y": 0, "width": 800, "height": 400}
    mask = editor.mask(call)
    assert mask.shape == (400, 800)
    assert mask[:, :160].min() == 255
    assert mask[:, 160:].max() == 0


def test_cropping_makes_a_new_picture_and_can_be_undone(editor: Stand) -> None:
    editor.rectangle(300, 100, 400, 200)
    editor.tool("frame")
    editor.frame.get_by_label("Cut to ratio").select_option("1:1")
    editor.button("Crop to frame").click()
    editor.frame.get_by_text("400 × 400", exact=True).first.wait_for()
    call = editor.start()
    assert call["picture"] == "uploaded-1"
    mask = editor.mask(call)
    assert mask.shape == (400, 400)
    assert [int(mask[150, 150]), int(mask[150, 200])] == [0, 255]
    cut = numpy.asarray(
        Image.open(io.BytesIO(base64.b64decode(editor.run("() => files['uploaded-1'].data")))).convert("RGB")
    )
    assert (cut == numpy.asarray(picture(640, 400))[:, 120:520]).all()
    editor.surface.focus()
    for _ in range(2):
        editor.page.keyboard.press("Control+z")
    editor.frame.get_by_text("640 × 400", exact=True).wait_for()


def test_a_mask_file_of_either_polarity_is_understood(editor: Stand) -> None:
    black_on_white = Image.new("L", (320, 200), 255)
    black_on_white.paste(0, (50, 40, 150, 120))
    buffer = io.BytesIO()
    black_on_white.save(buffer, "PNG")
    editor.button("Mask").click()
    with editor.page.expect_file_chooser() as chooser:
        editor.button("Load a mask from a file …").click()
    chooser.value.set_files({"name": "mask.png", "mimeType": "image/png", "buffer": buffer.getvalue()})
    editor.frame.get_by_text("Black was taken as the area to change").wait_for()
    mask = editor.mask(editor.start())
    assert [int(mask[y, x]) for x, y in ((200, 160), (20, 20), (600, 380))] == [255, 0, 0]


def test_masks_are_saved_black_and_white_and_transparent(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    for name in ("Save mask, black and white", "Save mask, transparent"):
        editor.button("Mask").click()
        editor.button(name).click()
        editor.page.keyboard.press("Escape")
    editor.page.wait_for_function("() => record.saves.length === 2")
    saved = [Image.open(io.BytesIO(base64.b64decode(row["data"]))) for row in editor.run("() => record.saves")]
    assert [image.mode for image in saved] == ["L", "RGBA"]
    grey, alpha = numpy.asarray(saved[0]), numpy.asarray(saved[1])[..., 3]
    assert (alpha == 255 - grey).all()
    assert grey[100, 150] == 255


def test_other_pictures_of_the_chat_and_of_the_disk(editor: Stand) -> None:
    editor.add("other", picture(200, 300))
    editor.run("() => { script.pictures = [{ id: 'other', width: 200, height: 300, message: 'm' }] }")
    editor.open()
    editor.button("Choose another picture").click()
    editor.frame.get_by_label("Picture 1, 200 × 300").click()
    editor.frame.get_by_text("200 × 300", exact=True).wait_for()
    assert editor.calls("open")[-1]["picture"] == "other"
    buffer = io.BytesIO()
    picture(123, 99).save(buffer, "PNG")
    editor.button("Choose another picture").click()
    with editor.page.expect_file_chooser() as chooser:
        editor.button("Load from this device …").click()
    chooser.value.set_files({"name": "own.png", "mimeType": "image/png", "buffer": buffer.getvalue()})
    editor.frame.get_by_text("123 × 99", exact=True).wait_for()
    assert editor.calls("open")[-1]["picture"] == "uploaded-1"


def test_complete_by_keyboard(editor: Stand) -> None:
    page = editor.page
    editor.surface.focus()
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowDown"):
        for _ in range(8):
            page.keyboard.press(key)
    page.keyboard.press("Enter")
    assert editor.share != "Nothing is marked yet"
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.keyboard.press("?")
    editor.frame.get_by_role("dialog", name="Shortcuts").wait_for()
    page.keyboard.press("Escape")
    for _ in range(60):
        page.keyboard.press("Tab")
        if editor.frame.locator("#prompt").evaluate("field => field === document.activeElement"):
            break
    page.keyboard.type("a fox")
    page.keyboard.press("Control+Enter")
    page.wait_for_function("() => record.calls.some(call => call.op === 'start')")
    call = editor.calls("start")[0]
    assert call["prompt"] == "a fox"
    assert editor.mask(call).max() == 255


def test_every_control_has_a_name(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.start()
    editor.finish("first")
    nameless = editor.frame.locator("body").evaluate(
        """body => [...body.querySelectorAll("button, input, select, textarea, [role=application]")]
            .filter(each => !(each.getAttribute("aria-label") || each.textContent.trim() || each.labels?.length))
            .map(each => each.outerHTML)"""
    )
    assert nameless == []


def test_hostile_texts_stay_texts(open_editor: Callable[..., Stand]) -> None:
    option = FILL["options"][0] | {"name": SCRIPT, "help": SCRIPT}
    editor = open_editor(models=[FILL | {"label": SCRIPT, "summary": SCRIPT, "options": [option]}, ERASE])
    editor.rectangle(100, 80, 300, 240)
    editor.run("text => { script.answers.quote = { credits: 5, currency: text, basis: text } }", SCRIPT)
    editor.button("2").click()
    editor.start()
    editor.answer({"state": "failed", "error": SCRIPT})
    editor.frame.locator(".failed").wait_for()
    assert editor.frame.locator("body img[src=x], body script:not([type=module])").count() == 0
    assert editor.run("() => record.messages.some(message => message.flux !== 1)") is False


def paint_by_touch(editor: Stand, points: list[list[tuple[float, float]]]) -> None:
    """Fingers that go down together and move step by step; positions on the screen."""
    session = editor.context.new_cdp_session(editor.page)

    def send(kind: str, step: int | None) -> None:
        fingers = (
            []
            if step is None
            else [{"x": each[step][0], "y": each[step][1], "id": number} for number, each in enumerate(points)]
        )
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    send("touchStart", 0)
    for step in range(1, len(points[0])):
        send("touchMove", step)
    send("touchEnd", None)


def test_on_a_phone_one_finger_paints_and_two_zoom(open_editor: Callable[..., Stand]) -> None:
    editor = open_editor(phone=True)
    paint_by_touch(editor, [[editor.at(x, 200) for x in range(200, 420, 20)]])
    painted = editor.share
    assert painted != "Nothing is marked yet"
    middle = editor.at(320, 200)
    apart = [[(middle[0] + side * (20 + 6 * step), middle[1]) for step in range(10)] for side in (-1, 1)]
    paint_by_touch(editor, apart)
    assert editor.share == painted, "two fingers never paint"
    assert editor.frame.locator(".zoom-value").inner_text() != "55 %"
    box = editor.send.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 844
    assert not editor.frame.locator("#model").is_visible()
    editor.frame.get_by_label("Show all settings").click()
    editor.frame.locator("#model").wait_for()
    assert editor.frame.locator("body").evaluate("body => body.scrollWidth <= innerWidth")


def test_pen_pressure_makes_the_stroke_thinner(editor: Stand) -> None:
    editor.surface.evaluate(
        """surface => {
            const send = (type, x, pressure) => {
                const { left, top, height } = surface.getBoundingClientRect();
                surface.dispatchEvent(new PointerEvent(type, { pointerId: 1, pointerType: "pen", isPrimary: true, button: 0,
                    buttons: 1, pressure, clientX: left + x, clientY: top + height / 2, bubbles: true }));
            };
            surface.setPointerCapture = () => {};
            send("pointerdown", 200, 1);
            for (let x = 210; x <= 500; x += 10) send("pointermove", x, 1 - (x - 200) / 375);
            send("pointerup", 500, 0.2);
        }"""
    )
    mask = editor.mask(editor.start())
    columns = numpy.nonzero(mask.max(axis=0))[0]
    widths = [(mask[:, x] > 127).sum() for x in numpy.linspace(columns.min() + 15, columns.max() - 5, 5).astype(int)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 2 * widths[-1]


def test_dark_theme_follows_the_host(open_editor: Callable[..., Stand]) -> None:
    brightness = (
        """body => getComputedStyle(body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)"""
    )
    shades = [open_editor(dark=dark).frame.locator("body").evaluate(brightness) for dark in (False, True)]
    assert shades[0] > 600
    assert shades[1] < 150


def test_a_24_megapixel_picture_is_opened_painted_and_sent(open_editor: Callable[..., Stand]) -> None:
    editor = open_editor(size=(6000, 4000))
    editor.drag((1500, 1000), (4500, 3000))
    editor.page.keyboard.press("Control+z")
    editor.page.keyboard.press("Control+Shift+z")
    call = editor.start()
    mask = editor.mask(call)
    assert mask.shape == (4000, 6000)
    assert mask[2000, 3000] == 255
    assert len(call["mask"]) < 200_000


def test_the_page_is_as_the_build_writes_it() -> None:
    folder = ROOT / "artifacts" / "editor"
    longest = max((len(path.read_text().splitlines()), path.name) for path in folder.glob("*.js"))
    assert longest[0] <= 400, longest
