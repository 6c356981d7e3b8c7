"""Contrast as WCAG 2.2 AA asks for it, measured on the page's computed colours in both themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.editor.stand import Stand, picture

pytestmark = pytest.mark.pages

MEASURE = """() => {
    // rows of what is too faint: text below 4.5 (3 when large), icons and the outline of fields and switches below 3
    const parse = (colour) => {
        const [red, green, blue, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
        return { red, green, blue, alpha };
    };
    const over = (top, below) => {
        const mix = (name) => top[name] * top.alpha + below[name] * (1 - top.alpha);
        return { red: mix("red"), green: mix("green"), blue: mix("blue"), alpha: 1 };
    };
    const faded = (colour, opacity) => ({ ...colour, alpha: colour.alpha * opacity });
    const luminance = ({ red, green, blue }) => {
        const [r, g, b] = [red, green, blue].map((value) => value / 255)
            .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (one, other) => {
        const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
        return (light + 0.05) / (dark + 0.05);
    };
    const canvas = (dark) => ({ red: dark ? 0 : 255, green: dark ? 0 : 255, blue: dark ? 0 : 255, alpha: 1 });
    const ground = (element) => {
        const layers = [];
        for (let each = element; each; each = each.parentElement) {
            layers.unshift(parse(getComputedStyle(each).backgroundColor));
            if (each.tagName === "DIALOG") break;
        }
        return layers.reduce((below, top) => over(top, below), canvas(document.documentElement.dataset.theme === "dark"));
    };
    const opacity = (element) => {
        let share = 1;
        for (let each = element; each; each = each.parentElement) share *= Number(getComputedStyle(each).opacity);
        return share;
    };
    const exempt = (element) => element.closest("[disabled], [aria-disabled=true], .for-readers, .surface, option");
    const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.getClientRects().length;
    const poor = [];
    const judge = (element, colour, below, least, kind) => {
        const found = ratio(over(colour, below), below);
        if (found < least) poor.push(`${kind} ${element.tagName}.${element.className.baseVal ?? element.className} ` +
            `"${(element.textContent || element.getAttribute("placeholder") || "").trim().slice(0, 40)}": ${found.toFixed(2)} of ${least}`);
    };
    let judged = 0;
    for (const element of document.body.querySelectorAll("*")) {
        if (!seen(element) || exempt(element)) continue;
        const style = getComputedStyle(element);
        const below = ground(element);
        const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
        const size = parseFloat(style.fontSize);
        const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
        const field = element.matches("input:not([type=range]):not([type=checkbox]):not([type=file]), textarea, select");
        if (hasText || field) judge(element, faded(parse(style.color), opacity(element)), below, least, "text");
        if (field && element.placeholder && !element.value) {
            const hint = getComputedStyle(element, "::placeholder");
            judge(element, faded(parse(hint.color), opacity(element) * Number(hint.opacity)), below, 4.5, "placeholder");
        }
        if (field) judge(element, parse(style.borderTopColor), ground(element.parentElement), 3, "outline");
        if (element.matches("svg.icon")) judge(element, faded(parse(style.color), opacity(element)), below, 3, "icon");
        judged++;
    }
    return { poor: [...new Set(poor)], judged };
}"""


def too_faint(editor: Stand, *, least: int = 40) -> list[str]:
    found: dict[str, Any] = editor.frame.locator("body").evaluate(MEASURE)
    assert found["judged"] >= least
    return list(found["poor"])


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_icons_and_fields_stand_out(open_editor: Callable[..., Stand], dark: bool, phone: bool) -> None:
    editor = open_editor(dark=dark, phone=phone)
    faint = {"empty": too_faint(editor)}
    if phone:
        editor.frame.get_by_label("Show all settings").click()
        faint["sheet"] = too_faint(editor)
        editor.frame.get_by_label("Show fewer settings").click()
    editor.rectangle(100, 80, 300, 240)
    editor.start()
    editor.answer({"state": "running", "progress": 0.4})
    editor.frame.locator(".job").wait_for()
    faint["working"] = too_faint(editor)
    editor.finish("first")
    faint["result"] = too_faint(editor)
    editor.start(expected=2)
    editor.answer({"state": "failed", "error": "The provider refused the words."})
    editor.frame.locator(".failed").wait_for()
    faint["failed"] = too_faint(editor)
    editor.run("() => { script.answers.start = { error: 'Your budget is used up.', field: 'model' } }")
    editor.start(expected=3)
    editor.frame.get_by_text("Your budget is used up.").wait_for()
    faint["refused"] = too_faint(editor)
    assert {state: rows for state, rows in faint.items() if rows} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_menus_and_dialogs_stand_out(open_editor: Callable[..., Stand], dark: bool) -> None:
    editor = open_editor(dark=dark)
    editor.add("other", picture(200, 300))
    editor.run("() => { script.pictures = [{ id: 'other', width: 200, height: 300, message: 'm' }] }")
    editor.open()
    faint = {}
    for name, press, shown in (
        ("mask", editor.button("Mask"), "Select all"),
        ("help", editor.button("Shortcuts"), "Undo"),
        ("pictures", editor.button("Choose another picture"), "Load from this device …"),
    ):
        press.click()
        editor.frame.get_by_text(shown, exact=True).first.wait_for()
        faint[name] = too_faint(editor)
        editor.page.keyboard.press("Escape")
    editor.tool("frame")
    faint["frame"] = too_faint(editor)
    editor.frame.locator(".options summary").click()
    faint["options"] = too_faint(editor)
    assert {state: rows for state, rows in faint.items() if rows} == {}


def test_the_measure_sees_what_is_faint(editor: Stand) -> None:
    """The check itself can fail."""
    assert too_faint(editor) == []
    editor.frame.locator("h1").evaluate("title => { title.style.color = '#999' }")
    assert [row.split(" of ")[0] for row in too_faint(editor)] == ['text H1. "Edit area": 2.85']
