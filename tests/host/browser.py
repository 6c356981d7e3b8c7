"""Open WebUI in a real Chromium, as a person uses it: choose a model, type, wait, look, press buttons."""

from __future__ import annotations

import base64
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A closed network and a container: without these Chromium looks for the outside world at every start."""

WAIT = 60_000
"""Milliseconds a step of the page may take on a busy machine."""


def browser_program() -> str | None:
    """An installed Chrome or Chromium; None = the one Playwright brings."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for found in (shutil.which(name) for name in names if name) if found), None)


class Browser:
    """One Chromium; `person` opens a window that is signed in."""

    def __init__(self) -> None:
        self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(executable_path=browser_program(), args=list(FLAGS))

    def person(self, url: str, token: str, *, width: int = 1280, height: int = 860, dark: bool = False) -> Person:
        phone = width < 500
        context = self._chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=phone,
            is_mobile=phone,
            device_scale_factor=2 if phone else 1,
        )
        theme = "dark" if dark else "light"
        context.add_init_script(
            f"try {{ localStorage.setItem('token', {json.dumps(token)}); localStorage.setItem('theme', '{theme}') }}"
            " catch (error) {}"
        )
        context.add_cookies([{"name": "token", "value": token, "url": url, "httpOnly": True, "sameSite": "Lax"}])
        return Person(url, context.new_page())

    def close(self) -> None:
        self._chromium.close()
        self._playwright.stop()


class Person:
    """A signed-in window on one chat."""

    def __init__(self, url: str, page: Page) -> None:
        self.url = url
        self.page = page
        page.set_default_timeout(WAIT)
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str = "/") -> Person:
        self.page.goto(self.url + path)
        self.page.wait_for_selector("#chat-input")
        with suppress(PlaywrightTimeout):  # the greeting shows once per account
            self.page.get_by_role("button", name="Okay, Let's Go!").click(timeout=1500)
        return self

    def new_chat(self, model: str, *, temporary: bool = False) -> Person:
        return self.open(f"/?models={model}{'&temporary-chat=true' if temporary else ''}")

    def send(self, text: str) -> None:
        """Type and send; returns when the question shows."""
        self.page.locator("#chat-input").click()
        self.page.keyboard.insert_text(text)
        self.page.locator("#send-message-button").click()
        self.page.wait_for_function(
            """text => {
                const questions = document.querySelectorAll('.user-message');
                const last = questions[questions.length - 1];
                return last && last.innerText.includes(text);
            }""",
            arg=text.split("\n")[0],
        )

    def attach(self, *paths: Path) -> None:
        """Put files into the chat box one after the other, each when the one before is uploaded."""
        remove = self.page.get_by_label("Remove file")
        for path in paths:
            count = remove.count()
            with self.page.expect_response(lambda answer: "/api/v1/files/?" in answer.url):
                self.page.locator("input[type=file]").first.set_input_files(str(path))
            remove.nth(count).wait_for(state="attached")

    def ask(self, text: str, *, timeout: int = WAIT) -> Locator:
        """Send and wait for the end of the answer; returns it."""
        self.send(text)
        self.wait_until_done(timeout=timeout)
        return self.answer

    def wait_until_done(self, *, timeout: int = WAIT) -> None:
        """The stop button goes and the buttons of a finished answer appear below the last one."""
        self.page.wait_for_function(
            """() => {
                // the host removes messages far above from the page, so they are never counted
                const all = document.querySelectorAll('.user-message, .chat-assistant');
                const last = all[all.length - 1];
                if (!last || !last.matches('.chat-assistant')) return false;
                const message = last.closest('div[id^=message-]');
                return !document.querySelector('button[aria-label=Stop]')
                    && !!(message && message.querySelector('.copy-response-button'));
            }""",
            timeout=timeout,
        )

    def regenerate(self, place: int = -1) -> None:
        """Press Regenerate below an answer (0 = the first shown) and wait for the new one."""
        shown = self._shown_messages()
        self.page.locator("div[id^=message-]:has(.chat-assistant)").nth(place).get_by_label("Regenerate").click()
        self.page.get_by_text("Try Again").click()
        self._wait_for_change(shown)
        self.wait_until_done()

    def switch(self, direction: str, place: int = -1) -> None:
        """Go to the "Previous" or the "Next" answer to the same question."""
        shown = self._shown_messages()
        self.page.get_by_label(f"{direction} message").nth(place).click()
        self._wait_for_change(shown)
        self.wait_until_done()

    def _shown_messages(self) -> str:
        return self.page.locator("div[id^=message-]").evaluate_all("all => all.map(each => each.id).join()")

    def _wait_for_change(self, shown: str) -> None:
        self.page.wait_for_function(
            "shown => [...document.querySelectorAll('div[id^=message-]')].map(each => each.id).join() !== shown",
            arg=shown,
        )

    @property
    def answer(self) -> Locator:
        return self.page.locator(".chat-assistant").last

    @property
    def message(self) -> Locator:
        """The whole last answer with its pictures and buttons."""
        return self.page.locator("div[id^=message-]:has(.chat-assistant)").last

    @property
    def chat(self) -> str:
        """The id of the open chat; empty before the first answer and in temporary chats."""
        return self.page.url.partition("/c/")[2].partition("?")[0]

    def wait_for_chat(self) -> str:
        self.page.wait_for_url("**/c/*")
        return self.chat

    def pictures(self, *, count: int | None = None, timeout: int = WAIT) -> list[tuple[int, int]]:
        """Sizes of the loaded pictures of the last answer."""
        locator = self.message.locator("img[src*='/api/v1/files/']")
        if count is not None:
            self.page.wait_for_function(
                """count => {
                    const answers = document.querySelectorAll('.chat-assistant');
                    const last = answers[answers.length - 1].closest('div[id^=message-]');
                    const all = [...last.querySelectorAll("img[src*='/api/v1/files/']")];
                    return all.length === count && all.every(each => each.complete && each.naturalWidth > 0);
                }""",
                arg=count,
                timeout=timeout,
            )
        return [tuple(size) for size in locator.evaluate_all("all => all.map(i => [i.naturalWidth, i.naturalHeight])")]

    def picture_ids(self) -> list[str]:
        """File ids of the pictures of the last answer."""
        links = self.message.locator("img[src*='/api/v1/files/']").evaluate_all("all => all.map(i => i.src)")
        return [link.partition("/api/v1/files/")[2].partition("/")[0] for link in links]

    def reload(self) -> None:
        self.page.reload()
        self.page.wait_for_selector(".chat-assistant")
        self.page.wait_for_timeout(1000)

    def stop(self) -> None:
        self.page.locator("button[aria-label=Stop]").click()

    def screenshot(self, path: Path, **options: Any) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(path), **options)
        return path

    def close(self) -> None:
        self.page.context.close()


def data_uri(data: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
