"""The editor's calls against their contract: sessions, orders, drafts, the new message, and who is refused."""

from __future__ import annotations

import base64
import io
import uuid

import numpy
import pytest
from PIL import Image

from flux_studio.errors import Refused
from flux_studio.providers import PROVIDERS
from flux_studio.valves import EditValves
from tests.webui.editor.studio import ANN, BEN, CHAT, MESSAGE, ROOT, mask_png, png

FILL = "flux-pro-1.0-fill"


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pixels(data: bytes):
    with Image.open(io.BytesIO(data)) as image:
        return numpy.asarray(image)


async def session(studio, **more) -> str:
    return (await studio.call("open", **more))["session"]


async def order(studio, session_id: str, request: str | None = None, **wish):
    wish = {"model": FILL, "prompt": "a boat", "mask": base64_of(mask_png()), **wish}
    return await studio.call("start", session=session_id, request=request or str(uuid.uuid4()), **wish)


async def finished(studio, session_id: str, **wish):
    """Order and wait; returns (job, answer of the poll)."""
    job = (await order(studio, session_id, **wish))["job"]
    await studio.settled()
    return job, await studio.call("poll", session=session_id, job=job)


# ---- open


async def test_open_tells_all_that_the_page_needs(studio):
    other = studio.put(png(32, 24))
    studio.chats[CHAT]["older"] = studio.answer(other, timestamp=-5)
    answer = await studio.call("open")
    assert answer["picture"] == {"id": studio.picture, "width": 640, "height": 480, "mime": "image/png"}
    assert [(row["id"], row["message"]) for row in answer["pictures"]] == [(studio.picture, MESSAGE), (other, "older")]
    assert answer["more"] is False
    assert answer["jobs"] == []
    fill = answer["models"][0]
    assert (fill["id"], fill["mask"], fill["maxCount"], fill["provider"]) == (FILL, "white_repaints", 4, "bfl")
    defaults = {option["name"]: option["default"] for option in fill["options"]}
    assert (defaults["steps"], defaults["guidance"]) == (50, 60)
    assert "secret-key" not in str(answer)


async def test_the_valves_set_where_the_sliders_of_the_fill_family_stand(studio):
    studio.valves = EditValves(STEPS=30, GUIDANCE=150)
    answer = await studio.call("open")
    defaults = {option["name"]: option["default"] for option in answer["models"][0]["options"]}
    assert defaults["steps"] == 30
    assert defaults["guidance"] == 100
    assert defaults["safety_tolerance"] == 2


async def test_the_same_place_is_the_same_session_and_another_one_is_not(studio):
    first = await session(studio)
    assert await session(studio, picture=studio.picture) == first
    assert await session(studio, picture=studio.put(png(64, 64))) != first
    studio.chats[CHAT]["second"] = studio.answer(studio.picture)
    assert (await studio.call("open", message="second", picture=studio.picture))["session"] != first


async def test_a_chat_without_pictures_says_so(studio):
    studio.chats[CHAT][MESSAGE] = studio.answer()
    answer = await studio.call("open")
    assert answer == {"error": "There is no picture in this chat yet.", "field": "picture"}


async def test_more_than_fifty_pictures_are_cut_and_broken_ones_left_out(studio):
    for number in range(55):
        studio.chats[CHAT][f"m{number}"] = studio.answer(studio.put(png(16 + number, 16)), timestamp=number)
    studio.chats[CHAT]["gone"] = studio.answer(str(uuid.uuid4()), timestamp=100)
    answer = await studio.call("open")
    assert len(answer["pictures"]) == 49
    assert answer["more"] is True


# ---- start, poll


