"""A drawing over a part of a picture, from the plan of the edit to the service over sockets and back into the picture."""

from __future__ import annotations

import io

import numpy
import pytest
from PIL import Image

from flux_studio import catalog, edits
from flux_studio.catalog.check import check
from flux_studio.imaging.masks import from_array, to_png
from tests.providers.test_openai import a_wish, body_of, transparent_png

SIDE = 1200


def original():
    noise = numpy.random.default_rng(7).integers(0, 256, (SIDE, SIDE, 3), numpy.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    return edits.Picture(data=buffer.getvalue(), mime="image/png", width=SIDE, height=SIDE)


def mask():
    values = numpy.zeros((SIDE, SIDE), numpy.uint8)
    values[300:500, 300:600] = 255
    return to_png(from_array(values))


@pytest.mark.parametrize("model", ["gpt-image-2.6-sunburst", "gpt-image-2.6-flare"])
async def test_the_service_gets_the_layer_and_protected_pixels_stay(openai_desk, sandbox, model):
    card, picture = catalog.card(model), original()
    drawing = transparent_png(SIDE, SIDE, (320, 320, 380, 700)).data
    edit = edits.plan_edit(picture, card, mask=mask(), markup=drawing)
    assert edit.area.box.contains(edits.Box(x=320, y=320, width=60, height=380))
    wish = edits.provider_request(edit, picture, a_wish("a boat", model=model, task=edit.task), card, drawing)
    states = await openai_desk.run(check(card, wish, safety_cap=2).request)
    sent = body_of(sandbox)
    assert (sent["markup"]["width"], sent["markup"]["height"]) == (edit.area.sent.width, edit.area.sent.height)
    assert not sent.get("mask")
    finished = edits.finish(edit, picture, states[-1].result)
    assert finished.changed == 0
    before, after = (
        numpy.asarray(Image.open(io.BytesIO(each.data)).convert("RGB"))
        for each in (picture, finished.result.pictures[0])
    )
    changed = (before != after).any(axis=2)
    assert changed[320:480, 320:580].mean() > 0.5
    changed[300:500, 300:600] = False
    assert not changed.any(), "the drawing is neither pasted nor does it open a protected pixel"
