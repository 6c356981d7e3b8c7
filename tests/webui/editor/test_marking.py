"""The calls that help to mark: the area is the one an order takes, the subject is found, nobody reaches more."""

from __future__ import annotations

import asyncio
import base64
import io
import uuid

import numpy
import pytest
from PIL import Image, ImageDraw

from flux_studio.edits import edit_of
from flux_studio.imaging.area import Box
from flux_studio.webui.editor import claims, marking
from tests.webui.editor.studio import BEN, mask_png, png

FILL = "flux-pro-1.0-fill"
BOX = {"x": 120, "y": 60, "width": 280, "height": 260}


def disc(width: int = 640, height: int = 480) -> bytes:
    """A red disc of radius 100 around 260, 190 on grainy green."""
    image = Image.effect_noise((width, height), 20).convert("RGB")
    image = Image.blend(image, Image.new("RGB", image.size, (40, 140, 60)), 0.7)
    ImageDraw.Draw(image).ellipse((160, 90, 360, 290), fill=(200, 40, 40))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


async def session(studio, **more) -> str:
    return (await studio.call("open", **more))["session"]


def values(answer: dict) -> numpy.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(answer["mask"]))) as image:
        assert image.mode == "L"
        return numpy.asarray(image)


@pytest.mark.parametrize("model", [FILL, "flux-2-pro", "flux-kontext-pro"])
@pytest.mark.parametrize(
    ("size", "marked", "region"),
    [
        ((2400, 1600), (1000, 700, 1100, 760), None),
        ((2400, 1600), (0, 0, 40, 1600), None),
        ((640, 480), (100, 100, 200, 180), None),
        ((2400, 1600), (1000, 700, 1100, 760), {"x": 900, "y": 600, "width": 500, "height": 500}),
        ((640, 480), (100, 100, 200, 180), {"x": -64, "y": 0, "width": 704, "height": 480}),
    ],
    ids=["small", "edge", "whole", "own frame", "extended"],
)
async def test_the_area_shown_is_the_area_sent(studio, model, size, marked, region):
    picture = studio.put(png(*size))
    current = await session(studio, picture=picture)
    left, top, right, bottom = marked
    frame = region or {"x": 0, "y": 0, "width": size[0], "height": size[1]}
    inside = (left - frame["x"], top - frame["y"], right - frame["x"], bottom - frame["y"])
    mask = mask_png(frame["width"], frame["height"], inside)
    wish = {"session": current, "model": model, "prompt": "a boat", "mask": base64.b64encode(mask).decode()}
    wish |= {"region": region} if region else {}
    # What the page knows of its mask: the box around what is marked and around new ground.
    box = {"x": min(left, frame["x"] if region and frame["x"] < 0 else left), "y": top}
    if region and frame["x"] < 0:
        box |= {"y": 0, "width": right - frame["x"], "height": size[1]}
    else:
        box |= {"width": right - left, "height": bottom - top}
    shown = await studio.call("area", session=current, model=model, box=box, **({"region": region} if region else {}))
    answer = await studio.call("start", request=str(uuid.uuid4()), **wish)
    assert "error" not in answer, answer
    (row,) = await studio.store.of_session("ann", current)
    edit = edit_of(row.request)
    assert edit is not None
    assert shown["area"] == edit.area.box.to_json()
    assert shown["sent"] == {"width": edit.area.sent.width, "height": edit.area.sent.height}


async def test_the_subject_is_found(studio):
    picture = studio.put(disc())
    current = await session(studio, picture=picture)
    found = values(await studio.call("select", session=current, box=BOX)) > 127
    rows, columns = numpy.mgrid[60:320, 120:400]
    real = (columns - 260) ** 2 + (rows - 190) ** 2 <= 100**2
    assert found.shape == (260, 280)
    assert (found & real).sum() / (found | real).sum() > 0.97
    assert not found[240, 20]
    strokes = [{"include": True, "size": 30, "points": [140, 300, 142, 300.5]}]
    more = values(await studio.call("select", session=current, box=BOX, strokes=strokes)) > 127
    assert more[240, 20]


async def test_the_subject_of_another_picture_of_ones_own(studio):
    current = await session(studio)
    picture = studio.put(disc())
    assert values(await studio.call("select", session=current, picture=picture, box=BOX))[130, 140] == 255
    foreign = studio.put(disc(), "ben")
    for op in ("select", "area"):
        assert "not yours" in (await studio.call(op, session=current, model=FILL, picture=foreign, box=BOX))["error"]


async def test_the_area_needs_the_right_to_the_model(studio):
    current = await session(studio)
    studio.models["ann"] = {"flux-2-pro"}
    assert "no access" in (await studio.call("area", session=current, model=FILL, box=BOX))["error"]


async def test_a_claimed_temporary_chat_selects_in_no_foreign_picture(studio):
    own = studio.put(png(64, 64), "ben")
    studio.models["ben"] = None
    current = (await studio.call("open", user=BEN, chat="temporary:x", picture=own))["session"]
    asked = {"user": BEN, "chat": "temporary:x", "session": current, "picture": studio.picture, "box": BOX}
    assert "not yours" in (await studio.call("select", **asked))["error"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"box": None},
        {"box": {"x": 0, "y": 0, "width": 0, "height": 5}},
        {"box": {"x": 0, "y": 0, "width": 1e9, "height": 5}},
        {"box": {"x": 900, "y": 0, "width": 50, "height": 50}},
        {"box": {"x": 0, "y": 0, "width": 3, "height": 3}},
        {"strokes": "x"},
        {"strokes": [5]},
        {"strokes": [{"include": True, "size": 5, "points": []}]},
        {"strokes": [{"include": True, "size": 5, "points": [1, 2, 3]}]},
        {"strokes": [{"include": True, "size": "5", "points": [1, 2]}]},
        {"strokes": [{"include": 1, "size": 5, "points": [1, 2]}]},
        {"strokes": [{"include": True, "size": 5, "points": [1, float("nan")]}]},
        {"strokes": [{"include": True, "size": 5, "points": [1, True]}]},
        {"strokes": [{"include": True, "size": 1e300, "points": [1, 2]}]},
        {"strokes": [{"include": True, "size": 5, "points": [1] * (2 * claims.MAX_POINTS + 2)}]},
        {"strokes": [{"include": True, "size": 5, "points": [1, 2]}] * (claims.MAX_STROKES + 1)},
    ],
)
async def test_senseless_wishes_are_named(studio, wrong):
    current = await session(studio)
    answer = await studio.call("select", session=current, **{"box": BOX, **wrong})
    assert answer["field"] in wrong


async def test_as_many_strokes_as_can_be_sent_are_taken(studio):
    picture = studio.put(disc())
    current = await session(studio, picture=picture)
    stroke = {"include": True, "size": 3, "points": [250.5, 190] * claims.MAX_POINTS}
    answer = await studio.call("select", session=current, box=BOX, strokes=[stroke] * claims.MAX_STROKES)
    assert values(answer)[130, 130] == 255


async def test_a_selection_that_takes_too_long_is_given_up_with_a_sentence(studio, monkeypatch):
    current = await session(studio)
    monkeypatch.setattr(marking, "LONGEST_SELECTION", 0.05)
    monkeypatch.setattr(marking, "select_subject", lambda *_: asyncio.run(asyncio.sleep(0.3)))
    answer = await studio.call("select", session=current, box=BOX)
    assert answer["error"] == "Too many people select subjects right now; try again in a moment."


def test_a_box_names_itself() -> None:
    assert claims.read_box({"box": BOX}) == Box(**BOX)
