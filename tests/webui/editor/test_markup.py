"""A drawing over the picture: sent as each model takes it, kept with the job, refused in one sentence."""

from __future__ import annotations

import base64
import io
import json
import uuid
from types import SimpleNamespace

import numpy
import pytest
from PIL import Image, ImageDraw

from flux_studio import catalog, drawings, edits
from flux_studio.imaging import as_picture
from flux_studio.jobs import request_from_json, request_to_json, rerunnable
from flux_studio.types import Request
from flux_studio.webui.keeper import _as_sent
from tests.webui.editor.over_sockets import SocketStudio
from tests.webui.editor.studio import mask_png, png
from tools.sandbox import Sandbox

PRO, KONTEXT, FILL = "flux-2-pro", "flux-kontext-pro", "flux-pro-1.0-fill"
RED = (255, 0, 0, 255)


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def drawing(size=(640, 480), *, mode="RGBA", ground=(0, 0, 0, 0), box=(40, 40, 120, 90)) -> bytes:
    image = Image.new("RGBA", size, ground)
    if box:
        ImageDraw.Draw(image).rectangle(box, fill=RED)
    out = io.BytesIO()
    image.convert(mode).save(out, "PNG")
    return out.getvalue()


def red(data: bytes) -> int:
    with Image.open(io.BytesIO(data)) as image:
        pixels = numpy.asarray(image.convert("RGB")).astype(int)
    return int(((pixels[..., 0] > 200) & (pixels[..., 1] < 60) & (pixels[..., 2] < 60)).sum())


async def order(studio, **wish):
    session = (await studio.call("open"))["session"]
    wish = {"model": PRO, "prompt": "a boat", "mask": text(mask_png()), "request": str(uuid.uuid4()), **wish}
    answer = await studio.call("start", session=session, **wish)
    await studio.settled()
    return session, answer


@pytest.mark.parametrize("model", [PRO, KONTEXT])
async def test_a_reference_shows_picture_and_drawing_and_a_sentence_says_so(studio, model):
    session, answer = await order(studio, model=model, markup=text(drawing()))
    assert "job" in answer, answer
    (sent,) = studio.painter.orders
    plain, drawn = sent.pictures
    assert plain.size == drawn.size
    assert red(drawn.data) > red(plain.data) + 4000
    assert sent.prompt.startswith("a boat Image 2 is image 1 with notes drawn on it")
    state = await studio.call("poll", session=session, job=answer["job"])
    assert state["results"][0]["protected"]["changed"] == 0


async def test_without_a_mask_the_drawing_says_where(studio):
    _, answer = await order(studio, model=PRO, mask="", whole=True, protect=False, markup=text(drawing()))
    assert "job" in answer, answer
    (sent,) = studio.painter.orders
    assert len(sent.pictures) == 2
    assert red(sent.pictures[1].data) > 1000


def test_what_is_drawn_is_in_what_the_model_sees():
    original, card, mask = as_picture(png(4000, 3000)), catalog.card(PRO), mask_png(4000, 3000)
    near = edits.plan_edit(original, card, mask=mask)
    wide = edits.plan_edit(original, card, mask=mask, markup=drawing((4000, 3000), box=(3900, 2900, 3990, 2990)))
    assert near.area.box.right < 3900
    assert wide.area.box.right >= 3990
    assert wide.area.box.bottom >= 2990


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("no base64 ÿ", "markup"),
        (text(b"no picture at all"), "transparent PNG"),
        (text(drawing(size=(64, 64), box=(1, 1, 9, 9))), "size of the region"),
        (text(drawing(mode="RGB")), "without transparency"),
        (text(drawing(box=None)), "nothing drawn"),
        (text(drawing(ground=RED)), "everything covered"),
        (text(drawing()[:-400]), "markup"),
        (text(b"\x89PNG\r\n\x1a\n" + bytes(8 * 1024 * 1024)), "8 MB"),
        ("A" * 12_000_000, "8 MB"),
        (["a", "list"], "8 MB"),
    ],
)
async def test_hostile_drawings_get_one_sentence_and_nothing_is_ordered(studio, markup, said):
    _, answer = await order(studio, markup=markup)
    assert answer["field"] == "markup"
    assert said in answer["error"]
    assert "Traceback" not in answer["error"]
    assert studio.painter.orders == []


async def test_a_model_without_a_place_for_it_refuses_the_drawing(studio):
    _, answer = await order(studio, model=FILL, markup=text(drawing()))
    assert answer["field"] == "markup"
    assert "takes no drawing" in answer["error"]
    assert studio.painter.orders == []


@pytest.mark.parametrize("model", [PRO, "gpt-image-2.6-flare"])
@pytest.mark.parametrize("whole", [False, True])
def test_a_job_with_a_drawing_is_made_again_as_it_was(model, whole):
    picture, card, drawn = as_picture(png(), file="original"), catalog.card(model), drawing()
    wish = Request(task="edit", model=model, prompt="a boat")
    if whole:
        sent, kept = edits.whole_request(picture, wish, card, drawn), {}
    else:
        edit = edits.plan_edit(picture, card, mask=mask_png(), markup=drawn)
        sent = edits.provider_request(edit, picture, wish, card, drawn)
        kept = {"masked": True, "edit": edit.to_json()}
    stored = {**request_to_json(sent), "pictures": ["original"], **kept, **drawings.kept(drawn)}
    stored = json.loads(json.dumps(stored))
    assert rerunnable(stored)
    again = _as_sent(SimpleNamespace(request=stored, model=model), request_from_json(stored, [picture]), [picture])
    assert (again.prompt, again.mask, again.task) == (sent.prompt, sent.mask, sent.task)
    assert [each.data for each in again.pictures] == [each.data for each in sent.pictures]
    assert again.markup == sent.markup
    assert (again.markup is not None) == (card.markup == "layer")


def test_a_drawing_that_was_not_kept_keeps_a_job_from_being_sent_without_it():
    assert not rerunnable({"prompt": "a boat", "pictures": ["one"], "marked": True})


async def test_the_price_counts_the_further_reference(studio):
    session = (await studio.call("open"))["session"]
    plain = await studio.call("quote", session=session, model=PRO)
    drawn = await studio.call("quote", session=session, model=PRO, marked=True)
    assert drawn["credits"] > plain["credits"]
    layer = await studio.call("quote", session=session, model=KONTEXT, marked=True)
    assert layer["credits"] == (await studio.call("quote", session=session, model=KONTEXT))["credits"]
    refused = await studio.call("quote", session=session, model=PRO, marked="yes")
    assert refused["field"] == "marked"


async def test_the_page_is_told_how_each_model_takes_a_drawing(studio):
    rows = {row["id"]: row["markup"] for row in (await studio.call("open"))["models"]}
    assert (rows[PRO], rows[KONTEXT], rows[FILL]) == ("reference", "reference", "none")


async def test_the_service_gets_the_reference_over_sockets_and_protected_pixels_stay(tmp_path, monkeypatch):
    async with Sandbox() as sandbox:
        studio = SocketStudio(monkeypatch, sandbox, tmp_path)
        wish = {"model": PRO, "prompt": "a boat", "markup": text(drawing())}
        result, stored = await studio.edited(png(), mask_png(), **wish)
        (call,) = [call for call in sandbox.calls if call.endpoint == "/v1/flux-2-pro"]
        for runner in studio.runners:
            await runner.close()
    assert {"input_image", "input_image_2"} <= set(call.body)
    assert "notes drawn on it" in call.body["prompt"]
    assert result["protected"]["changed"] == 0
    assert stored.startswith(b"\x89PNG")
