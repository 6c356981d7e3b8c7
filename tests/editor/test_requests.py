"""What a request can ask for and what can be done with its results, in a real browser."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy
import pytest
from PIL import Image

from tests.editor.stand import CANNY, ERASE, FILL, Stand, picture

pytestmark = pytest.mark.pages

FORMATS = {"formats": ["jpeg", "png"], "format": "jpeg"}
PRO: dict[str, Any] = FILL | {
    "id": "flux-2-pro", "label": "FLUX.2 [pro]", "summary": "Follows instructions.", "tasks": ["edit"], "mask": "none",
    "prompt": "required", "price": 3, "options": [], "formats": ["jpeg", "png", "webp"], "format": "jpeg",
}  # fmt: skip
MODELS = [FILL | FORMATS, ERASE | FORMATS, PRO, CANNY]
PROOF = {"pixels": 200_000, "changed": 0}


@pytest.fixture
def editor(open_editor: Callable[..., Stand]) -> Stand:
    return open_editor(models=MODELS)


def result(seed: int) -> Image.Image:
    """The picture with another one in the rectangle that the tests mark."""
    image, other = picture(640, 400), picture(640, 400, seed=seed)
    image.paste(other.crop((100, 80, 300, 240)), (100, 80))
    return image


def ask_two_models(editor: Stand) -> dict[str, dict[str, Any]]:
    """Mark, say, press once; returns the two orders by model."""
    editor.rectangle(100, 80, 300, 240)
    editor.frame.locator("#prompt").fill("a red barn")
    editor.frame.get_by_text("Ask further models too").click()
    editor.frame.get_by_label("FLUX.2 [pro]").check()
    editor.frame.get_by_text("about 8 credits").wait_for()
    editor.button("Generate with 2 models about 8 credits").click()
    editor.page.wait_for_function("() => record.calls.filter(call => call.op === 'start').length === 2")
    return {call["model"]: call for call in editor.calls("start")}


def finish(editor: Stand, orders: dict[str, dict[str, Any]]) -> None:
    """Both orders end: two pictures of the first model, one of the second."""
    for number, name in enumerate(("one", "two", "three")):
        editor.add(name, result(5 + 3 * number))
    rows = {"flux-fill": ["one", "two"], "flux-2-pro": ["three"]}
    for model in rows:
        order = orders[model]
        done = {"state": "done", "results": [{"picture": name, "seed": 7, "protected": PROOF} for name in rows[model]]}
        editor.run("([job, done]) => { script.polls[job] = [done] }", [f"job-{order['request']}", done])
        editor.frame.locator(".tile-frame").nth(1 if model == "flux-fill" else 2).wait_for()


def shown(editor: Stand, x: float, y: float) -> tuple[int, int, int]:
    """Colour on the screen at a picture pixel of the fitted picture."""
    editor.page.wait_for_timeout(150)
    image = Image.open(io.BytesIO(editor.page.screenshot())).convert("RGB")
    left, top = editor.at(x, y)
    return image.getpixel((round(left), round(top)))  # type: ignore[return-value]


# ---- several models


def test_one_press_asks_two_models_and_all_results_stand_in_one_strip(editor: Stand) -> None:
    orders = ask_two_models(editor)
    first, second = orders["flux-fill"], orders["flux-2-pro"]
    assert first["request"] != second["request"]
    assert first["mask"] == second["mask"]
    assert editor.frame.locator(".job").count() == 2
    finish(editor, orders)
    names = editor.frame.locator(".tile-frame .tile").evaluate_all("tiles => tiles.map(tile => tile.title)")
    assert sorted(name.split(" by ")[1] for name in names) == ["FLUX Fill", "FLUX Fill", "FLUX.2 [pro]"]
    assert [name.split()[1] for name in names] == ["1", "2", "3"]


def test_after_a_lost_answer_only_the_missing_order_is_sent_again(editor: Stand) -> None:
    editor.run(
        """() => {
            const start = SERVER.start;
            SERVER.start = (event) => { if (event.model === 'flux-2-pro' && !script.up) throw new Error('Gone.'); return start(event); };
        }"""
    )
    orders = ask_two_models(editor)
    editor.frame.get_by_text("FLUX.2 [pro]: Gone.").wait_for()
    editor.settle()
    kept = editor.run("() => Object.values(kept)[0].orders")
    assert sorted((order["request"], order["arrived"]) for order in kept) == sorted(
        [(orders["flux-fill"]["request"], True), (orders["flux-2-pro"]["request"], False)]
    )
    editor.run("() => { script.up = true }")
    editor.open()
    editor.frame.get_by_text("The last request may not have arrived.", exact=False).wait_for()
    editor.start(expected=3)
    editor.frame.locator(".job").first.wait_for()
    sent = [(call["model"], call["request"]) for call in editor.calls("start")]
    assert sent[2:] == [("flux-2-pro", orders["flux-2-pro"]["request"])]
    assert "orders" in editor.run("() => Object.values(kept)[0]")


def test_what_one_of_several_models_cannot_do_is_said_with_its_name(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.frame.get_by_text("Ask further models too").click()
    editor.frame.get_by_label("FLUX.2 [pro]").check()
    assert editor.reason == "FLUX.2 [pro]: Say what should be there."
    assert not editor.send.is_enabled()
    editor.frame.get_by_label("FLUX.2 [pro]").uncheck()
    assert editor.send.is_enabled()


def test_a_refusal_by_one_model_leaves_the_other_running(editor: Stand) -> None:
    editor.run(
        """() => {
            const start = SERVER.start;
            SERVER.start = (event) => event.model === 'flux-2-pro' ? { error: 'Your budget is used up.' } : start(event);
        }"""
    )
    ask_two_models(editor)
    editor.frame.get_by_text("FLUX.2 [pro]: Your budget is used up.").wait_for()
    assert editor.frame.locator(".job").count() == 1


# ---- comparing


def test_wipe_side_by_side_and_differences(editor: Stand) -> None:
    finish(editor, ask_two_models(editor))
    before, after = (numpy.asarray(image) for image in (picture(640, 400), result(5)))
    editor.button("Side by side").click()
    editor.frame.locator(".surface[data-tool=hand]").wait_for()
    editor.page.wait_for_timeout(200)
    screen = numpy.asarray(Image.open(io.BytesIO(editor.page.screenshot())).convert("RGB")).astype(int)
    box = editor.surface.bounding_box()
    assert box
    half = box["width"] / 2
    scale = (half - 2 * min(32, half / 20)) / 640
    for number, expected in enumerate((before, after)):
        x = box["x"] + half * (number + 0.5) + (200 - 320) * scale
        y = box["y"] + box["height"] / 2 + (160 - 200) * scale
        near = numpy.abs(screen[round(y), round(x)] - expected[160, 200].astype(int)).max()
        assert near < 30, (number, screen[round(y), round(x)], expected[160, 200])

    editor.page.keyboard.press("d")
    editor.frame.get_by_text("of what is shown differs").wait_for()
    inside, outside = shown(editor, 200, 160), shown(editor, 500, 100)
    assert max(outside) - min(outside) <= 2, "what was protected is grey"
    assert max(inside) - min(inside) > 30
    share = float(editor.frame.locator(".heat-share").inner_text().split()[0])
    assert abs(share - 100 * 200 * 160 / (640 * 400)) < 1.5
    editor.page.keyboard.press("d")
    editor.frame.locator(".surface[data-tool=wipe]").wait_for()


def test_any_two_results_are_compared_with_each_other(editor: Stand) -> None:
    finish(editor, ask_two_models(editor))
    editor.frame.locator(".tile").nth(1).click()
    names = editor.frame.get_by_label("Compare with").locator("option").all_inner_texts()
    assert names == ["With the picture before", "2 · FLUX Fill", "3 · FLUX.2 [pro]"]
    editor.frame.get_by_label("Compare with").select_option("three")
    editor.frame.locator(".side-name.left", has_text="3 · FLUX.2 [pro]").wait_for()
    assert editor.frame.locator(".side-name.right").all_text_contents() == ["1 · FLUX Fill"]
    editor.button("Differences").click()
    editor.frame.locator(".heat-share:not(:empty)").wait_for()
    assert 5 < float(editor.frame.locator(".heat-share").inner_text().split()[0]) < 14
    editor.frame.locator(".tile").nth(3).click()
    editor.frame.get_by_label("Compare with").locator("option", has_text="1 · FLUX Fill").wait_for(state="attached")
    assert editor.frame.get_by_label("Compare with").input_value() == "", "no result is compared with itself"


def test_of_an_extended_result_only_what_changed_is_marked(editor: Stand) -> None:
    editor.tool("frame")
    editor.frame.get_by_label("Left").fill("160")
    editor.frame.get_by_label("Left").press("Enter")
    request = editor.start()["request"]
    wide = Image.new("RGB", (800, 400), (200, 30, 30))
    wide.paste(picture(640, 400), (160, 0))
    editor.add("wide", wide)
    done = {"state": "done", "results": [{"picture": "wide", "seed": 1, "protected": PROOF}]}
    editor.run("([job, done]) => { script.polls[job] = [done] }", [f"job-{request}", done])
    editor.button("Differences").click()
    editor.frame.get_by_text("0.0 % of what is shown differs").wait_for()


# ---- what becomes of results


def test_a_result_is_thrown_away_and_brought_back(editor: Stand) -> None:
    finish(editor, ask_two_models(editor))
    tiles = editor.frame.locator(".tile-frame")
    editor.page.keyboard.press("ArrowRight")
    second = tiles.nth(1).locator(".tile")
    assert second.get_attribute("aria-pressed") == "true"
    editor.page.keyboard.press("ArrowLeft")
    assert tiles.nth(0).locator(".tile").get_attribute("aria-pressed") == "true"
    name = second.get_attribute("title")
    editor.page.keyboard.press("ArrowRight")
    editor.page.keyboard.press("Delete")
    assert tiles.count() == 2
    editor.frame.get_by_text("was thrown away.").wait_for()
    editor.button("Bring it back").click()
    assert tiles.nth(1).locator(".tile").get_attribute("title") == name
    editor.button("Throw this result away").click()
    editor.page.keyboard.press("Control+z")
    assert tiles.count() == 3
    editor.button("Throw this result away").click()
    assert editor.share != "Nothing is marked yet"

    jobs = [{"job": f"job-{call['request']}", "state": "done"} for call in editor.calls("start")]
    editor.settle()
    editor.run("jobs => { script.jobs = jobs }", jobs)
    editor.open()
    for call in editor.calls("start")[:2]:
        names = ["one", "two"] if call["model"] == "flux-fill" else ["three"]
        done = {"state": "done", "results": [{"picture": each, "seed": 7} for each in names]}
        editor.run("([job, done]) => { script.polls[job] = [done] }", [f"job-{call['request']}", done])
    tiles.nth(1).wait_for()
    editor.page.wait_for_timeout(300)
    assert tiles.count() == 2, "it stays away after a reload"


def test_a_result_is_copied_as_png(editor: Stand) -> None:
    finish(editor, ask_two_models(editor))
    editor.button("Copy").click()
    editor.frame.get_by_text("Copied. Paste it where you need it.").wait_for()
    (copy,) = editor.run("() => record.copies")
    assert copy["mime"] == "image/png"
    copied = Image.open(io.BytesIO(base64.b64decode(copy["data"]))).convert("RGB")
    expected = [result(seed) for seed in (5, 8, 11)]
    assert any((numpy.asarray(copied) == numpy.asarray(each)).all() for each in expected)
    editor.run("() => { script.fail.copy = ['The browser does not let this page copy pictures.'] }")
    editor.button("Copy").click()
    editor.frame.get_by_text("The browser does not let this page copy pictures.").wait_for()


def test_from_an_applied_result_the_edit_is_repeated(editor: Stand) -> None:
    finish(editor, ask_two_models(editor))
    editor.frame.get_by_label("Choose result 1").check()
    editor.button("Add to chat").click()
    editor.frame.get_by_text("Added to the chat.").wait_for()
    applied = editor.calls("apply")[0]["pictures"][0]
    editor.page.wait_for_function("file => kept[`made:${file}`]", arg=applied)
    editor.frame.get_by_label("Back to the mask").click()
    editor.frame.locator("#prompt").fill("something else, later")
    editor.page.wait_for_function("() => kept['document:original'].wishes.prompt === 'something else, later'")
    editor.open(applied)
    assert editor.share == "Nothing is marked yet"
    editor.button("Repeat it with other settings").click()
    editor.page.wait_for_function("() => record.calls.filter(call => call.op === 'open').at(-1).picture === 'original'")
    editor.frame.get_by_text("13 % of the picture marked").wait_for()
    assert editor.frame.locator("#prompt").input_value() == "a red barn"


def test_a_picture_made_elsewhere_leads_to_the_one_before(editor: Stand) -> None:
    editor.add("made", result(5))
    editor.run("() => { script.sources = { made: 'original' } }")
    editor.open("made")
    editor.button("Open that one").click()
    editor.page.wait_for_function("() => record.calls.filter(call => call.op === 'open').at(-1).picture === 'original'")


# ---- the request


def test_modes_set_model_tool_mask_and_protection_up(editor: Stand) -> None:
    mode, model = editor.frame.get_by_label("What to do"), editor.frame.get_by_label("Model", exact=True)
    editor.rectangle(100, 80, 300, 240)
    mode.select_option("Remove")
    assert model.input_value() == "flux-erase"
    assert not editor.frame.locator("#prompt").is_visible()
    mode.select_option("Fill the marked area")
    assert model.input_value() == "flux-fill"
    before = editor.share
    mode.select_option("Replace the background")
    assert editor.share == "88 % of the picture marked" != before
    editor.page.keyboard.press("Escape")
    editor.surface.focus()
    editor.page.keyboard.press("Control+z")
    assert editor.share == before
    mode.select_option("Extend the picture")
    editor.frame.locator(".surface[data-tool=frame]").wait_for()
    mode.select_option("Harmonise")
    editor.frame.locator(".surface[data-tool=brush]").wait_for()
    assert model.input_value() == "flux-2-pro"
    assert not editor.frame.get_by_label("Keep the rest untouched").is_checked()
    call = editor.start()
    assert call["protect"] is False
    assert call["prompt"].startswith("Match light, colours, shadows and grain")
    assert editor.frame.get_by_text("The model is told: Match light", exact=False).is_visible()


def test_the_whole_picture_is_changed_by_words_alone(editor: Stand) -> None:
    editor.frame.get_by_label("What to do").select_option("Change the whole picture")
    assert editor.frame.get_by_text("No mask: the whole picture may change.").is_visible()
    assert not editor.frame.get_by_label("Keep the rest untouched").is_visible()
    assert editor.reason == "Say what should be there."
    editor.frame.locator("#prompt").fill("make it winter")
    call = editor.start()
    assert (call["model"], call["whole"], call["prompt"], call["protect"]) == (
        "flux-2-pro",
        True,
        "make it winter",
        False,
    )
    assert "mask" not in call
    editor.page.wait_for_function("() => record.calls.some(call => call.op === 'quote' && call.whole === true)")
    editor.frame.get_by_label("Model", exact=True).select_option("flux-fill")
    assert editor.reason == "This model needs a mask. Choose one that edits whole pictures."


def test_modes_without_a_fitting_model_cannot_be_chosen(open_editor: Callable[..., Stand]) -> None:
    editor = open_editor(models=[FILL, CANNY])
    disabled = editor.frame.locator("#mode option:disabled").all_text_contents()
    assert disabled == ["Harmonise", "Change the whole picture"]


def test_format_and_seam_follow_the_protection(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    assert editor.button("PNG").get_attribute("aria-pressed") == "true"
    assert editor.button("JPEG").is_disabled()
    assert editor.frame.get_by_text("A protected result is kept as PNG").is_visible()
    seam = editor.frame.get_by_label("Width of the seam")
    seam.fill("65")
    assert seam.get_attribute("aria-invalid") == "true"
    seam.fill("12")
    call = editor.start()
    assert call["seam"] == 12
    assert "format" not in call
    editor.frame.get_by_label("Keep the rest untouched").uncheck()
    assert not seam.is_visible()
    assert editor.button("JPEG").get_attribute("aria-pressed") == "true"
    assert editor.button("WebP").is_disabled(), "this model does not make it"
    editor.button("PNG").click()
    call = editor.start(expected=2)
    assert call["format"] == "png"
    assert "seam" not in call


def test_words_used_before_are_offered(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    assert not editor.button("Words used before").is_visible()
    for number, words in enumerate(("a boat", "a whale")):
        editor.frame.locator("#prompt").fill(words)
        editor.start(expected=number + 1)
        editor.frame.locator(".busy").wait_for(state="hidden")
    editor.open()
    editor.button("Words used before").click()
    rows = editor.frame.get_by_role("group", name="Words used before").get_by_role("button")
    assert rows.all_inner_texts() == ["a whale", "a boat"]
    editor.page.keyboard.press("Tab")
    editor.page.keyboard.press("Enter")
    assert editor.frame.locator("#prompt").input_value() == "a boat"
    assert editor.frame.locator("#prompt").evaluate("field => field === document.activeElement")


def test_a_picture_of_sixteen_bits_is_pointed_out(editor: Stand) -> None:
    deep = Image.fromarray(numpy.full((64, 64), 40_000, numpy.uint16))
    editor.add("deep", deep)
    warning = editor.frame.get_by_text("This picture has 16 bits per channel. The result will have 8.")
    assert not warning.is_visible()
    editor.open("deep")
    warning.wait_for()


def test_a_model_nobody_knows_yet_joins_by_its_data(open_editor: Callable[..., Stand]) -> None:
    invented = FILL | {
        "id": "finetune-ann-cat", "label": "Ann's cat", "formats": ["png"], "format": "png", "price": None,
        "options": [
            {"name": "strength", "kind": "float", "default": 0.8, "minimum": 0, "maximum": 2, "step": 0.1, "choices": [], "help": ""},
            {"name": "sampler", "kind": "choice", "default": "euler", "choices": ["euler", "heun"], "help": ""},
        ],
    }  # fmt: skip
    editor = open_editor(models=[FILL, invented])
    editor.rectangle(100, 80, 300, 240)
    editor.frame.get_by_label("Model", exact=True).select_option("Ann's cat")
    editor.frame.get_by_text("Options", exact=True).click()
    editor.frame.get_by_role("spinbutton", name="Strength").fill("1.4")
    editor.frame.get_by_label("Sampler").select_option("heun")
    call = editor.start()
    assert (call["model"], call["options"]) == ("finetune-ann-cat", {"strength": 1.4, "sampler": "heun"})


# ---- for everybody


def test_all_of_it_by_keyboard_and_named(editor: Stand) -> None:
    finish(editor, ask_two_models(editor))
    nameless = editor.frame.locator("body").evaluate(
        """body => [...body.querySelectorAll("button, input, select, textarea")]
            .filter(each => !(each.getAttribute("aria-label") || each.textContent.trim() || each.labels?.length))
            .map(each => each.outerHTML)"""
    )
    assert nameless == []
    editor.button("Next result").focus()
    for _ in range(40):
        editor.page.keyboard.press("Tab")
        if editor.button("Differences").evaluate("button => button === document.activeElement"):
            break
    editor.page.keyboard.press("Enter")
    editor.frame.get_by_text("of what is shown differs").wait_for()
    editor.button("Next result").focus()
    editor.page.keyboard.press("Enter")
    assert editor.button("Next result").evaluate("button => button === document.activeElement"), (
        "the keyboard stays there"
    )


def test_on_a_phone_a_result_has_room(open_editor: Callable[..., Stand]) -> None:
    editor = open_editor(phone=True, models=MODELS)
    editor.rectangle(100, 80, 300, 240)
    editor.start()
    editor.finish("first", "second")
    box = editor.surface.bounding_box()
    assert box
    assert box["height"] > 300
    for name in ("Add to chat", "Keep painting", "Throw this result away", "Next result", "Copy"):
        place = editor.button(name).bounding_box()
        assert place, name
        assert 0 <= place["x"] <= place["x"] + place["width"] <= 390, name
    assert editor.frame.locator("body").evaluate("body => body.scrollWidth <= innerWidth")
    editor.frame.get_by_label("Back to the mask").click()
    assert editor.frame.locator(".rail").is_visible()
