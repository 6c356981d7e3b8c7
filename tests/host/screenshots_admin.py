"""python -m tests.host.screenshots_admin: take the pictures of docs/admin.md in a real Open WebUI."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.host.browser import Browser, Person
from tests.host.editor import Editor
from tests.host.screenshots import IMAGES, MODEL
from tools.asking import ask
from tools.doctor.command import main as doctor
from tools.stage import Studio, staged, until


def orders(studio: Studio) -> None:
    """Something to report: three people, three models."""
    for name, prompt, model in (
        ("ines", "a harbour at dawn --n 4", "flux-2-pro"),
        ("tiago", "a poster for a concert --n 2", "flux-2-max"),
        ("anna", "a paper lamp", "flux-2-klein-9b"),
        ("anna", "a paper boat --n 3", "flux-2-pro"),
    ):
        ask(studio, studio.person(name), prompt, f"flux_studio.{model}")
    until(lambda: len(studio.jobs("phase = 'delivered'")) == 10, seconds=120)


def confirmation(window: Person) -> None:
    window.new_chat(MODEL)
    window.send("a tram in the rain --n 4 --ar 16:9")
    window.page.get_by_text("will cost about").last.wait_for()
    window.page.wait_for_timeout(500)
    window.screenshot(IMAGES / "confirmation.png")
    window.page.get_by_role("button", name="Cancel").last.click()
    window.wait_until_done()


def limit(window: Person) -> None:
    window.new_chat(MODEL)
    window.send("a tram in the rain --n 4")
    window.page.get_by_text("pictures a day").last.wait_for()
    window.wait_until_done()
    window.page.wait_for_timeout(6000)  # the host's own toast leaves
    window.screenshot(IMAGES / "limit.png")


def costs(window: Person, name: str, *, width: int, height: int) -> None:
    window.new_chat(MODEL)
    window.ask("/costs --days 7")
    window.page.wait_for_timeout(500)
    window.screenshot(IMAGES / name, clip={"x": 0, "y": 0, "width": width, "height": height})


def editor(window: Person) -> None:
    window.new_chat(MODEL)
    window.ask("a lighthouse on a cliff")
    message = window.message.get_attribute("id").removeprefix("message-")
    page = Editor(window, message).press()
    page.wait_for_picture()
    page.paint((0.4, 0.4), (0.6, 0.6))
    page.say("a red boat")
    page.send()
    page.frame.get_by_text("will cost about").wait_for()
    window.page.wait_for_timeout(500)
    window.screenshot(IMAGES / "editor-confirmation.png")


def take(studio: Studio) -> None:
    browser, url, admin = Browser(), studio.host.url, studio.admin.token
    anna = studio.person("anna").token
    try:
        orders(studio)
        studio.set_valves(CONFIRM_ABOVE=10)
        confirmation(browser.person(url, anna, width=1100, height=720))
        studio.set_valves(DAILY_PICTURES_PER_USER=6)
        limit(browser.person(url, anna, width=1100, height=520))
        costs(browser.person(url, anna, width=390, height=844, dark=True), "costs-phone.png", width=390, height=490)
        studio.set_valves(DAILY_PICTURES_PER_USER=0)
        costs(browser.person(url, admin, width=1100, height=1180), "costs.png", width=1100, height=660)
        studio.set_valves(CONFIRM_ABOVE=4)
        editor(browser.person(url, studio.person("ines").token, width=1100, height=820))
    finally:
        browser.close()
    doctor(["--url", url, "--api-key", admin])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder), duration=1.0) as studio:
        take(studio)
