"""Several models in one press: what counts for the confirmation is the price of all of them together."""

from __future__ import annotations

import pytest

from flux_studio.valves import PipeValves
from tests.webui.editor.test_dear_orders import FILL, session, wish

OTHER = {"model": "flux-kontext-pro", "count": 2}
MANY = [{"model": FILL}] * 31


async def test_orders_that_are_cheap_alone_are_asked_about_together(studio):
    studio.pipe = PipeValves(FLUX_API_KEY="secret-key", CONFIRM_ABOVE=9)
    asked = wish(session=await session(studio))
    answer = await studio.call("start", **asked, beside=[OTHER])
    assert answer["confirm"]["text"] == "about 13 credits"
    assert answer["confirm"]["question"].startswith("3 pictures with FLUX.1 Fill [pro] and FLUX.1 Kontext [pro]")
    assert studio.painter.orders == []
    assert "state" in await studio.call("start", **asked, beside=[OTHER], confirm=True)
    await studio.settled()
    assert len(studio.painter.orders) == 1, "the others are ordered by calls of their own"


async def test_a_press_below_the_threshold_is_not_asked_about(studio):
    studio.pipe = PipeValves(FLUX_API_KEY="secret-key", CONFIRM_ABOVE=13)
    assert "state" in await studio.call("start", **wish(session=await session(studio)), beside=[OTHER])


@pytest.mark.parametrize("beside", ["all", [1], MANY, [{"count": 1}], [{"model": FILL, "count": 0}]])
async def test_what_the_page_says_of_the_others_is_checked(studio, beside):
    answer = await studio.call("start", **wish(session=await session(studio)), beside=beside)
    assert answer["field"] in ("beside", "model", "count")
    assert studio.painter.orders == []
