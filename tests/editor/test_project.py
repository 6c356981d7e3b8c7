"""A project saved as a file and opened again: on the same page, on another picture, and when it is hostile."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy
import pytest

from tests.editor.stand import Stand, picture

pytestmark = pytest.mark.pages


def pictures(editor: Stand, name: str) -> None:
    editor.button("Choose another picture").click()
    editor.button(name).click()


def saved(editor: Stand) -> bytes:
    pictures(editor, "Save project")
    editor.page.wait_for_function("() => record.saves.length > 0")
    row = editor.run("() => record.saves.at(-1)")
    assert (row["name"], row["mime"]) == ("edit-area.json", "application/json")
    return base64.b64decode(row["data"])


def opened(editor: Stand, data: bytes) -> None:
    editor.button("Choose another picture").click()
    with editor.page.expect_file_chooser() as chooser:
        editor.button("Open project …").click()
    chooser.value.set_files({"name": "project.json", "mimeType": "application/json", "buffer": data})


def test_work_is_saved_and_opened_again_anywhere(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    editor.frame.locator("#prompt").fill("a red barn")
    before = editor.mask(editor.start())
    data = saved(editor)

    editor.add("other", picture(300, 200))
    editor.open("other")
    editor.frame.get_by_text("300 × 200", exact=True).wait_for()
    opened(editor, data)
    editor.frame.get_by_text("The project is open.").wait_for()
    call = editor.start(expected=2)
    assert (call["picture"], call["prompt"]) == ("original", "a red barn")
    assert (editor.mask(call) == before).all()

    # on another server the same file has another id
    project = json.loads(data)
    project["picture"]["id"] = "gone"
    editor.button("Clear").first.click()
    opened(editor, json.dumps(project).encode())
    editor.frame.get_by_text("The project is open.").wait_for()
    call = editor.start(expected=3)
    assert call["picture"] == "original"
    assert (editor.mask(call) == before).all()
    editor.surface.focus()
    editor.page.keyboard.press("Control+z")
    assert editor.share == "Nothing is marked yet"


def spoiled(project: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({**project, **changes}).encode()


def test_what_is_no_project_or_of_another_picture_gets_one_sentence(editor: Stand) -> None:
    editor.rectangle(100, 80, 300, 240)
    before = editor.mask(editor.start())
    project = json.loads(saved(editor))
    bad = "This file is no project of this editor, or it is damaged."
    strange = [{"kind": "stroke", "size": 5}], [{"kind": "mask", "box": {"x": 0, "y": 0, "width": 5, "height": 5}}]
    damaged = [spoiled(project, document={**project["document"], "steps": steps}) for steps in strange]
    for data in (b"", b"\xff\xfe", b"[]", spoiled(project, version=3), *damaged, b"[" * 100_000):
        opened(editor, data)
        editor.frame.get_by_text(bad).wait_for()
        editor.button("Dismiss").click()
        editor.frame.get_by_text(bad).wait_for(state="detached")
    foreign = {**project["picture"], "id": "gone", "print": "1:2"}
    editor.run("() => { script.fail.open = ['This picture is gone, or it is not yours.'] }")
    opened(editor, spoiled(project, picture=foreign))
    editor.frame.get_by_text("This project belongs to a picture that is not here.").wait_for()
    call = editor.start(expected=2)
    assert (editor.mask(call) == before).all(), "nothing was touched"
    assert numpy.count_nonzero(before)
