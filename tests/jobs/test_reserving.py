"""Limits per person, counted in the job table: no worker gets past them, and nothing that was billed is lost."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import Any

import pytest

from flux_studio.errors import (
    AuthenticationFailed,
    InvalidRequest,
    JobLost,
    MaybeSubmitted,
    Refused,
    StudioError,
    Unavailable,
)
from flux_studio.jobs import JobRecord, JobStore
from flux_studio.jobs.ledger import grouped, total
from flux_studio.limits import Allowance
from flux_studio.types import Succeeded
from tests.jobs.doubles import CARD, REQUEST

TEN = Allowance(pictures_a_day=10)
HUNDRED = Allowance(credits_a_month=100)
FREE = Allowance()


def order(user: str = "ann", count: int = 1, **fields: Any) -> list[JobRecord]:
    made = JobRecord(user=user, request_id="", account="key", model="flux-2-pro", provider="bfl", amount=3.0)
    request = uuid.uuid4().hex
    return [
        replace(made, id=f"{request}-{place}", request_id=f"{request}:{place}", index=place, **fields)
        for place in range(count)
    ]


async def take(store: JobStore, records: list[JobRecord], allowance: Allowance, owner: str = "w") -> bool:
    return (await store.reserve(records, owner=owner, lease=30, allowance=allowance)).taken


async def test_two_workers_never_pass_the_limit_together(kind: Any) -> None:
    stores = [kind.open_store() for _ in range(4)]
    taken = await asyncio.gather(*(take(stores[i % 4], order(count=3), TEN) for i in range(12)))
    assert sum(taken) == 3
    assert (await stores[0].usage("ann")).pictures_today == 9
    assert await take(stores[1], order("ben", count=10), TEN), "everybody has a limit of their own"


async def test_two_workers_never_pass_the_budget_together(kind: Any) -> None:
    stores = [kind.open_store() for _ in range(4)]
    taken = await asyncio.gather(*(take(stores[i % 4], order(amount=30.0), HUNDRED) for i in range(8)))
    assert sum(taken) == 3
    assert (await stores[0].usage("ann")).credits_this_month == pytest.approx(90)
    dollars = order(amount=0.1, currency="USD")
    assert await take(stores[1], dollars, HUNDRED), "ten cents are ten credits"
    assert not await take(stores[2], order(amount=0.01, currency="USD"), HUNDRED)
    assert not await take(stores[3], order(amount=None), HUNDRED), "no price is known, and nothing is left"


async def test_an_order_is_taken_whole_or_not_at_all(kind: Any) -> None:
    store = kind.open_store()
    assert await take(store, order(count=8), TEN)
    refused = order(count=3)
    answer = await store.reserve(refused, owner="w", lease=30, allowance=TEN)
    assert (answer.taken, answer.usage.pictures_today) == (False, 8)
    assert [await store.get(record.id) for record in refused] == [None, None, None]


async def test_the_same_order_again_is_taken_once(kind: Any) -> None:
    store = kind.open_store()
    records = order(count=6)
    answers = await asyncio.gather(*(take(kind.open_store(), records, TEN) for _ in range(4)))
    assert all(answers), "a repetition is no new order"
    assert (await store.usage("ann")).pictures_today == 6
    again = [replace(record, id=f"again-{record.id}") for record in records]
    assert await take(store, [*again, *order(count=4)], TEN)
    assert (await store.usage("ann")).pictures_today == 10


async def test_a_reserved_job_is_the_one_that_is_added_later(kind: Any) -> None:
    store = kind.open_store()
    (record,) = order()
    assert await take(store, [record], TEN)
    added = await store.add(record, owner="w", lease=30)
    assert (added.id, added.lease_owner, added.phase) == (record.id, "w", "queued")


async def test_what_was_not_billed_does_not_count_and_yesterday_does_not_either(kind: Any) -> None:
    store = kind.open_store()
    failed, cancelled, yesterday, counted = order(count=4)
    assert await take(store, [failed, cancelled, yesterday, counted], TEN)
    await store.change(failed.id, owner="w", phase="failed", pictures=0, amount=0.0)
    await store.not_billed(cancelled.id)
    await kind.age(yesterday.id, 86_400)
    assert (await store.usage("ann")).pictures_today == 1
    before = (await store.get(counted.id)).created_at - 90_000
    assert [(row.user, row.amount) for row in await store.ledger(after=before)] == [("ann", 3.0), ("ann", 3.0)]
    assert await store.ledger(after=before, user="ben") == []
    assert len(await store.ledger(after=before + 86_000, user="ann")) == 1


async def test_a_cancel_gives_back_what_was_not_sent_and_nothing_else(kind: Any) -> None:
    store = kind.open_store()
    waiting, sent = order(count=2)
    assert await take(store, [waiting, sent], TEN)
    await store.change(sent.id, owner="w", phase="submitted")
    for record in (waiting, sent):
        assert await kind.open_store().ask_cancel(record.id)
    assert (await store.usage("ann")).pictures_today == 1


async def test_deleting_the_chat_gives_no_picture_back(kind: Any) -> None:
    store = kind.open_store()
    delivered, sent, waiting = order(count=3, chat="c", message="m", request={"prompt": "a secret"})
    assert await take(store, [delivered, sent, waiting], TEN)
    await store.change(delivered.id, owner="w", phase="delivered", amount=4.5)
    await store.change(sent.id, owner="w", phase="submitted")
    assert await store.forget(chat="c") == 3
    usage = await store.usage("ann")
    assert (usage.pictures_today, usage.credits_this_month) == (2, pytest.approx(7.5))
    rows = [await store.get(record.id) for record in (delivered, sent, waiting)]
    assert [row.phase for row in rows] == ["delivered", "cancelled", "cancelled"]
    assert {(row.chat, row.message, row.request, row.outcome, row.handle, row.error) for row in rows} == {
        ("", "", None, None, None, "")
    }
    assert not await store.change(sent.id, owner="w", phase="downloading"), "its worker has lost it"
    assert await store.orphans() == []
    assert await store.find("ann", delivered.request_id) is None
    assert await store.forget(user="ann") == 0, "what is archived is not archived again"


async def test_archived_rows_go_after_their_time_and_only_they(kind: Any) -> None:
    store = kind.open_store()
    old, young, living = order(count=3)
    assert await take(store, [old, young, living], TEN)
    for record in (old, young):
        await store.change(record.id, owner="w", phase="delivered")
        await store.archive(record.id)
    for record in (old, living):
        await kind.age(record.id, 1000)
    before = (await store.get(young.id)).created_at - 500
    assert await store.expire(before=before) == 1
    assert await store.get(old.id) is None
    assert await store.get(living.id) is not None


async def test_sums_keep_each_currency_and_say_what_is_not_sure(kind: Any) -> None:
    store = kind.open_store()
    pro, dollars, failed = order(exact=True), order(amount=0.04, currency="USD", model="gpt-image-2"), order(user="ben")
    for records in (pro, dollars, failed):
        assert await take(store, records, FREE)
    await store.change(failed[0].id, owner="w", phase="failed")
    rows = await store.ledger(after=0)
    sums = total(rows)
    assert (sums.pictures, sums.credits, sums.usd, sums.about, sums.maybe_billed) == (3, 6.0, 0.04, True, 1)
    assert sums.in_credits == pytest.approx(10)
    assert list(grouped(rows, lambda row: row.user)) == ["ann", "ben"]
    assert grouped(rows, lambda row: row.model)["flux-2-pro"].pictures == 2


def failures() -> list[tuple[str, Exception, float]]:
    return [
        ("preparing", InvalidRequest("prompt", "x", "y"), 0.0),
        ("posting", AuthenticationFailed("no", provider="p"), 0.0),
        ("posting", Unavailable("no", provider="p"), 0.0),
        ("posting", Refused("no", stage="input"), 0.0),
        ("posting", MaybeSubmitted("perhaps", provider="p"), 5.0),
        ("posting", RuntimeError("nobody knows"), 5.0),
        ("polling", Refused("no", stage="output"), 5.0),
        ("polling", JobLost("gone", provider="p"), 5.0),
    ]


@pytest.mark.parametrize(("point", "error", "counts"), failures(), ids=lambda value: type(value).__name__)
async def test_a_failed_picture_counts_only_when_it_may_have_been_billed(studio, point, error, counts) -> None:
    house = studio()
    house.provider.fail(point, error)
    worker = house.worker()
    record = house.record(amount=5.0)
    assert (await worker.reserve([(record, REQUEST)], CARD, TEN)).taken
    with pytest.raises(StudioError):
        await house.call(worker, record)
    usage = await house.store.usage("ann")
    assert (usage.credits_this_month, usage.pictures_today) == (counts, int(counts > 0))


async def test_the_bill_replaces_the_estimate(studio) -> None:
    house = studio()
    worker = house.worker()
    record = house.record(amount=5.0)
    assert (await worker.reserve([(record, REQUEST)], CARD, TEN)).taken
    await house.call(worker, record)
    row = await house.row()
    assert (row.amount, row.currency, row.exact, row.pictures) == (3.0, "credits", True, 1)


async def test_a_stop_before_sending_gives_the_picture_back(studio) -> None:
    house = studio()
    house.provider.hold("preparing")
    worker = house.worker()
    record = house.record(amount=5.0)
    assert (await worker.reserve([(record, REQUEST)], CARD, TEN)).taken
    running = house.call(worker, record)
    await house.provider.reached("preparing")
    running.cancel()
    await asyncio.wait({running})
    assert (await house.store.usage("ann")).pictures_today == 0


async def test_what_was_reserved_and_never_begun_is_never_sent(studio) -> None:
    house = studio()
    worker, other = house.worker("one"), house.worker("two")
    kept, dropped = house.record("kept"), house.record("dropped")
    assert (await worker.reserve([(kept, REQUEST), (dropped, REQUEST)], CARD, TEN)).taken
    house.provider.hold("preparing")
    running = house.call(worker, kept)
    await house.provider.reached("preparing")
    await worker.withdraw([kept, dropped])
    house.provider.let_go("preparing")
    await running
    assert (await house.row("dropped")).phase == "cancelled"
    await house.time.advance(120)
    await other.sweep()
    await other.settled()
    assert len(house.provider.orders) == 1
    assert (await house.store.usage("ann")).pictures_today == 1


async def test_a_caller_that_is_cancelled_while_reserving_orders_nothing(studio) -> None:
    house = studio()
    worker = house.worker()
    reserving = asyncio.create_task(worker.reserve([(house.record(), REQUEST)], CARD, TEN))
    await asyncio.sleep(0)
    reserving.cancel()
    await asyncio.wait({reserving})
    assert reserving.cancelled()
    await house.time.advance(120)
    await worker.sweep()
    await worker.settled()
    assert house.provider.orders == []


async def test_followers_of_a_deleted_chat_are_told(studio) -> None:
    house = studio()
    house.provider.hold("polling")
    first, second = house.worker("one"), house.worker("two")
    house.call(first, house.record())
    await house.provider.reached("polling")
    seen: list[Any] = []
    following = house.call(second, house.record(), seen)
    await house.time.advance(1)
    await house.store.forget(chat="chat")
    await house.time.advance(2)
    with pytest.raises(StudioError, match="its chat was deleted"):
        await following
    assert not any(isinstance(state, Succeeded) for state in seen)