async def test_a_result_changes_only_what_was_painted(studio):
    answer = await studio.call("open")
    job, state = await finished(studio, answer["session"], request=(request := str(uuid.uuid4())))
    assert job == request
    assert state["state"] == "done"
    (result,) = state["results"]
    assert result["protected"] == {"pixels": 640 * 480 - 100 * 80, "changed": 0}
    assert state["cost"]["credits"] == 5
    before, after = pixels(studio.bytes[studio.picture]), pixels(studio.bytes[result["picture"]])
    assert after.shape == before.shape
    outside = numpy.ones((480, 640), bool)
    outside[100:180, 100:200] = False
    assert (after[outside] == before[outside]).all()
    assert (after[110:170, 110:190] != before[110:170, 110:190]).any()
    sent = studio.painter.orders[0]
    assert (sent.task, sent.prompt, sent.options["steps"], sent.options["guidance"]) == ("inpaint", "a boat", 50, 60)
    assert sent.mask is not None
    assert studio.recipes[result["picture"]]["draft"] is True
    assert studio.recipes[result["picture"]]["parents"] == [studio.picture]


async def test_without_protection_the_answer_stays_as_the_model_made_it(studio):
    _, state = await finished(studio, await session(studio), protect=False)
    (result,) = state["results"]
    assert "protected" not in result
    assert studio.bytes[result["picture"]][:2] == b"\xff\xd8"


async def test_a_model_without_mask_gets_only_the_cut_out(studio):
    _, state = await finished(studio, await session(studio), model="flux-2-pro")
    assert studio.painter.orders[0].mask is None
    assert state["results"][0]["protected"]["changed"] == 0


async def test_a_region_beyond_the_picture_extends_it(studio):
    region = {"x": -64, "y": 0, "width": 704, "height": 480}
    _, state = await finished(studio, await session(studio), region=region, mask=base64_of(mask_png(704, 480, None)))
    assert state["state"] == "done", state
    (result,) = state["results"]
    after = pixels(studio.bytes[result["picture"]])
    assert after.shape[:2] == (480, 704)
    assert (after[:, 64:] == pixels(studio.bytes[studio.picture])).all()
    assert result["protected"] == {"pixels": 640 * 480, "changed": 0}


async def test_several_variants_are_one_order(studio):
    _, state = await finished(studio, await session(studio), count=4, options={"seed": 10})
    assert len(state["results"]) == 4
    assert [sent.seed for sent in studio.painter.orders] == [10, 11, 12, 13]
    assert state["cost"]["credits"] == 20


async def test_a_repeated_start_answers_the_order_that_exists(studio):
    current, request = await session(studio), str(uuid.uuid4())
    studio.painter.gate.clear()
    first = await order(studio, current, request, count=2)
    assert (await order(studio, current, request, count=2))["job"] == first["job"] == request
    studio.painter.gate.set()
    await studio.settled()
    again = await order(studio, current, request, count=2)
    assert again == {"job": request, "state": "done"}
    assert len(studio.painter.orders) == 2


async def test_a_request_id_of_another_picture_is_refused(studio):
    request = str(uuid.uuid4())
    await order(studio, await session(studio), request)
    other = await session(studio, picture=studio.put(png(640, 480, "L")))
    assert (await order(studio, other, request, count=3))["field"] == "request"
    await studio.settled()
    assert len(studio.painter.orders) == 1


async def test_poll_waits_for_a_change_and_gives_up_after_twenty_seconds(studio):
    from flux_studio.webui.editor.operations import changed_rows

    studio.painter.gate.clear()
    current = await session(studio)
    job = (await order(studio, current))["job"]
    while (now := await studio.call("poll", session=current, job=job))["state"] != "running" or "progress" not in now:
        pass
    looks, time = [], [0.0]

    async def look():
        looks.append(time[0])
        return await studio.store.of_session("ann", current)

    async def sleep(seconds):
        time[0] += seconds

    await changed_rows(look, now["revision"], sleep=sleep, clock=lambda: time[0])
    assert 20 <= time[0] < 21
    assert len(looks) > 10
    assert now["progress"] == 0.5
    studio.painter.gate.set()
    done = await studio.call("poll", session=current, job=job, after=now["revision"])
    assert done["revision"] > now["revision"]


