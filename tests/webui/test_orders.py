"""What stands between a checked order and the provider: limits by group, and the person's yes."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from types import SimpleNamespace

import pytest

from flux_studio.catalog import card
from flux_studio.errors import ConfirmationMissing, LimitReached
from flux_studio.jobs import JobRecord, JobRunner, MemoryJobStore
from flux_studio.limits import Allowance, read_group_limits
from flux_studio.settings import Settings
from flux_studio.types import Request
from flux_studio.webui import orders
from flux_studio.webui.caller import Caller
from tests.webui.host_doubles import put

PRO = card("flux-2-pro")
REQUEST = Request(task="generate", model=PRO.name, prompt="a fox")
DEAR = Settings(confirm_above=10)


def jobs(count=4, amount=3.0):
    made = JobRecord(user="ann", request_id="", model=PRO.name, provider="bfl", amount=amount)
    return [(replace(made, id=f"{place}", request_id=f"m:{place}"), REQUEST) for place in range(count)]


def person(ask=None, emitted=None):
    async def emit(event):
        emitted.append(event)

    user = SimpleNamespace(id="ann", role="user", timezone="Europe/Lisbon")
    return Caller(user=user, app=None, chat="c", message="m", ask=ask, emit=None if emitted is None else emit)


def answers(value):
    async def ask(event):
        ask.events.append(event)
        return value

    ask.events = []
    return ask


@pytest.fixture
async def run():
    runner = JobRunner(MemoryJobStore(), SimpleNamespace(), http=lambda settings: None)
    yield runner
    await runner.close()


@pytest.mark.parametrize("yes", [True, "", "a fox left over from an earlier dialog"])
async def test_a_yes_goes_on(run, yes):
    ask = answers(yes)
    assert await orders.confirmed(person(ask), run, jobs(), PRO, DEAR)
    (event,) = ask.events
    assert event["type"] == "confirmation"
    assert event["data"]["title"] == "Order for about 12 credits?"
    assert "4 pictures with FLUX.2 [pro] will cost about 12 credits" in event["data"]["message"]


async def test_a_no_is_no_error_and_ends_the_status(run):
    emitted = []
    assert not await orders.confirmed(person(answers(False), emitted), run, jobs(), PRO, DEAR)
    assert [event["data"]["done"] for event in emitted] == [False, True]
    assert await run.store.ledger(after=0) == []


@pytest.mark.parametrize("lost", [None, {"error": "Client session disconnected."}])
async def test_no_answer_sends_nothing_and_says_what_to_do(run, lost):
    with pytest.raises(ConfirmationMissing, match="--confirm"):
        await orders.confirmed(person(answers(lost)), run, jobs(), PRO, DEAR)


async def test_a_tab_that_never_answers_is_not_waited_for_for_ever(run, monkeypatch):
    async def never(event):
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(orders, "ANSWERS_WITHIN", 0.01)
    with pytest.raises(ConfirmationMissing, match="nothing was sent"):
        await orders.confirmed(person(never), run, jobs(), PRO, DEAR)


async def test_a_stop_while_the_dialog_is_open_says_that_nothing_was_sent(run):
    open_dialog = asyncio.Event()

    async def never(event):
        open_dialog.set()
        await asyncio.get_running_loop().create_future()

    emitted = []
    asking = asyncio.create_task(orders.confirmed(person(never, emitted), run, jobs(), PRO, DEAR))
    await open_dialog.wait()
    asking.cancel()
    await asyncio.wait({asking})
    assert asking.cancelled()
    assert emitted[-1]["data"]["content"] == "Stopped before anything was sent; nothing was billed."


async def test_a_call_without_a_browser_gets_the_way_out(run):
    with pytest.raises(ConfirmationMissing, match="--confirm"):
        await orders.confirmed(person(), run, jobs(), PRO, DEAR)


async def test_cheap_orders_orders_that_exist_and_unknown_prices_are_not_asked_about(run):
    assert await orders.confirmed(person(), run, jobs(count=3), PRO, DEAR)
    assert await orders.confirmed(person(), run, jobs(count=8), PRO, Settings(confirm_above=0))
    assert await orders.confirmed(person(), run, jobs(amount=None), PRO, DEAR)
    for record, _ in jobs():
        await run.store.add(record, owner="w", lease=30)
    assert await orders.confirmed(person(), run, jobs(), PRO, DEAR)


async def test_nobody_confirms_in_vain(run):
    ask = answers(True)
    settings = replace(DEAR, allowance=Allowance(pictures_a_day=3))
    with pytest.raises(LimitReached, match="4 pictures, but of your 3 pictures a day 0 are used"):
        await orders.confirmed(person(ask), run, jobs(), PRO, settings)
    assert ask.events == []


async def test_dollars_and_credits_are_compared_in_credits():
    dollars = [replace(record, amount=0.04, currency="USD") for record, _ in jobs()]
    assert orders.is_dear(dollars, DEAR)
    assert not orders.is_dear(dollars, Settings(confirm_above=16))
    assert "about $0.16" in orders.question(dollars, PRO, DEAR)


async def test_groups_decide_and_the_end_is_told_in_the_persons_own_time(run, monkeypatch):
    async def groups(user, include_inherited):
        return [SimpleNamespace(name="Interns")]

    put(monkeypatch, "open_webui.models.groups", Groups=SimpleNamespace(get_groups_by_member_id=groups))
    settings = Settings(
        allowance=Allowance(pictures_a_day=100), group_limits=read_group_limits("Interns: 5 a day; Press: unlimited")
    )
    asking = person()
    assert await orders.allowance_for(asking.user, settings) == Allowance(pictures_a_day=5, credits_a_month=math.inf)
    await orders.take(asking.user, run, jobs(count=5), PRO, settings)
    more = [(replace(record, id=f"x{record.id}", request_id=f"x:{record.id}"), part) for record, part in jobs(count=1)]
    with pytest.raises(LimitReached, match=r"Your 5 pictures of today are used up, the limit ends at 0[01]:00"):
        await orders.take(asking.user, run, more, PRO, settings)
    assert len(await run.store.ledger(after=0)) == 5
