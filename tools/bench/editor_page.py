"""The editor's page in a real browser: how long a large picture takes to open, to paint on, and to send its mask."""

from __future__ import annotations

import http.server
import itertools
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.browser import chromium
from tools.build.page import build_page
from tools.stage import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Frame, Page

HERE = Path(__file__).parent
WINDOW = {"width": 1280, "height": 800}
FLAGS = ("--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update")
UNLIMITED = ("--disable-frame-rate-limit", "--disable-gpu-vsync")
"""Frames as fast as they are made, so that the time between two of them is what one costs, not the screen's rhythm."""
FRAMES = {"editor": 240, "naive": 24}
"""Frames of one painting, a spiral around the middle; the naive page may take half a second for each."""
CATEGORIES = "devtools.timeline,disabled-by-default-devtools.timeline.frame"
DRAWN = "DrawFrame"
"""The browser's own event for a frame that was drawn, of whatever the page did in it."""
LONGEST = 120_000
"""Milliseconds."""

READY = {
    "editor": "document.querySelector('.picture-size')?.textContent && document.querySelector('.busy')?.hidden",
    "naive": "'ready' in document.body.dataset",
}
SHOWN = """() => new Promise((resolve) => {
    const look = () => {
        if (!(READY)) return setTimeout(look, 1);
        // the frame that shows it, and the one after: only then has the first been drawn
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now())));
    };
    look();
})"""
PRESS = """() => {
    const at = performance.timeOrigin + performance.now();
    document.querySelector(".send").click();
    return at;
}"""
PAINT = """(frames) => new Promise((resolve) => {
    const surface = document.querySelector(".surface");
    surface.setPointerCapture = () => {};
    const { left, top, width, height } = surface.getBoundingClientRect();
    const at = (step) => {
        const turn = (step / frames) * 6 * Math.PI;
        const far = 0.12 + (0.14 * step) / frames;
        const [x, y] = [0.5 + far * Math.cos(turn), 0.5 + far * Math.sin(turn)];
        return { clientX: left + width * x, clientY: top + height * y };
    };
    const send = (type, step) => surface.dispatchEvent(new PointerEvent(type, {
        pointerId: 1, pointerType: "mouse", isPrimary: true, button: type === "pointermove" ? -1 : 0, buttons: 1,
        bubbles: true, ...at(step),
    }));
    send("pointerdown", 0);
    let step = 0;
    const next = () => {
        if (step === frames) { send("pointerup", step); return resolve(); }
        send("pointermove", ++step);
        requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTimes:
    """Seconds, of one page."""

    opened: float
    """From the frame's start until a person sees the picture."""
    frames: Sequence[float]
    """Between each two drawn frames of the painting."""
    exported: float
    """From the press of the button until the order with the mask has left the page."""
    travelled: int
    """Characters of the mask in the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """What draws."""

    name: str
    hardware: bool


def measure(picture: bytes, width: int, height: int) -> tuple[Renderer, PageTimes, PageTimes]:
    """The editor and the naive page on the same JPEG picture, one after the other, each in a fresh window."""
    from playwright.sync_api import sync_playwright

    facts = {"mime": "image/jpeg", "width": width, "height": height}
    pages = {
        "editor": build_page(ROOT / "artifacts" / "editor", ROOT),
        "naive": (HERE / "naive_editor.html").read_text("utf-8"),
    }
    with served(picture) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=[*FLAGS, *UNLIMITED])
        try:
            renderer = renderer_of(browser)
            ours, naive = (one_page(browser, name, pages[name], address, facts) for name in ("editor", "naive"))
        finally:
            browser.close()
    return renderer, ours, naive


def one_page(browser: Browser, name: str, html: str, address: str, facts: Mapping[str, Any]) -> PageTimes:
    context = browser.new_context(viewport=WINDOW, reduced_motion="reduce")  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.set_default_timeout(LONGEST)
        page.goto(f"{address}/host.html")
        page.evaluate("([html, address, facts]) => openPage(html, address, facts)", [html, f"{address}/picture", facts])
        frame = page.locator("iframe").element_handle().content_frame()
        assert frame is not None
        shown = frame.evaluate(SHOWN.replace("READY", READY[name]))
        frames = painted(page, frame, FRAMES[name])
        pressed = frame.evaluate(PRESS)
        page.wait_for_function("() => times.started > 0", polling=20)
        times = page.evaluate("() => times")
        return PageTimes(
            opened=(shown - times["opened"]) / 1000,
            frames=frames,
            exported=(times["started"] - pressed) / 1000,
            travelled=page.evaluate("() => order.mask"),
        )
    finally:
        context.close()


def painted(page: Page, frame: Frame, count: int) -> list[float]:
    """Paint while the browser traces itself; answers the seconds between its drawn frames."""
    frame.evaluate(PAINT, count // 4)  # the first strokes make tiles and compile code
    session = page.context.browser.new_browser_cdp_session()  # type: ignore[union-attr]
    with traced(session) as events:
        frame.evaluate(PAINT, count)
    return intervals(events)


@contextmanager
def traced(session: CDPSession) -> Iterator[list[dict[str, Any]]]:
    """Collects the browser's trace events of what happens inside; complete after the block."""
    events: list[dict[str, Any]] = []
    ended = threading.Event()
    session.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    session.on("Tracing.tracingComplete", lambda _: ended.set())
    session.send("Tracing.start", {"categories": CATEGORIES, "transferMode": "ReportEvents"})
    yield events
    session.send("Tracing.end")
    while not ended.is_set():
        session.send("SystemInfo.getProcessInfo")  # answers keep the events coming
    session.detach()


def intervals(events: Sequence[Mapping[str, Any]]) -> list[float]:
    """Seconds between the drawn frames of the process and layer that drew most of them (pure)."""
    drawn: dict[tuple[Any, Any], list[float]] = {}
    for event in events:
        if event.get("name") == DRAWN:
            key = (event.get("pid"), (event.get("args") or {}).get("layerTreeId"))
            drawn.setdefault(key, []).append(event["ts"] / 1e6)
    moments = sorted(max(drawn.values(), key=len, default=[]))
    return [later - earlier for earlier, later in itertools.pairwise(moments)]


def renderer_of(browser: Browser) -> Renderer:
    """What the browser says about itself."""
    info = browser.new_browser_cdp_session().send("SystemInfo.getInfo")["gpu"]
    status = str((info.get("featureStatus") or {}).get("gpu_compositing", ""))
    name = str((info.get("auxAttributes") or {}).get("glRenderer") or "")
    hardware = status.startswith("enabled") and not any(word in name for word in ("SwiftShader", "llvmpipe"))
    return Renderer(name=name or "Skia on the processor", hardware=hardware)


@contextmanager
def served(picture: bytes) -> Iterator[str]:
    """A small server for the host's page and the picture; gives its address."""
    with tempfile.TemporaryDirectory() as folder:
        script = (HERE / "editor_host.js").read_text("utf-8")
        page = f"<!doctype html><meta charset=utf-8><body style='margin:0'><script>{script}</script>"
        Path(folder, "host.html").write_text(page, "utf-8")
        Path(folder, "picture").write_bytes(picture)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        pass
