"""Cancel from any worker: the one that runs the job sees the mark in its row, whatever the database."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flux_studio.errors import StorageError
from flux_studio.jobs import JobRecord, Limits
from flux_studio.jobs.cancel_watch import LOOK
from tests.jobs.doubles import CARD, REQUEST, Scripted, Studio, breathe

MANY = Limits(active=100)


def record(request_id: str, **fields: Any) -> JobRecord:
    return JobRecord(user="ann", request_id=request_id, account="key", place="draft", **fields)


# ---- the store


async def test_a_queued_job_ends_at_once_and_is_never_admitted(kind: Any) -> None:
    stores = [kind.open_store() for _ in range(2)]
    job = await stores[0].add(record("r", request={"prompt": "a fox"}), owner="w", lease=30)
    assert await stores[1].ask_cancel(job.id)
    row = await stores[0].get(job.id)
    assert (row.phase, row.request, row.lease_owner, row.revision) == ("cancelled", None, "", 1)
    assert not (await stores[0].admit(job.id, owner="w", limits=MANY)).admitted
    assert not await stores[0].change(job.id, owner="w", phase="submitted")
    assert await stores[0].orphans() == []
    assert not await stores[1].ask_cancel(job.id), "it has ended"


@pytest.mark.parametrize("phase", ["submitting", "submitted", "downloading", "stored"])
async def test_a_job_under_way_gets_a_mark_and_keeps_its_worker(kind: Any, phase: Any) -> None:
    store, other = kind.open_store(), kind.open_store()
    job = await store.add(record("r", phase=phase, request={"prompt": "a fox"}), owner="w", lease=30)
    untouched = await store.add(record("s", phase=phase), owner="w", lease=30)
    assert await store.unwanted([job.id, untouched.id]) == set()
    assert await other.ask_cancel(job.id)
    assert await store.unwanted([job.id, untouched.id, "no such job"]) == {job.id}
    assert await store.unwanted([]) == set()
    row = await store.get(job.id)
    assert (row.phase, row.lease_owner, row.request, row.revision) == (phase, "w", {"prompt": "a fox"}, 1)
    assert row.cancel_asked_at is not None
    assert await store.change(job.id, owner="w", progress=0.5)


@pytest.mark.parametrize("phase", ["delivered", "failed", "cancelled"])
async def test_what_has_ended_stays_as_it_is(kind: Any, phase: Any) -> None:
    store = kind.open_store()
    job = await store.add(record("r"), owner="w", lease=30)
    await store.change(job.id, owner="w", phase=phase)
    before = await store.get(job.id)
    assert not await store.ask_cancel(job.id)
    assert not await store.ask_cancel("no such job")
    assert await store.get(job.id) == before


async def test_admission_and_cancel_at_the_same_moment_never_lose_the_wish(kind: Any) -> None:
    """Either it was never sent, or the worker that sends it is told."""
    first, second = kind.open_store(), kind.open_store()
    for number in range(12):
        job = await first.add(record(f"r{number}"), owner="w", lease=30)
        admitted, asked = await asyncio.gather(first.admit(job.id, owner="w", limits=MANY), second.ask_cancel(job.id))
        row = await first.get(job.id)
        assert asked
        assert (row.phase, admitted.admitted) in (("cancelled", False), ("submitting", True))
        assert row.phase == "cancelled" or await first.unwanted([job.id]) == {job.id}


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.jobs)], indirect=True)
async def test_two_workers_on_one_database(kind: Any) -> None:
    """The same as below, with the store's own transactions and real tasks."""
    house = Studio(lambda clock: kind.open_store(), Scripted(cancels=True))
    house.provider.hold("polling")

    async def soon(seconds: float) -> None:
        await asyncio.sleep(seconds / 100)

    painting = house.worker("one", sleep=soon, store=kind.open_store())
    asked_there = house.worker("two", sleep=soon, store=kind.open_store())
    made = await painting.start(house.record(place="draft"), REQUEST, CARD, house.settings)
    await house.provider.reached("polling")
    try:
        await asked_there.cancel(made.id)
        await asyncio.wait_for(painting.settled(), 30)
        row = await house.row()
        assert (row.phase, row.request) == ("cancelled", None)
        assert house.provider.cancelled == ["task-1"]
    finally:
        await house.close()


