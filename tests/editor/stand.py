"""The built page in a sandboxed frame, with a bridge and a server that follow a script."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy
from PIL import Image
from playwright.sync_api import Browser, FrameLocator, Locator, Page

from tools.build.page import build_page

ROOT = Path(__file__).resolve().parents[2]
HOST = (
    '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    '<body style="margin:0"></body>'
)

FILL: dict[str, Any] = {
    "id": "flux-fill", "label": "FLUX Fill", "summary": "Repaints what is marked.", "tasks": ["inpaint"],
    "mask": "white_repaints", "prompt": "optional", "seed": True, "maxCount": 4, "price": 5, "provider": "bfl",
    "state": "current", "successor": "",
    "options": [
        {"name": "steps", "kind": "int", "default": 50, "minimum": 15, "maximum": 50, "step": 1, "choices": [], "help": "Finer"},
        {"name": "raw", "kind": "bool", "default": False, "choices": [], "help": ""},
        {"name": "output_format", "kind": "choice", "default": "png", "choices": ["png", "jpeg"], "help": ""},
    ],
}  # fmt: skip
ERASE: dict[str, Any] = FILL | {
    "id": "flux-erase", "label": "FLUX Erase", "tasks": ["erase"], "prompt": "none", "seed": False, "maxCount": 1,
    "price": 3, "options": [],
}  # fmt: skip
CANNY: dict[str, Any] = FILL | {
    "id": "flux-canny", "label": "FLUX Canny", "state": "withdrawn", "successor": "FLUX Fill", "options": [],
}  # fmt: skip


def html() -> str:
    """The page as the build makes it."""
    return build_page(ROOT / "artifacts" / "editor", ROOT)


def picture(width: int, height: int, seed: int = 1) -> Image.Image:
    """A picture with smooth colours and one flat rectangle of pure blue in its lower right quarter."""
    x, y = numpy.meshgrid(numpy.linspace(0, 6, width), numpy.linspace(0, 5, height))
    layers = [127 + 100 * numpy.sin(x * factor + y + seed) for factor in (0.7, 1.1, 1.9)]
    pixels = numpy.stack(layers, axis=-1).astype(numpy.uint8)
    pixels[height * 5 // 8 : height * 7 // 8, width * 5 // 8 : width * 7 // 8] = (0, 0, 255)
    return Image.fromarray(pixels)


def encoded(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


class Stand:
    """One opened editor; positions are picture pixels unless they say otherwise."""

    def __init__(
        self, browser: Browser, *, models: list[dict[str, Any]], size: tuple[int, int] = (640, 400), phone: bool = False,
        dark: bool = False, motion: str = "reduce",
    ) -> None:  # fmt: skip
        viewport = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 800}
        self.context = browser.new_context(
            viewport=viewport, has_touch=phone, is_mobile=phone, reduced_motion=motion, accept_downloads=False
        )  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("request", lambda asked: self.requests.append(asked.url))
        self.page.set_default_timeout(15_000)
        self.size = size
        self.page.set_content(HOST)
        self.page.add_script_tag(path=str(ROOT / "tests" / "editor" / "bridge.js"))
        self.add("original", picture(*size))
        self.run(
            "([models, dark]) => { script.models = models; script.picture = 'original'; script.theme = dark ? 'dark' : 'light' }",
            [models, dark],
        )
        self.open()

    def run(self, code: str, argument: Any = None) -> Any:
        return self.page.evaluate(code, argument)

    def add(self, name: str, image: Image.Image) -> None:
        """A file on the server."""
        row = {"mime": "image/png", "width": image.width, "height": image.height, "data": encoded(image)}
        self.run("([name, row]) => { files[name] = row }", [name, row])

    def open(self, picture: str | None = None) -> None:
        """Load the page (again); the stored documents stay."""
        self.run("([html, picture]) => openPage(html, picture)", [html(), picture])
        self.frame.locator(".picture-size:not(:empty)").wait_for(state="attached")
        self.frame.locator(".busy").wait_for(state="hidden")

    def settle(self) -> None:
        """Wait until what was done has been stored, as a person would before a reload."""
        self.run("() => { window.kept = {} }")
        self.frame.locator("#prompt").dispatch_event("input")
        self.page.wait_for_function("() => Object.keys(kept).length > 0")

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    @property
    def surface(self) -> Locator:
        return self.frame.locator(".surface")

    @property
    def send(self) -> Locator:
        return self.frame.locator(".send")

    @property
    def reason(self) -> str:
        return self.frame.locator(".reason").text_content() or ""

    @property
    def share(self) -> str:
        return self.frame.locator(".mask-summary strong").inner_text()

    def button(self, name: str) -> Locator:
        return self.frame.get_by_role("button", name=name, exact=True)

    def tool(self, name: str) -> None:
        self.frame.locator(f".tool[data-tool={name}]").click()

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a picture pixel is on the screen while the picture is fitted."""
        box = self.surface.bounding_box()
        assert box
        width, height = self.size
        margin = min(32, box["width"] / 20)
        scale = min((box["width"] - 2 * margin) / width, (box["height"] - 2 * margin) / height, 4)
        left, top = box["x"] + (box["width"] - width * scale) / 2, box["y"] + (box["height"] - height * scale) / 2
        return left + x * scale, top + y * scale

    def drag(self, *points: tuple[float, float], button: Any = "left") -> None:
        start, *others = [self.at(*point) for point in points]
        self.page.mouse.move(*start)
        self.page.mouse.down(button=button)
        for point in others:
            self.page.mouse.move(*point, steps=6)
        self.page.mouse.up(button=button)

    def rectangle(self, left: int, top: int, right: int, bottom: int) -> None:
        self.tool("rectangle")
        self.drag((left, top), (right, bottom))

    def calls(self, op: str) -> list[dict[str, Any]]:
        return list(self.run("op => record.calls.filter(call => call.op === op)", op))

    def start(self, *, expected: int = 1) -> dict[str, Any]:
        """Press the button and return what the server got."""
        self.send.click()
        self.page.wait_for_function("n => record.calls.filter(call => call.op === 'start').length >= n", arg=expected)
        return self.calls("start")[-1]

    def mask(self, call: dict[str, Any]) -> numpy.ndarray[Any, Any]:
        """The mask of a start call, decoded by Pillow."""
        image = Image.open(io.BytesIO(base64.b64decode(call["mask"])))
        image.load()
        assert image.mode == "L"
        return numpy.asarray(image)

    def answer(self, *states: dict[str, Any]) -> None:
        """What the polls of the running job answer next."""
        self.run("states => { (script.polls['*'] ||= []).push(...states) }", list(states))

    def finish(self, *names: str) -> None:
        """Let the running job end with results; each is a new file of that name."""
        for number, name in enumerate(names):
            self.add(name, picture(*self.size, seed=number + 2))
        proof = {"pixels": 200_000, "changed": 0}
        self.answer({"state": "done", "results": [{"picture": name, "seed": 7, "protected": proof} for name in names]})
        self.frame.locator(".result-bar").wait_for()

    def close(self) -> None:
        self.context.close()
