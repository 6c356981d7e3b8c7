"""Limits and confirmations of the editor's orders: nothing is sent before both are met."""

from __future__ import annotations

import base64
import uuid

from flux_studio.valves import PipeValves
from tests.webui.editor.studio import mask_png

FILL = "flux-pro-1.0-fill"


def wish(**more):
    mask = base64.b64encode(mask_png()).decode()
    return {"model": FILL, "prompt": "a boat", "mask": mask, "request": str(uuid.uuid4()), **more}


async def session(studio) -> str:
    return (await studio.call("open"))["session"]


async def test_a_dear_order_waits_for_a_yes_and_keeps_its_request(studio):
    studio.pipe = PipeValves(FLUX_API_KEY="secret-key", CONFIRM_ABOVE=9)
    asked = wish(count=2, session=await session(studio))
    answer = await studio.call("start", **asked)
    assert answer["confirm"]["text"] == "about 10 credits"
    assert "above 9 credits" in answer["confirm"]["question"]
    assert studio.painter.orders == []
    assert await studio.store.ledger(after=0) == [], "a question reserves nothing"
    assert (await studio.call("start", **asked, confirm=True))["job"] == asked["request"]
    assert (await studio.call("start", **asked))["job"] == asked["request"], "what exists is not asked about again"
    await studio.settled()
    assert len(studio.painter.orders) == 2


async def test_a_cheap_order_is_not_asked_about(studio):
    studio.pipe = PipeValves(FLUX_API_KEY="secret-key", CONFIRM_ABOVE=5)
    assert "state" in await studio.call("start", **wish(session=await session(studio)))
    studio.pipe = PipeValves(FLUX_API_KEY="secret-key", CONFIRM_ABOVE=0)
    assert "state" in await studio.call("start", **wish(session=await session(studio), count=4))


async def test_at_the_limit_one_sentence_and_nothing_is_sent(studio):
    studio.pipe = PipeValves(FLUX_API_KEY="secret-key", DAILY_PICTURES_PER_USER=3, CONFIRM_ABOVE=5)
    opened = await session(studio)
    first = await studio.call("start", **wish(session=opened, count=2), confirm=True)
    await studio.settled()
    refused = wish(session=opened, count=2)
    answer = await studio.call("start", **refused)
    assert "of your 3 pictures a day 2 are used" in answer["error"], "nobody is asked in vain"
    assert "nothing was sent" in answer["error"].lower()
    assert await studio.call("start", **refused, confirm=True) == answer
    assert len(studio.painter.orders) == 2
    assert (await studio.call("poll", session=opened, job=first["job"]))["state"] == "done"


async def test_the_budget_counts_what_the_provider_charged(studio):
    studio.pipe = PipeValves(FLUX_API_KEY="secret-key", MONTHLY_BUDGET_PER_USER=9)
    opened = await session(studio)
    assert "state" in await studio.call("start", **wish(session=opened))
    await studio.settled()
    answer = await studio.call("start", **wish(session=opened))
    assert "9 credits a month 5 credits are used: 4 credits left" in answer["error"]
    assert len(studio.painter.orders) == 1


async def test_what_the_page_claims_about_a_yes_is_checked(studio):
    answer = await studio.call("start", **wish(session=await session(studio), confirm="yes"))
    assert answer["field"] == "confirm"
