"""The opened editor in a real host: its frame, and what the bridge answers it."""

from __future__ import annotations

import io
import json
import re
import time
from typing import Any

import numpy
from PIL import Image
from playwright.sync_api import Frame, Locator

from tests.host.browser import Person

RECORDER = """
    window.received = [];
    window.everything = [];
    window.addEventListener("message", (event) => {
        const plain = (key, value) => value instanceof ArrayBuffer ? { bytes: value.byteLength } : value;
        const whole = (key, value) => value instanceof ArrayBuffer ? new TextDecoder("latin1").decode(value) : value;
        window.received.push(JSON.stringify(event.data, plain));
        window.everything.push(event.origin + JSON.stringify(event.data, whole));
    });
"""
"""Notes in the frame what it is sent: `received` without the bytes of pictures, `everything` with them."""

RECORD = """
if (window.top === window) {
    const own = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, "srcdoc");
    const recorder = "<script>" + RECORDER + "</" + "script>";
    const set = function (html) { own.set.call(this, html.replace(/^<!doctype html>/i, (head) => head + recorder)); };
    Object.defineProperty(HTMLIFrameElement.prototype, "srcdoc", { ...own, set });
}
""".replace("RECORDER", json.dumps(RECORDER))
"""Puts the recorder into the page itself: the browser may start a script of its own in a frame only after the page's."""

ASK = """([kind, rest, bytes]) => new Promise((resolve) => {
    const id = Math.floor(Math.random() * 1e9) + 1e6;
    const listen = (event) => {
        if (!event.data || event.data.id !== id) return;
        removeEventListener("message", listen);
        const plain = (key, value) => value instanceof ArrayBuffer ? { bytes: value.byteLength } : value;
        resolve(JSON.parse(JSON.stringify(event.data, plain)));
    };
    addEventListener("message", listen);
    const data = bytes ? { data: new Uint8Array(bytes).buffer } : {};
    parent.postMessage({ flux: 1, id, kind, ...rest, ...data }, "*");
})"""


class Editor:
    """Edit area on one message of the open chat."""

    def __init__(self, window: Person, message: str) -> None:
        self.window = window
        self.message = message
        self.frame: Frame
        window.page.add_init_script(RECORD)
        window.page.reload()

    @property
    def button(self) -> Locator:
        return self.window.page.locator(f"#message-{self.message} button[aria-label='Edit area']").last

    def press(self) -> Editor:
        """Press the button and wait until the page in the frame has got its start."""
        self.button.wait_for(state="attached")
        self.button.click(force=True)
        frame = self.window.page.locator("#flux-studio-editor iframe")
        frame.wait_for()
        content = frame.element_handle().content_frame()
        assert content is not None
        self.frame = content
        started = "() => window.received.some((message) => JSON.parse(message).kind === 'start')"
        self.frame.wait_for_function(started, polling=200)
        return self

    @property
    def start(self) -> dict[str, Any]:
        messages = [json.loads(message) for message in self.frame.evaluate("() => window.received")]
        return next(message for message in messages if message.get("kind") == "start")

    def ask(self, kind: str, rest: dict[str, Any], data: list[int] | None = None) -> Any:
        """Send one message to the bridge as the page would. Raises AssertionError when it is refused."""
        answer = self.frame.evaluate(ASK, [kind, rest, data])
        assert answer["ok"], answer["error"]
        return answer.get("value")

    def call(self, event: dict[str, Any]) -> dict[str, Any]:
        return self.ask("call", {"event": event})

    def evaluate(self, expression: str) -> Any:
        return self.frame.evaluate(expression)

    def received(self) -> str:
        """Everything the frame was ever sent."""
        return "\n".join(self.frame.evaluate("() => window.received"))

    def close(self) -> None:
        self.ask_without_answer("close")
        self.window.page.locator("#flux-studio-editor").wait_for(state="detached")
        time.sleep(0.5)  # the host fetches the chat anew

    # ---- what a person does with the page

    @property
    def stage(self) -> Locator:
        return self.frame.locator("[aria-label^='Picture. Paint']").first

    def wait_for_picture(self) -> None:
        """The picture is there and nothing is painted yet; before that a stroke would go nowhere."""
        self.stage.wait_for()
        reason = self.frame.locator("#send-reason", has_text="Mark what shall be changed first.")
        reason.wait_for(state="attached")

    @property
    def prompt(self) -> Locator:
        return self.frame.locator("textarea").first

    def paint(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """One stroke between two places, given as shares of the stage's width and height."""
        box = self.stage.bounding_box()
        assert box is not None
        points = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in (start, end)]
        mouse = self.window.page.mouse
        mouse.move(*points[0])
        mouse.down()
        mouse.move(*points[1], steps=12)
        mouse.up()

    def say(self, prompt: str) -> None:
        self.prompt.fill(prompt)

    def send(self) -> None:
        button = self.frame.get_by_role("button", name=re.compile("^Generate")).first
        button.click()

    def wait_for_text(self, pattern: str, *, seconds: float) -> None:
        self.frame.get_by_text(re.compile(pattern)).first.wait_for(timeout=seconds * 1000)

    def leave(self) -> None:
        """Close by the page's own button."""
        self.frame.get_by_role("button", name="Close").first.click()
        self.window.page.locator("#flux-studio-editor").wait_for(state="detached")

    def ask_without_answer(self, kind: str) -> None:
        self.frame.evaluate("(kind) => parent.postMessage({ flux: 1, id: 1e6, kind }, '*')", kind)


def painted(size: tuple[int, int], box: tuple[int, int, int, int] | None = None) -> bytes:
    """A mask of this size as PNG, one rectangle to be repainted."""
    width, height = size
    image = Image.new("L", size, 0)
    image.paste(255, box or (width // 4, height // 4, width // 2, height // 2))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def pixels_of(session: Any, file: str) -> Any:
    """The decoded pixels of a stored file."""
    answer = session.get(f"/api/v1/files/{file}/content")
    answer.raise_for_status()
    with Image.open(io.BytesIO(answer.content)) as image:
        return numpy.asarray(image.convert("RGB"))