async def test_a_refusal_is_told_in_the_poll(studio):
    studio.painter.errors.append(Refused("The maker refused this.", stage="output"))
    _, state = await finished(studio, await session(studio))
    assert (state["state"], state["error"], state["results"]) == ("failed", "The maker refused this.", [])


async def test_cancel_before_sending_costs_nothing_and_after_it_leaves_a_draft(studio):
    current = await session(studio)
    studio.painter.gate.clear()
    job = (await order(studio, current))["job"]
    while not studio.painter.orders:
        await studio.call("poll", session=current, job=job)
    assert (await studio.call("cancel", session=current, job=job))["state"] == "running"
    studio.painter.gate.set()
    await studio.settled()
    assert (await studio.call("open"))["jobs"] == [{"job": job, "state": "done"}]
    assert (await studio.call("cancel", session=current, job=job))["state"] == "done"


async def test_another_worker_finishes_an_order_with_its_mask(studio):
    """What a kill leaves behind: a paid row without its worker. The answer is put back all the same."""
    current = await session(studio)
    studio.painter.gate.clear()
    job = (await order(studio, current))["job"]
    while not studio.painter.orders:
        await studio.call("poll", session=current, job=job)
    await studio.runner.close()
    studio.painter.gate.set()
    (row,) = await studio.store.of_session("ann", current)
    studio.store.age(row.id, 60)
    studio.runner = studio.new_worker()
    assert await studio.runner.sweep() == 1
    await studio.settled()
    state = await studio.call("poll", session=current, job=job)
    assert state["results"][0]["protected"] == {"pixels": 640 * 480 - 100 * 80, "changed": 0}
    assert len(studio.painter.orders) == 1


async def test_another_worker_sends_an_order_that_was_only_queued(studio):
    current, request = await session(studio), str(uuid.uuid4())
    studio.pipe = studio.pipe.model_copy(update={"MAX_PARALLEL_JOBS": 1})
    studio.painter.gate.clear()
    await order(studio, current)
    await order(studio, current, request)
    while not studio.painter.orders:
        await studio.call("poll", session=current, job=request)
    await studio.runner.close()
    studio.painter.gate.set()
    for row in await studio.store.of_session("ann", current):
        studio.store.age(row.id, 60)
    studio.runner = studio.new_worker()
    await studio.runner.sweep()
    await studio.settled()
    state = await studio.call("poll", session=current, job=request)
    assert state["results"][0]["protected"]["changed"] == 0
    assert studio.painter.orders[1].mask == studio.painter.orders[0].mask


