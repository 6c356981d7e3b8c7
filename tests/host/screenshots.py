"""python -m tests.host.screenshots [chat|editor|openai]: take the documents' pictures in a real Open WebUI, so they show what is."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.host.browser import Browser, Person
from tests.host.editor import Editor
from tests.host.test_import_page import row
from tests.host.test_rights import make_picture
from tools.stage import Studio, staged

IMAGES = Path(__file__).parents[2] / "docs" / "images"
MODEL = "flux_studio.flux-2-pro"


def conversation(window: Person) -> None:
    """A prompt becomes a picture, the next message edits it, Stop on the third, a bad flag on the fourth."""
    window.new_chat(MODEL)
    window.screenshot(IMAGES / "start.png")
    window.ask("a red fox in the snow --ar 21:9")
    window.pictures(count=1)
    window.send("make it night")
    window.message.get_by_text("Painting with").wait_for()
    window.screenshot(IMAGES / "painting.png")
    window.wait_until_done()
    window.pictures(count=1)
    window.page.set_viewport_size({"width": 1100, "height": 1080})  # both pictures at once
    window.page.wait_for_timeout(800)
    window.screenshot(IMAGES / "conversation.png")
    window.page.set_viewport_size({"width": 1100, "height": 860})
    window.send("a lighthouse in a storm --new [sandbox:slow=9]")
    window.message.get_by_text("Painting with").wait_for()
    window.page.wait_for_timeout(1500)
    window.stop()
    window.page.get_by_text("cannot be called back").wait_for()
    window.send("a boat --sede 4")
    window.message.get_by_text("did you mean").first.wait_for()
    window.page.wait_for_timeout(6000)  # the host's own toast leaves
    window.screenshot(IMAGES / "stop-and-bad-flag.png")


def several(window: Person) -> None:
    window.new_chat(MODEL)
    window.ask("four ideas for a lamp --n 4 --ar 21:9")
    window.pictures(count=4)
    window.page.wait_for_timeout(500)
    window.screenshot(IMAGES / "several.png")


def details(window: Person) -> None:
    window.new_chat(MODEL)
    window.ask("a paper crane --seed 7 --ar 3:2")
    window.page.get_by_label("How this picture was made").last.click()
    window.page.get_by_text("How this was made").wait_for()
    window.page.wait_for_timeout(400)
    window.screenshot(IMAGES / "details.png")


def phone(window: Person) -> None:
    window.new_chat(MODEL)
    window.ask("a lamp in a dark room")
    window.pictures(count=1)
    window.page.wait_for_timeout(500)
    window.screenshot(IMAGES / "phone-dark.png")


def openai(window: Person) -> None:
    """A half-finished picture, the finished one with its price, and the same chat edited without background."""
    window.new_chat("flux_studio.gpt-image-2.5-sunburst")
    window.send("a lighthouse on a cliff at dusk --size 1536x768 [sandbox:slow=6]")
    window.message.locator("img[src^='data:image/jpeg']").first.wait_for()
    window.page.wait_for_timeout(800)
    window.screenshot(IMAGES / "openai-growing.png")
    window.wait_until_done()
    window.pictures(count=1)
    window.page.wait_for_timeout(500)
    window.screenshot(IMAGES / "openai-finished.png")


def openai_editor(studio: Studio, window: Person) -> None:
    """Edit area with a model of OpenAI, its result proven."""
    chat, message, _ = make_picture(studio, studio.person("anna"), "a quiet harbour")
    window.open(f"/c/{chat}")
    editor = Editor(window, message).press()
    editor.wait_for_picture()
    editor.frame.locator("#model").select_option("gpt-image-2.5-sunburst")
    editor.paint((0.35, 0.4), (0.6, 0.5))
    editor.say("a red sailing boat")
    window.page.wait_for_timeout(1500)
    window.screenshot(IMAGES / "openai-editor.png")


def openai_valves(window: Person) -> None:
    """What an admin sees."""
    window.open().page.goto(f"{window.url}/admin/functions")
    window.page.get_by_label("Open create menu").wait_for()
    row(window.page, "FLUX Studio").get_by_label("Valves").click()
    window.page.get_by_text("OpenAI address").first.scroll_into_view_if_needed()
    window.page.wait_for_timeout(800)
    window.screenshot(IMAGES / "openai-valves.png")


def take_openai(studio: Studio) -> None:
    """The pictures of docs/openai.md."""
    address = f"{studio.sandbox.endpoint}/v1"
    studio.set_valves(OPENAI_API_KEY=studio.sandbox.key, OPENAI_API_BASE_URL=address, OPENAI_SERVER="openai")
    studio.install("public")
    browser = Browser()
    try:
        anna = studio.person("anna").token
        openai(browser.person(studio.host.url, anna, width=1100, height=820))
        openai_editor(studio, browser.person(studio.host.url, anna, width=1280, height=820))
        openai_valves(browser.person(studio.host.url, studio.admin.token, width=1100, height=820))
    finally:
        browser.close()


def edit_area(window: Person, prompt: str) -> Editor:
    """A picture of the chat in the editor."""
    window.new_chat(MODEL)
    window.ask(f"{prompt} --ar 3:2")
    window.pictures(count=1)
    editor = Editor(window, window.message.get_attribute("id").removeprefix("message-")).press()
    editor.wait_for_picture()
    return editor


def marked(window: Person) -> None:
    """The editor in the light theme, then its results compared, then a frame beyond the picture."""
    editor = edit_area(window, "a lighthouse above a quiet bay")
    editor.paint((0.42, 0.5), (0.5, 0.42))
    editor.paint((0.5, 0.42), (0.56, 0.52))
    editor.say("a small red sailing boat")
    window.page.wait_for_timeout(800)
    window.screenshot(IMAGES / "editor-desktop.png")
    editor.frame.get_by_role("button", name="3", exact=True).click()
    editor.send()
    editor.wait_for_text("protected pixels changed", seconds=90)
    editor.frame.get_by_role("button", name="Side by side").first.click()
    window.page.wait_for_timeout(1500)
    window.screenshot(IMAGES / "editor-compare.png")
    editor.frame.get_by_role("button", name="Mask").last.click()
    editor.frame.locator(".tool[data-tool=frame]").click()
    editor.frame.get_by_label("Extend to ratio").select_option("16:9")
    window.page.wait_for_timeout(800)
    window.screenshot(IMAGES / "editor-extend.png")


def results(window: Person) -> None:
    editor = edit_area(window, "an old street in the rain")
    editor.paint((0.4, 0.55), (0.55, 0.6))
    editor.say("a yellow umbrella")
    editor.frame.get_by_role("button", name="2", exact=True).click()
    editor.send()
    editor.wait_for_text("protected pixels changed", seconds=90)
    window.page.wait_for_timeout(1500)
    window.screenshot(IMAGES / "editor-dark.png")


def edit_on_a_phone(window: Person) -> None:
    editor = edit_area(window, "a garden with a stone bench")
    editor.paint((0.35, 0.5), (0.65, 0.55))
    editor.say("a sleeping cat")
    window.page.wait_for_timeout(800)
    window.screenshot(IMAGES / "editor-phone.png")


def take_editor(studio: Studio) -> None:
    """The pictures of docs/editor.md."""
    browser = Browser()
    anna = studio.person("anna").token
    try:
        marked(browser.person(studio.host.url, anna, width=1280, height=800))
        results(browser.person(studio.host.url, anna, width=1280, height=800, dark=True))
        edit_on_a_phone(browser.person(studio.host.url, anna, width=390, height=844))
    finally:
        browser.close()


def take_chat(studio: Studio) -> None:
    """The pictures of README."""
    browser = Browser()
    anna = studio.person("anna").token
    try:
        for scene in (conversation, several, details):
            scene(browser.person(studio.host.url, anna, width=1100, height=860))
        phone(browser.person(studio.host.url, anna, width=390, height=844, dark=True))
    finally:
        browser.close()


if __name__ == "__main__":
    scenes = {"chat": take_chat, "editor": take_editor, "openai": take_openai}
    for name in sys.argv[1:] or scenes:
        with tempfile.TemporaryDirectory() as folder, staged(Path(folder), duration=2.5) as studio:
            scenes[name](studio)
