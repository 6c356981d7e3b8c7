"""Half-finished pictures in the message: they come, are replaced, and leave nothing behind when a job fails."""

import base64
import io

import pytest
from PIL import Image

from flux_studio.types import Picture
from flux_studio.webui.files import FileRef
from flux_studio.webui.progress import SKETCH_SIDE, Previews


@pytest.fixture
def events():
    return []


@pytest.fixture
def previews(events):
    async def emit(event):
        events.append(event)

    return Previews(emit)


def a_picture(side=1024):
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), "orange").save(buffer, "PNG")
    return Picture(data=buffer.getvalue(), mime="image/png", width=side, height=side)


def shown(events):
    assert {event["type"] for event in events} == {"chat:message:files"}
    return events[-1]["data"]["files"]


async def test_a_half_finished_picture_is_small_and_inside_the_event(previews, events):
    await previews.sketch(0, a_picture())
    (file,) = shown(events)
    kind, _, data = file["url"].partition(",")
    assert kind == "data:image/jpeg;base64"
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (SKETCH_SIDE, SKETCH_SIDE)
    assert len(file["url"]) < 200_000


async def test_the_finished_picture_takes_its_place_and_nothing_goes_back(previews, events):
    await previews.sketch(0, a_picture())
    await previews.sketch(1, a_picture())
    await previews.add(0, FileRef(id="f", name="n", mime="image/png"))
    await previews.sketch(0, a_picture())
    assert [file["url"].partition("/content")[0][:16] for file in shown(events)] == [
        "/api/v1/files/f",
        "data:image/jpeg;",
    ]


async def test_a_failed_job_leaves_no_half_picture(previews, events):
    await previews.sketch(0, a_picture())
    await previews.add(1, FileRef(id="f", name="n", mime="image/png"))
    await previews.clear()
    assert [file.get("id") for file in shown(events)] == ["f"]
    count = len(events)
    await previews.clear()
    assert len(events) == count


async def test_without_a_message_nothing_is_made():
    silent = Previews(None)
    await silent.sketch(0, a_picture())
    await silent.clear()
