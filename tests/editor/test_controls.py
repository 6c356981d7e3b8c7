"""Keys, wheel, pen and fingers of the page: sizes, straight lines, moving the view, dropping and pasting."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from typing import Any

import numpy
import pytest

from tests.editor.stand import Stand, picture

pytestmark = pytest.mark.pages

EMPTY = "Nothing is marked yet"
STEP = 60
"""Screen pixels the view is moved by; the picture of the tests stays in sight."""


def setting(editor: Stand, name: str) -> str:
    """What the slider of the tool in use says, as shown beside it."""
    return editor.frame.locator(".tool-settings .slider", has_text=name).locator("output").inner_text()


def press(editor: Stand, key: str, times: int = 1) -> None:
    for _ in range(times):
        editor.page.keyboard.press(key)


def dab(editor: Stand, x: float, y: float, button: Any = "left") -> None:
    editor.page.mouse.click(*editor.at(x, y), button=button)


def columns(mask: numpy.ndarray[Any, Any], row: int, left: int = 0, right: int | None = None) -> tuple[int, int]:
    """First and last marked column of a row between two columns."""
    found = numpy.nonzero(mask[row, left:right] > 127)[0] + left
    return int(found[0]), int(found[-1])


def soft(mask: numpy.ndarray[Any, Any]) -> int:
    """Pixels that are neither marked nor unmarked."""
    return int(((mask > 5) & (mask < 250)).sum())


class Fingers:
    """Fingers on a phone's screen, each at its own position."""

    def __init__(self, editor: Stand) -> None:
        self.session = editor.context.new_cdp_session(editor.page)

    def put(self, kind: str, *positions: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(positions)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def drag(self, *starts: tuple[float, float], by: tuple[float, float]) -> None:
        self.put("touchStart", *starts)
        for share in (0.25, 0.5, 0.75, 1):
            self.put("touchMove", *[(x + share * by[0], y + share * by[1]) for x, y in starts])
        self.put("touchEnd")

    def pen(self, kind: str, at: tuple[float, float]) -> None:
        held = {"mousePressed": 1, "mouseMoved": 1, "mouseReleased": 0}[kind]
        row = {"type": kind, "x": at[0], "y": at[1], "buttons": held, "pointerType": "pen", "force": 1}
        self.session.send("Input.dispatchMouseEvent", row | {"button": "left", "clickCount": 1})


def scale(editor: Stand) -> float:
    """Screen pixels per picture pixel of the fitted picture."""
    return (editor.at(100, 0)[0] - editor.at(0, 0)[0]) / 100


def test_the_eraser_keeps_its_own_size_and_hardness(editor: Stand) -> None:
    drawn = setting(editor, "Size"), setting(editor, "Hardness")
    press(editor, "e")
    press(editor, "]", 6)
    press(editor, "Shift+BracketRight", 2)
    erased = setting(editor, "Size"), setting(editor, "Hardness")
    assert erased != drawn
    press(editor, "b")
    assert (setting(editor, "Size"), setting(editor, "Hardness")) == drawn
    press(editor, "e")
    assert (setting(editor, "Size"), setting(editor, "Hardness")) == erased
    press(editor, "b")
    dab(editor, 100, 60)
    editor.rectangle(250, 20, 450, 380)
    editor.tool("eraser")
    dab(editor, 350, 100)
    editor.tool("brush")
    dab(editor, 350, 300, button="right")
    mask = editor.mask(editor.start())
    left, right = columns(mask, 60, right=240)
    holes = [int((mask[row, 250:450] < 128).sum()) for row in (100, 300)]
    assert abs((right - left + 1) - int(drawn[0].split()[0])) <= int(drawn[0].split()[0]) * 0.2 + 1
    assert holes[0] == pytest.approx(int(erased[0].split()[0]), rel=0.2)
    assert abs(holes[0] - holes[1]) <= 1, "the right button erases as the eraser does"
    assert holes[0] > 1.5 * (right - left + 1)


def test_brackets_and_alt_wheel_change_the_size(editor: Stand) -> None:
    first, zoom = setting(editor, "Size"), editor.frame.locator(".zoom-value").inner_text()
    dab(editor, 80, 200)
    press(editor, "]", 5)
    larger = setting(editor, "Size")
    dab(editor, 240, 200)
    press(editor, "[", 9)
    smaller = setting(editor, "Size")
    dab(editor, 360, 200)
    editor.page.keyboard.down("Alt")
    for _ in range(12):
        before = setting(editor, "Size")
        editor.page.mouse.wheel(0, -100)
        size = editor.frame.locator(".tool-settings .slider", has_text="Size").locator("output")
        size.filter(has_not_text=re.compile(f"^{before}$")).wait_for()
    by_wheel = setting(editor, "Size")
    editor.page.keyboard.up("Alt")
    dab(editor, 520, 200)
    sizes = [int(text.split()[0]) for text in (first, larger, smaller, by_wheel)]
    assert sizes[2] < sizes[0] < sizes[1]
    assert sizes[3] > sizes[2]
    assert editor.frame.locator(".zoom-value").inner_text() == zoom
    mask = editor.mask(editor.start())
    edges = [(0, 150), (150, 325), (325, 420), (420, 640)]
    widths = [columns(mask, 200, *edge) for edge in edges]
    painted = [right - left + 1 for left, right in widths]
    assert painted == pytest.approx(sizes, rel=0.2, abs=2)


def test_shift_and_brackets_change_the_hardness(editor: Stand) -> None:
    size = setting(editor, "Size")
    press(editor, "]", 8)
    press(editor, "Shift+BracketRight", 9)
    assert setting(editor, "Hardness") == "100 %"
    dab(editor, 150, 200)
    press(editor, "Shift+BracketLeft", 12)
    assert setting(editor, "Hardness") == "0 %"
    assert setting(editor, "Size") != size
    dab(editor, 480, 200)
    mask = editor.mask(editor.start())
    assert soft(mask[:, 320:]) > 5 * soft(mask[:, :320]) + 100


def test_shift_and_a_press_draw_a_straight_line(editor: Stand) -> None:
    editor.drag((60, 60), (100, 100))
    editor.page.keyboard.down("Shift")
    dab(editor, 500, 260)
    dab(editor, 540, 340)
    editor.page.keyboard.up("Shift")
    mask = editor.mask(editor.start())
    for (left, top), (right, bottom) in (((100, 100), (500, 260)), ((500, 260), (540, 340))):
        for share in numpy.linspace(0, 1, 21):
            x, y = left + share * (right - left), top + share * (bottom - top)
            assert mask[round(y), round(x)] == 255, (x, y)
    assert mask[100:101, 200:500].max() == 0
    assert mask[260, 100:400].max() == 0


def test_a_hand_that_trembles_still_draws_that_line(editor: Stand) -> None:
    editor.drag((60, 60), (100, 100))
    x, y = editor.at(500, 260)
    editor.page.keyboard.down("Shift")
    editor.page.mouse.move(x, y)
    editor.page.mouse.down()
    editor.page.mouse.move(x + 2, y + 1)
    editor.page.mouse.up()
    editor.page.keyboard.up("Shift")
    mask = editor.mask(editor.start())
    assert mask[260, 500] == 255
    assert mask[100, 200:].max() == 0
    rows = numpy.nonzero(mask[:, 500] > 127)[0]
    assert rows.max() - rows.min() < 80


@pytest.mark.parametrize("way", ["space", "space after a slider", "middle"])
def test_moving_the_view_marks_nothing(editor: Stand, way: str) -> None:
    x, y = editor.at(320, 200)
    editor.tool("brush")
    if way == "space after a slider":
        editor.frame.get_by_role("slider", name="Size").click()
    editor.page.mouse.move(x, y)
    if way.startswith("space"):
        editor.page.keyboard.down("Space")
    editor.page.mouse.down(button="middle" if way == "middle" else "left")
    editor.page.mouse.move(x + STEP, y - STEP, steps=5)
    editor.page.mouse.up(button="middle" if way == "middle" else "left")
    if way.startswith("space"):
        editor.page.keyboard.up("Space")
    assert editor.share == EMPTY
    assert editor.button("Undo").is_disabled()
    editor.page.mouse.click(x, y)
    marked = centre(editor.mask(editor.start()))
    moved = STEP / scale(editor)
    assert marked == pytest.approx((320 - moved, 200 + moved), abs=2)


def centre(mask: numpy.ndarray[Any, Any]) -> tuple[float, float]:
    """Where the marked pixels lie, on average."""
    rows, across = numpy.nonzero(mask > 127)
    return float(across.mean()) + 0.5, float(rows.mean()) + 0.5


def test_two_fingers_move_the_view(open_editor: Callable[..., Stand]) -> None:
    editor = open_editor(phone=True)
    fingers = Fingers(editor)
    x, y = editor.at(320, 200)
    fingers.drag((x - 40, y), (x + 40, y), by=(STEP, 0))
    assert editor.share == EMPTY
    fingers.put("touchStart", (x, y))
    fingers.put("touchEnd")
    assert editor.share != EMPTY
    marked = centre(editor.mask(editor.start()))
    assert marked == pytest.approx((320 - STEP / scale(editor), 200), abs=4)


def test_after_a_pen_a_finger_only_moves_the_view(open_editor: Callable[..., Stand]) -> None:
    editor = open_editor(phone=True)
    fingers = Fingers(editor)
    for kind in ("mousePressed", "mouseReleased"):
        fingers.pen(kind, editor.at(100, 200))
    painted = editor.share
    assert painted != EMPTY
    x, y = editor.at(320, 200)
    fingers.drag((x, y), by=(STEP, 0))
    assert editor.share == painted
    fingers.pen("mousePressed", (x, y))
    fingers.pen("mouseReleased", (x, y))
    mask = editor.mask(editor.start())
    expected = 320 - STEP / scale(editor)
    left, right = columns(mask, 200, left=round(expected) - 60, right=round(expected) + 60)
    assert (left + right) / 2 == pytest.approx(expected, abs=4)
    assert mask[:, round(expected) + 60 :].max() == 0


def test_a_palm_that_rests_while_the_pen_draws_changes_nothing(open_editor: Callable[..., Stand]) -> None:
    editor = open_editor(phone=True)
    fingers = Fingers(editor)
    fingers.pen("mousePressed", editor.at(100, 100))
    fingers.pen("mouseMoved", editor.at(300, 100))
    palm = editor.at(400, 330)
    fingers.put("touchStart", palm)
    fingers.put("touchMove", (palm[0] + 4, palm[1] + 4))
    fingers.pen("mouseMoved", editor.at(500, 100))
    fingers.put("touchEnd")
    fingers.pen("mouseReleased", editor.at(500, 100))
    mask = editor.mask(editor.start())
    assert mask[100, 105:495].min() == 255
    assert mask[250:].max() == 0


GIVE = """(target, [kind, name, mime, data]) => {
    const files = new DataTransfer();
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
    files.items.add(new File([bytes], name, { type: mime }));
    const about = { bubbles: true, cancelable: true };
    target.dispatchEvent(kind === "drop" ? new DragEvent("drop", { ...about, dataTransfer: files })
        : new ClipboardEvent("paste", { ...about, clipboardData: files }));
}"""


def give(editor: Stand, kind: str, name: str, mime: str, data: bytes) -> None:
    """Drop a file on the picture, or paste it."""
    editor.surface.evaluate(GIVE, [kind, name, mime, base64.b64encode(data).decode()])


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_dropped_or_pasted_picture_is_loaded(editor: Stand, kind: str) -> None:
    editor.rectangle(100, 80, 300, 240)
    buffer = io.BytesIO()
    picture(222, 111).save(buffer, "PNG")
    give(editor, kind, "own.png", "image/png", buffer.getvalue())
    editor.frame.get_by_text("222 × 111", exact=True).wait_for()
    assert editor.share == EMPTY
    assert editor.calls("open")[-1]["picture"] == "uploaded-1"
    assert base64.b64decode(editor.run("() => files['uploaded-1'].data")) == buffer.getvalue()


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_what_is_no_picture_is_refused(editor: Stand, kind: str) -> None:
    editor.rectangle(100, 80, 300, 240)
    marked = editor.share
    give(editor, kind, "words.txt", "text/plain", b"words")
    give(editor, kind, "broken.png", "image/png", b"no picture at all")
    editor.frame.locator(".notice").first.wait_for()
    assert editor.share == marked
    assert editor.run("() => record.uploads") == []
    assert editor.frame.get_by_text("640 × 400", exact=True).is_visible()