# ---- hostile and mistaken calls


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"request": "5"}, "request"),
        ({"model": 5}, "model"),
        ({"model": "nothing"}, "model"),
        ({"model": "flux-2-pro", "prompt": ""}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"prompt": "x" * 200_001}, "prompt"),
        ({"mask": None}, "mask"),
        ({"mask": "no base64!"}, "mask"),
        ({"mask": "A" * 12_000_000}, "mask"),
        ({"mask": base64_of(b"no picture")}, "mask"),
        ({"mask": base64_of(mask_png(639, 480))}, "mask"),
        ({"mask": base64_of(mask_png(box=None))}, "mask"),
        ({"region": [1, 2, 3]}, "region"),
        ({"region": {"x": 0, "y": 0, "width": 0, "height": 5}}, "region"),
        (
            {"region": {"x": 9000, "y": 0, "width": 10, "height": 10}, "mask": base64_of(mask_png(10, 10, None))},
            "region",
        ),
        ({"region": {"x": -60000, "y": 0, "width": 90000, "height": 90000}}, "region"),
        ({"count": 5}, "count"),
        ({"count": True}, "count"),
        ({"protect": "yes"}, "protect"),
        ({"picture": "../etc"}, "picture"),
        ({"options": {"steps": 1000}}, "steps"),
        ({"options": {"nonsense": 1}}, "nonsense"),
        ({"options": {"steps": {"a": 1}}}, "steps"),
        ({"options": [1]}, "options"),
        ({"seed": "x"}, "seed"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_sent(studio, wish, field):
    current = await session(studio)
    answer = await order(studio, current, **wish)
    assert answer.get("field") == field, answer
    assert studio.painter.orders == []
    assert list(await studio.store.of_session("ann", current)) == []


@pytest.mark.parametrize("op", ["quote", "area", "select", "start", "poll", "cancel", "apply", "close"])
@pytest.mark.parametrize("who", [BEN, ROOT])
async def test_nobody_else_gets_into_a_session(studio, op, who):
    current = await session(studio)
    studio.models[who.id] = None
    job, _ = await finished(studio, current)
    claims = {"session": current, "job": job, "model": FILL, "request": job, "pictures": [studio.picture]}
    assert "own saved chats" in (await studio.call(op, user=who, **claims))["error"]
    studio.owner_of_chat["chat-of-ben"] = who.id
    elsewhere = await studio.call(op, user=who, chat="chat-of-ben", **claims)
    assert "another chat or account" in elsewhere["error"]


@pytest.mark.parametrize("session_id", ["", "x", "..", "5.5", None, 5, {"a": 1}])
async def test_an_invented_session_is_refused(studio, session_id):
    assert "error" in await studio.call("poll", session=session_id, job=str(uuid.uuid4()))


async def test_a_foreign_picture_is_not_opened_nor_edited(studio):
    foreign = studio.put(png(64, 64), "ben")
    assert "not yours" in (await studio.call("open", picture=foreign))["error"]
    assert "not yours" in (await order(studio, await session(studio), picture=foreign))["error"]
    studio.chats[CHAT][MESSAGE] = studio.answer(foreign)
    assert "not yours" in (await studio.call("open"))["error"]


async def test_a_model_without_right_is_neither_offered_nor_used(studio):
    studio.models["ann"] = {"flux-2-pro"}
    answer = await studio.call("open")
    assert [model["id"] for model in answer["models"]] == ["flux-2-pro"]
    assert "no access" in (await order(studio, answer["session"]))["error"]
    studio.models["ann"] = set()
    assert "shared with you" in (await studio.call("open"))["error"]


async def test_the_image_permission_counts_for_every_call(studio):
    current = await session(studio)
    studio.images_allowed = False
    for op in ("open", "quote", "area", "select", "start", "poll", "cancel", "apply", "close"):
        assert (await studio.call(op, session=current))["error"] == "no images"


async def test_a_forged_chat_is_refused(studio):
    for chat in ("", "somebody elses", None, 5, "x" * 300):
        assert "error" in await studio.call("open", chat=chat)


async def test_a_job_of_another_session_is_not_known(studio):
    job, _ = await finished(studio, await session(studio))
    other = await session(studio, picture=studio.put(png(64, 64)))
    assert (await studio.call("poll", session=other, job=job))["field"] == "job"
    assert (await studio.call("cancel", session=other, job=job))["field"] == "job"


async def test_without_a_provider_the_admin_is_told_what_to_do(studio):
    PROVIDERS["bfl"].is_configured = False
    assert "FLUX_API_KEY" in (await studio.call("open"))["error"]


# ---- quote


async def test_quote_counts_pictures_and_knows_the_region(studio):
    current = await session(studio)
    one = await studio.call("quote", session=current, model="flux-2-pro")
    three = await studio.call("quote", session=current, model="flux-2-pro", count=3)
    assert three["credits"] == pytest.approx(one["credits"] * 3)
    assert one["per_picture"] == one["credits"]
    fill = await studio.call("quote", session=current, model=FILL)
    assert (fill["credits"], fill["currency"]) == (5, "credits")


# ---- apply


async def test_apply_shows_the_result_once_below_the_leaf(studio):
    current = await session(studio)
    _, state = await finished(studio, current)
    picture, request = state["results"][0]["picture"], str(uuid.uuid4())
    first = await studio.call("apply", session=current, request=request, pictures=[picture])
    again = await studio.call("apply", session=current, request=request, pictures=[picture])
    assert first == again == {"message": studio.added[0]}
    assert len(studio.added) == 1
    message = studio.chats[CHAT][first["message"]]
    assert [file["id"] for file in message["files"]] == [picture]
    assert "FLUX.1 Fill" in message["content"]
    assert message["model"] == "flux_studio.flux-2-pro"
    assert "draft" not in studio.recipes[picture]
    assert studio.chats[CHAT][MESSAGE] == studio.answer(studio.picture)
    assert (await studio.call("open"))["jobs"] == []
    (row,) = await studio.store.of_session("ann", current)
    assert (row.place, row.message) == ("message", first["message"])


async def test_apply_waits_for_an_answer_that_is_being_written(studio):
    current = await session(studio)
    _, state = await finished(studio, current)
    wish = {"session": current, "request": str(uuid.uuid4()), "pictures": [state["results"][0]["picture"]]}
    studio.writing = True
    assert await studio.call("apply", **wish) == {"state": "waiting"}
    assert (await studio.call("open"))["jobs"] != []
    studio.writing = False
    assert "message" in await studio.call("apply", **wish)


async def test_apply_after_a_crash_between_claiming_and_showing(studio, monkeypatch):
    current = await session(studio)
    _, state = await finished(studio, current)
    wish = {"session": current, "request": str(uuid.uuid4()), "pictures": [state["results"][0]["picture"]]}
    from flux_studio.webui import messages

    async def broken(*_, **__):
        raise OSError

    working = messages.add_message
    monkeypatch.setattr(messages, "add_message", broken)
    assert "error" in await studio.call("apply", **wish)
    monkeypatch.setattr(messages, "add_message", working)
    assert "message" in await studio.call("apply", **wish)
    assert len(studio.added) == 1


async def test_only_results_of_this_editor_are_applied(studio):
    current = await session(studio)
    await finished(studio, current)
    answer = await studio.call("apply", session=current, request=str(uuid.uuid4()), pictures=[studio.picture])
    assert answer["field"] == "pictures"
    for wrong in ([], "x", [5], ["x"], [studio.picture] * 17):
        answer = await studio.call("apply", session=current, request=str(uuid.uuid4()), pictures=wrong)
        assert answer["field"] == "pictures"
    assert studio.added == []


# ---- temporary chats


async def test_a_temporary_chat_edits_own_pictures_and_keeps_no_prompt(studio):
    answer = await studio.call("open", chat="temporary:x", picture=studio.picture)
    job = (
        await studio.call(
            "start",
            chat="temporary:x",
            session=answer["session"],
            request=str(uuid.uuid4()),
            model=FILL,
            prompt="a private boat",
            mask=base64_of(mask_png()),
        )
    )["job"]
    (row,) = await studio.store.of_session("ann", answer["session"])
    assert "private" not in str(row.request)
    await studio.settled()
    state = await studio.call("poll", chat="temporary:x", session=answer["session"], job=job)
    result = state["results"][0]
    assert result["protected"]["changed"] == 0
    wish = {"request": str(uuid.uuid4()), "pictures": [result["picture"]]}
    applied = await studio.call("apply", chat="temporary:x", session=answer["session"], **wish)
    assert "temporary chat" in applied["error"]
    assert "private" not in str(studio.recipes)


async def test_a_claimed_temporary_chat_opens_no_foreign_picture(studio):
    answer = await studio.call("open", user=BEN, chat="temporary:x", picture=studio.picture)
    assert "not yours" in answer["error"]


async def test_close_answers_and_leaves_orders_alone(studio):
    current = await session(studio)
    studio.painter.gate.clear()
    job = (await order(studio, current))["job"]
    assert await studio.call("close", session=current) == {}
    studio.painter.gate.set()
    await studio.settled()
    assert (await studio.call("poll", session=current, job=job, user=ANN))["state"] == "done"