# ---- two workers


async def started(house: Any, worker: Any, point: str, request_id: str = "r") -> JobRecord:
    """An order nobody waits for, held at a point of its way."""
    house.provider.hold(point)
    made = await worker.start(house.record(request_id, place="draft"), REQUEST, CARD, house.settings)
    await house.provider.reached(point)
    return made


async def test_in_the_queue_of_another_worker_nothing_is_sent(studio: Any) -> None:
    house = studio(max_parallel_jobs=1)
    one, two = house.worker("one"), house.worker("two")
    await started(house, one, "polling", "a")
    waiting = await one.start(house.record("b", place="draft"), REQUEST, CARD, house.settings)
    await breathe()
    await two.cancel(waiting.id)
    assert (await house.row("b")).phase == "cancelled"
    house.provider.let_go("polling")
    await house.time.advance(60.0)
    await one.settled()
    assert len(house.provider.orders) == 1
    assert (await house.row("a")).phase == "delivered"


@pytest.mark.parametrize("point", ["posting", "polling", "downloading"])
async def test_where_the_provider_cancels_it_ends_within_seconds(studio: Any, point: str) -> None:
    house = studio(Scripted(cancels=True))
    one, two = house.worker("one"), house.worker("two")
    made = await started(house, one, point)
    await two.cancel(made.id)
    await house.time.advance(LOOK + 0.1)
    house.provider.let_go(point)
    await one.settled()
    assert house.provider.cancelled == ["task-1"]
    assert (await house.row()).phase == "cancelled"
    assert house.shelf.files == {}


async def test_what_is_paid_becomes_a_draft_even_of_a_message(studio: Any) -> None:
    house = studio()
    one, two = house.worker("one"), house.worker("two")
    house.provider.hold("polling")
    house.call(one, house.record())
    await house.provider.reached("polling")
    await two.cancel((await house.row()).id)
    await house.time.advance(LOOK + 0.1)
    house.provider.let_go("polling")
    await one.settled()
    assert (house.shelf.drafts, house.shelf.messages) == (["file-task-1-0"], {})


async def test_a_job_nobody_cancelled_is_left_alone(studio: Any) -> None:
    house = studio(Scripted(cancels=True))
    one, two = house.worker("one"), house.worker("two")
    kept = await started(house, one, "polling", "kept")
    made = await one.start(house.record("gone", place="draft"), REQUEST, CARD, house.settings)
    await breathe()
    await two.cancel(made.id)
    await house.time.advance(LOOK + 0.1)
    house.provider.let_go("polling")
    await one.settled()
    assert ((await house.row("kept")).phase, (await house.row("gone")).phase) == ("delivered", "cancelled")
    assert (await house.store.get(kept.id)).cancel_asked_at is None


@pytest.mark.parametrize(
    ("provider", "ends", "shown"),
    [
        (Scripted(), "delivered", ["file-task-1-0"]),
        (Scripted(cancels=True), "cancelled", []),
        (Scripted("rerun"), "cancelled", []),
    ],
    ids=["paid", "the provider cancels", "own GPU"],
)
async def test_cancelled_while_its_worker_is_dead(studio: Any, provider: Scripted, ends: str, shown: list[str]) -> None:
    house = studio(provider)
    dead, alive = house.frozen_worker(), house.worker("alive")
    made = await started(house, dead, "polling")
    await dead.close()
    await alive.cancel(made.id)
    house.provider.let_go("polling")
    await house.time.advance(31.0)
    assert await alive.sweep() == 1
    await alive.settled()
    assert (await house.row()).phase == ends
    assert house.shelf.drafts == shown
    assert len(house.provider.orders) == 1


async def test_a_database_that_is_away_is_asked_again(studio: Any) -> None:
    house = studio(Scripted(cancels=True))
    one, two = house.worker("one"), house.worker("two")
    made = await started(house, one, "polling")

    async def broken(*_: Any) -> set[str]:
        raise StorageError("The database is away.")

    house.store.unwanted, unwanted = broken, house.store.unwanted
    await two.cancel(made.id)
    await house.time.advance(3 * LOOK)
    assert house.provider.cancelled == []
    house.store.unwanted = unwanted
    await house.time.advance(LOOK + 0.1)
    assert house.provider.cancelled == ["task-1"]
