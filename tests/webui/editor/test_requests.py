"""What a request may ask for beside the mask: several models, a format, a seam, the whole picture, a model of its own."""

from __future__ import annotations

import base64
import io
import uuid

import numpy
import pytest
from PIL import Image

from flux_studio import catalog
from flux_studio.catalog import OptionSpec
from tests.webui.editor.studio import ANN, BEN, CHAT, mask_png, png

FILL, PRO, ERASE = "flux-pro-1.0-fill", "flux-2-pro", "flux-tools-erase-v1"


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pixels(data: bytes):
    with Image.open(io.BytesIO(data)) as image:
        return numpy.asarray(image.convert("RGB"))


async def order(studio, session, **wish):
    wish = {"model": FILL, "prompt": "a boat", "mask": base64_of(mask_png()), "request": str(uuid.uuid4()), **wish}
    return await studio.call("start", session=session, **wish)


async def finished(studio, session, **wish):
    answer = await order(studio, session, **wish)
    assert "job" in answer, answer
    await studio.settled()
    return await studio.call("poll", session=session, job=answer["job"])


async def opened(studio, **more):
    return (await studio.call("open", **more))["session"]


# ---- several models at once


async def test_one_mask_goes_to_two_models_and_a_repeated_press_orders_neither_twice(studio):
    current = await opened(studio)
    requests = {model: str(uuid.uuid4()) for model in (FILL, PRO)}
    for _ in range(2):
        jobs = [await order(studio, current, model=model, request=each) for model, each in requests.items()]
        assert [job["job"] for job in jobs] == list(requests.values())
        await studio.settled()
    states = [await studio.call("poll", session=current, job=job["job"]) for job in jobs]
    assert [state["results"][0]["protected"]["changed"] for state in states] == [0, 0]
    assert sorted(sent.model for sent in studio.painter.orders) == sorted(requests)
    both = [state["results"][0]["picture"] for state in states]
    answer = await studio.call("apply", session=current, request=str(uuid.uuid4()), pictures=both)
    message = studio.chats[CHAT][answer["message"]]
    assert [file["id"] for file in message["files"]] == both
    assert "FLUX.1 Fill" in message["content"]
    assert "FLUX.2" in message["content"]


# ---- format and seam


@pytest.mark.parametrize(("format", "magic"), [("png", b"\x89PNG"), ("webp", b"RIFF"), ("jpeg", b"\xff\xd8")])
async def test_without_protection_the_format_is_the_one_asked_for(studio, format, magic):
    studio.painter.deliver = format
    state = await finished(studio, await opened(studio), protect=False, format=format)
    assert studio.painter.orders[0].format == format
    assert studio.bytes[state["results"][0]["picture"]].startswith(magic)


async def test_a_protected_result_is_png_whatever_the_model_delivers(studio):
    state = await finished(studio, await opened(studio), format="jpeg")
    assert studio.painter.orders[0].format == "jpeg"
    assert studio.bytes[state["results"][0]["picture"]].startswith(b"\x89PNG")


async def test_the_page_learns_the_formats_and_what_the_valve_says(studio):
    models = {model["id"]: model for model in (await studio.call("open"))["models"]}
    assert models[FILL]["formats"] == ["jpeg", "png", "webp"]
    assert models[FILL]["format"] == studio.valves.OUTPUT_FORMAT == "jpeg"


async def test_the_seam_is_as_wide_as_asked_for(studio):
    """The further inwards, the more of the answer shows; a width of 0 shows it up to the edge of the mask."""
    current = await opened(studio)
    mask = base64_of(mask_png(box=(100, 100, 400, 400)))
    before = pixels(studio.bytes[studio.picture]).astype(int)
    changed = {}
    for seam in (0, 16, 64):
        state = await finished(studio, current, seam=seam, mask=mask)
        assert state["results"][0]["protected"]["changed"] == 0
        after = pixels(studio.bytes[state["results"][0]["picture"]]).astype(int)
        changed[seam] = numpy.abs(after - before)[150:350].mean(axis=(0, 2))
    whole = changed[0][200:300].mean()
    assert changed[0][101] > whole / 2
    assert changed[16][101] < whole / 4
    assert changed[16][120] > whole / 2
    assert changed[64][110] < whole / 4
    assert changed[64][168] > whole / 2
    assert changed[64][99] == 0


# ---- the whole picture by words


async def test_the_whole_picture_is_edited_without_a_mask(studio):
    current = await opened(studio)
    state = await finished(studio, current, model=PRO, mask=None, whole=True, prompt="make it winter")
    sent = studio.painter.orders[0]
    assert (sent.task, sent.mask, len(sent.pictures), sent.prompt) == ("edit", None, 1, "make it winter")
    assert sent.pictures[0].data == studio.bytes[studio.picture]
    (result,) = state["results"]
    assert "protected" not in result
    assert studio.recipes[result["picture"]]["draft"] is True
    answer = await studio.call("apply", session=current, request=str(uuid.uuid4()), pictures=[result["picture"]])
    assert answer["message"] in studio.chats[CHAT]


async def test_another_worker_sends_the_whole_picture_that_was_only_queued(studio):
    current = await opened(studio)
    studio.pipe = studio.pipe.model_copy(update={"MAX_PARALLEL_JOBS": 1})
    studio.painter.gate.clear()
    await order(studio, current)
    job = (await order(studio, current, model=PRO, mask=None, whole=True))["job"]
    while not studio.painter.orders:
        await studio.call("poll", session=current, job=job)
    await studio.runner.close()
    studio.painter.gate.set()
    for row in await studio.store.of_session("ann", current):
        studio.store.age(row.id, 60)
    studio.runner = studio.new_worker()
    await studio.runner.sweep()
    await studio.settled()
    state = await studio.call("poll", session=current, job=job)
    assert state["state"] == "done"
    assert studio.painter.orders[1].pictures[0].data == studio.bytes[studio.picture]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"whole": "yes"}, "whole"),
        ({"whole": True}, "whole"),
        ({"whole": True, "mask": None, "region": {"x": 0, "y": 0, "width": 64, "height": 64}}, "whole"),
        ({"whole": True, "mask": None, "model": FILL}, "model"),
        ({"whole": True, "mask": None, "model": ERASE}, "model"),
        ({"format": "gif"}, "format"),
        ({"format": 5}, "format"),
        ({"seam": -1}, "seam"),
        ({"seam": 65}, "seam"),
        ({"seam": 4.5}, "seam"),
        ({"seam": True}, "seam"),
    ],
)
async def test_a_wrong_wish_is_named_and_nothing_is_sent(studio, wish, field):
    answer = await order(studio, await opened(studio), **wish)
    assert answer.get("field") == field, answer
    assert studio.painter.orders == []


async def test_the_price_of_the_whole_picture_counts_all_of_it(studio):
    current = await opened(studio, picture=studio.put(png(2400, 1600)))
    region = {"x": 0, "y": 0, "width": 256, "height": 256}
    part = await studio.call("quote", session=current, model=PRO, region=region)
    whole = await studio.call("quote", session=current, model=PRO, whole=True)
    assert whole["credits"] > part["credits"]


# ---- a model that nobody knows yet


async def test_a_model_joins_by_its_card_alone(studio, monkeypatch):
    """A finetune of the fill family, or anything else with a card: options, words, formats and proof follow from it."""
    strength = OptionSpec(name="strength", kind="float", default=0.8, minimum=0, maximum=2, step=0.1, advanced=False)
    sampler = OptionSpec(name="sampler", kind="choice", default="euler", choices=("euler", "heun"), advanced=False)
    known = catalog.card(FILL)
    card = type(known)(
        name="finetune-ann-cat",
        provider="bfl",
        endpoint="/v1/flux-pro-1.0-fill-finetuned",
        label="Ann's cat",
        summary="Paints Ann's cat",
        tasks=known.tasks,
        options=(strength, sampler),
        size=known.size,
        pictures=known.pictures,
        mask="white_repaints",
        formats=("png",),
        default_format="png",
    )
    monkeypatch.setattr(catalog, "CARDS", {**catalog.CARDS, card.name: card})
    answer = await studio.call("open")
    shown = next(model for model in answer["models"] if model["id"] == card.name)
    assert [option["name"] for option in shown["options"]] == ["strength", "sampler"]
    assert (shown["formats"], shown["format"]) == (["png"], "png")
    wish = {"model": card.name, "options": {"strength": 1.4, "sampler": "heun"}}
    state = await finished(studio, answer["session"], **wish)
    assert state["results"][0]["protected"]["changed"] == 0
    assert dict(studio.painter.orders[0].options) == {"strength": 1.4, "sampler": "heun"}
    assert (await order(studio, answer["session"], model=card.name, options={"strength": 3}))["field"] == "strength"


# ---- ways on from a message


async def test_the_message_leads_to_the_files_and_back_to_the_picture_before(studio):
    current = await opened(studio)
    state = await finished(studio, current, count=2)
    both = [result["picture"] for result in state["results"]]
    answer = await studio.call("apply", session=current, request=str(uuid.uuid4()), pictures=both)
    content = studio.chats[CHAT][answer["message"]]["content"]
    assert [content.count(f"(/api/v1/files/{file}/content?attachment=true)") for file in both] == [1, 1]
    again = await studio.call("open", message=answer["message"])
    assert (again["picture"]["id"], again["source"]) == (both[0], studio.picture)
    assert (await studio.call("open"))["source"] is None


async def test_a_picture_before_that_is_gone_or_foreign_is_not_offered(studio):
    made = studio.put(png(64, 64))
    studio.recipes[made] = {"model": PRO, "task": "edit", "parents": [str(uuid.uuid4())]}
    assert (await studio.call("open", picture=made))["source"] is None
    studio.recipes[made] = {"model": PRO, "task": "edit", "parents": [studio.put(png(80, 64), BEN.id)]}
    assert (await studio.call("open", user=ANN, picture=made))["source"] is None
