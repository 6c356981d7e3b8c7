"""What other workers do when one is gone: every paid picture arrives once, nothing is ordered twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flux_studio.errors import (
    ConfigurationError,
    InvalidRequest,
    JobLost,
    Refused,
    StorageError,
    StudioError,
    Unavailable,
)
from flux_studio.jobs import JobRunner, recovery
from flux_studio.types import JobHandle
from tests.jobs.doubles import Scripted, breathe

SHOWN = {("chat", "message"): ["file-task-1-0"]}


async def die_at(house: Any, point: str, record: Any = None) -> None:
    """A worker comes as far as this point and stands still from then on, leases and all."""
    house.provider.hold(point)
    house.call(house.frozen_worker(), record or house.record())
    await house.provider.reached(point)
    await breathe()


async def recover(house: Any, owner: str = "second") -> JobRunner:
    """Another worker sweeps after the leases have lapsed."""
    await house.time.advance(31.0)
    worker = house.worker(owner)
    await worker.sweep()
    await asyncio.wait_for(worker.settled(), 5)
    return worker


def let_the_second_pass(house: Any, point: str) -> None:
    """Whoever comes to the point from now on is not held; the frozen worker stays where it is."""
    house.provider._held.pop(point)


@pytest.mark.parametrize("point", ["polling", "downloading"])
async def test_a_paid_job_is_finished_by_another_worker(studio: Any, point: str) -> None:
    house = studio()
    await die_at(house, point)
    let_the_second_pass(house, point)
    await recover(house)
    assert house.shelf.messages == SHOWN
    row = await house.row()
    assert (row.phase, row.request, row.outcome.cost) == ("delivered", None, 3.0)
    assert house.durations == [], "how long the server was away says nothing about the model"
    assert len(house.provider.orders) == 1
    assert await (await recover(house, "third")).sweep() == 0
    assert len(house.shelf.deliveries) == 1


async def test_before_the_lease_lapses_nobody_takes_the_job(studio: Any) -> None:
    house = studio()
    await die_at(house, "polling")
    await house.time.advance(29.0)
    assert await house.worker().sweep() == 0


async def test_a_living_worker_keeps_its_job_for_as_long_as_it_takes(studio: Any) -> None:
    house = studio()
    house.provider.hold("polling")
    caller = house.call(house.worker("first"), house.record())
    await house.provider.reached("polling")
    second = house.worker("second")
    second.start_sweeping()
    second.start_sweeping()
    await house.time.advance(500.0)
    house.provider.let_go("polling")
    await caller
    assert house.shelf.deliveries == []
    assert (await house.row()).attempts == 0


async def test_a_job_caught_while_it_was_ordered_is_not_repeated_and_says_so(studio: Any) -> None:
    house = studio()
    await die_at(house, "posting")
    await recover(house)
    assert house.shelf.messages == {("chat", "message"): [recovery.MAYBE_BILLED]}
    assert "may have been billed and is not repeated" in recovery.MAYBE_BILLED
    assert ((await house.row()).phase, (await house.row()).error) == ("failed", recovery.MAYBE_BILLED)
    assert len(house.provider.orders) == 1


async def test_a_stored_picture_is_only_shown(studio: Any) -> None:
    house = studio()
    await house.call(house.frozen_worker(), house.record())
    await recover(house)
    assert house.shelf.messages == SHOWN
    assert len(house.provider.orders) == len(house.shelf.files) == 1


async def test_a_waiting_job_is_ordered_by_another_worker(studio: Any) -> None:
    house = studio(max_parallel_jobs=1)
    house.provider.hold("polling")
    busy = house.call(house.worker(), house.record("busy", message="other"))
    await house.provider.reached("polling")
    house.call(house.frozen_worker(), house.record())
    await breathe()
    house.provider.let_go("polling")
    await busy
    await recover(house)
    assert house.shelf.messages == {("chat", "message"): ["file-task-2-0"]}
    assert len(house.provider.orders) == 2


@pytest.mark.parametrize("fields", [{"chat": "temporary:1"}, {"request": {"prompt": "a fox", "pictures": [None]}}])
async def test_a_waiting_job_that_cannot_be_rebuilt_says_that_nothing_was_billed(studio: Any, fields: Any) -> None:
    house = studio(max_parallel_jobs=1)
    house.provider.hold("polling")
    house.call(house.worker(), house.record("busy", message="other"))
    await house.provider.reached("polling")
    house.call(house.frozen_worker(), house.record(**fields))
    await breathe()
    await recover(house)
    assert (await house.row()).error == recovery.NOT_SENT
    assert list(house.shelf.messages.values()) == [[recovery.NOT_SENT]]


async def test_a_waiting_job_found_too_late_is_not_ordered(studio: Any) -> None:
    house = studio(max_parallel_jobs=1, job_timeout=60.0)
    await die_at(house, "polling", house.record("busy"))
    house.call(house.frozen_worker("other"), house.record())
    await breathe()
    await house.time.advance(61.0)
    let_the_second_pass(house, "polling")
    await recover(house)
    assert (await house.row()).error == recovery.NOT_SENT
    assert len(house.provider.orders) == 1


@pytest.mark.parametrize("point", ["posting", "polling"])
async def test_an_own_gpu_runs_the_request_again(studio: Any, point: str) -> None:
    house = studio(Scripted("rerun"))
    await die_at(house, point)
    let_the_second_pass(house, point)
    await recover(house)
    assert house.shelf.messages == {("chat", "message"): ["file-task-2-0"]}


async def test_a_provider_that_hands_nothing_over_later(studio: Any) -> None:
    house = studio(Scripted("nothing"))
    await die_at(house, "polling")
    await recover(house)
    assert house.shelf.messages == {("chat", "message"): [recovery.LOST_BILLED]}
    assert len(house.provider.orders) == 1


@pytest.mark.parametrize(
    "error", [JobLost("The provider no longer has it.", provider="scripted"), Refused("Refused.", stage="output")]
)
async def test_a_resumed_job_that_failed_says_so(studio: Any, error: Any) -> None:
    house = studio()
    await die_at(house, "polling")
    let_the_second_pass(house, "polling")
    house.provider.fail("polling", error)
    await recover(house)
    assert house.shelf.messages == {("chat", "message"): [error.sentence]}
    assert (await house.row()).phase == "failed"


@pytest.mark.parametrize(
    "error", [Unavailable("Away.", provider="scripted"), ConfigurationError("The key is gone."), KeyError("defect")]
)
async def test_a_paid_job_is_tried_again_more_and_more_rarely_but_not_for_ever(studio: Any, error: Exception) -> None:
    house = studio()
    await die_at(house, "polling")
    let_the_second_pass(house, "polling")
    house.provider.fail("polling", *[error] * 50)
    worker = house.worker()
    worker.start_sweeping(15.0)
    await house.time.advance(6 * 3600.0)
    row = await house.row()
    assert row.phase == "failed"
    assert 5 <= row.attempts <= recovery.MAX_ATTEMPTS + 1
    assert list(house.shelf.messages) == [("chat", "message")]
    assert len(house.provider.orders) == 1


async def test_the_tries_end_with_the_picture_when_the_trouble_ends(studio: Any) -> None:
    house = studio()
    await die_at(house, "polling")
    let_the_second_pass(house, "polling")
    house.provider.fail("polling", *[Unavailable("Away.", provider="scripted")] * 3)
    house.worker().start_sweeping(15.0)
    await house.time.advance(400.0)
    assert house.shelf.messages == SHOWN
    assert len(house.provider.orders) == 1


async def test_one_broken_row_stops_no_other(studio: Any, caplog: Any) -> None:
    house = studio()
    house.provider.hold("polling")
    names = ("broken handle", "broken delivery", "sound")
    for name in names:
        house.call(house.frozen_worker(name), house.record(name, message=name))
    await house.provider.reached("polling")
    await breathe()
    let_the_second_pass(house, "polling")
    rows = {name: await house.row(name) for name in names}
    await house.store.change(rows["broken handle"].id, owner="broken handle", handle=None)
    house.shelf.deliver_errors[rows["broken delivery"].id] = ZeroDivisionError("poison")
    house.worker().start_sweeping(15.0)
    await house.time.advance(60.0)
    assert (await house.row("sound")).phase == "delivered"
    assert (await house.row("broken handle")).error == recovery.LOST_BILLED
    assert rows["broken delivery"].id in caplog.text
    await house.time.advance(6 * 3600.0)
    given_up = await house.row("broken delivery")
    assert (given_up.phase, given_up.place) == ("delivered", "draft"), "a paid picture is never dropped"
    assert given_up.outcome.files == ("file-task-2-0",)
    tries = len(house.shelf.deliveries)
    await house.time.advance(24 * 3600.0)
    assert len(house.shelf.deliveries) == tries


async def test_a_job_that_kills_its_worker_each_time_is_given_up(studio: Any) -> None:
    house = studio()
    await die_at(house, "polling")
    for number in range(recovery.MAX_ATTEMPTS):
        await house.time.advance(31.0)
        assert await house.frozen_worker(f"victim {number}").sweep() == 1
        await breathe()
    await recover(house)
    assert (await house.row()).error == recovery.GIVEN_UP
    assert house.shelf.messages == {("chat", "message"): [recovery.GIVEN_UP]}


async def test_a_sweep_survives_a_store_that_fails(studio: Any) -> None:
    house = studio()
    await die_at(house, "polling")
    let_the_second_pass(house, "polling")
    orphans, failures = house.store.orphans, [RuntimeError("defect"), Unavailable("Away.", provider="x")]

    async def failing(limit: int = 50) -> Any:
        if failures:
            raise failures.pop()
        return await orphans(limit)

    house.store.orphans = failing
    house.worker().start_sweeping(15.0)
    await house.time.advance(61.0)
    assert failures == []
    assert house.shelf.messages == SHOWN


async def test_a_model_of_a_newer_release_is_left_to_its_workers(studio: Any) -> None:
    house = studio()
    await die_at(house, "polling")
    let_the_second_pass(house, "polling")

    def unknown(name: str) -> Any:
        raise InvalidRequest("model", name, "others")

    old = JobRunner(
        house.store,
        house.shelf,
        http=lambda settings: None,
        provider=lambda name: house.provider,
        card=unknown,
        clock=house.time.clock,
        sleep=house.time.sleep,
    )
    await house.time.advance(31.0)
    assert await old.sweep() == 1
    await old.settled()
    assert (await house.row()).phase == "submitted"
    await recover(house)
    assert house.shelf.messages == SHOWN


# ---- a worker that was only asleep wakes up


async def test_a_sleeper_whose_job_was_finished_changes_nothing(studio: Any) -> None:
    house = studio()
    await die_at(house, "polling")
    held = house.provider._held.pop("polling")
    await recover(house)
    finished = await house.row()
    held.set()
    await breathe()
    assert house.shelf.messages == SHOWN
    assert await house.row() == finished
    assert len(house.provider.orders) == 1
    assert len(house.shelf.deliveries) == 1


async def test_a_sleeper_about_to_order_does_not_order_any_more(studio: Any) -> None:
    house = studio()
    await die_at(house, "preparing")
    held = house.provider._held.pop("preparing")
    await recover(house)
    held.set()
    await breathe()
    assert house.provider.orders == []
    assert (await house.row()).phase == "failed"


async def test_a_sleeper_in_the_middle_of_its_order_keeps_the_paid_picture(studio: Any) -> None:
    house = studio()
    await die_at(house, "posting")
    held = house.provider._held.pop("posting")
    await recover(house)
    held.set()
    await breathe()
    assert house.shelf.drafts == ["file-task-1-0"]
    assert (await house.row()).error == recovery.MAYBE_BILLED
    adopted = await house.row("r:task-1")
    assert (adopted.phase, adopted.place, adopted.handle.remote_id) == ("delivered", "draft", "task-1")


async def test_a_lost_lease_is_noticed_and_the_caller_follows_the_new_worker(studio: Any) -> None:
    house = studio()
    house.provider.hold("polling")
    caller = house.call(house.worker("first"), house.record())
    await house.provider.reached("polling")
    row = await house.row()
    house.store.age(row.id, 31)
    thief = house.worker("thief")
    let_the_second_pass(house, "polling")
    assert await thief.sweep() == 1
    await thief.settled()
    await house.time.advance(12.0)
    assert (await asyncio.wait_for(caller, 5)).request_id == "task-1"
    assert house.shelf.messages == SHOWN
    assert len(house.provider.orders) == 1


async def test_a_deleted_chat_ends_its_jobs(studio: Any) -> None:
    house = studio(max_parallel_jobs=1)
    await die_at(house, "polling", house.record("busy", chat="other"))
    worker = house.worker()
    caller = house.call(worker, house.record())
    await breathe()
    await house.store.forget(chat="chat")
    await house.time.advance(12.0)
    with pytest.raises(StudioError, match="chat was deleted"):
        await asyncio.wait_for(caller, 5)
    assert len(house.provider.orders) == 1


async def test_a_handle_that_cannot_be_committed_at_once_is_not_lost(studio: Any) -> None:
    house = studio()
    change, failures = house.store.change, [StorageError("busy")] * 3

    async def failing(job: str, **fields: Any) -> bool:
        if fields.get("phase") == "submitted" and failures:
            raise failures.pop()
        return await change(job, **fields)

    house.store.change = failing
    caller = house.call(house.worker(), house.record())
    await house.time.advance(5.0)
    assert (await caller).request_id == "task-1"
    assert (await house.row()).handle == JobHandle(
        provider="scripted", remote_id="task-1", submitted_at=1_000_000.0, deadline=1_000_600.0
    )


# ---- a message of several pictures


async def test_two_workers_finishing_one_message_lose_no_picture(studio: Any) -> None:
    """The keeper writes a message from all its rows; here the first to read is the last to write."""
    house = studio()
    house.provider.hold("polling")
    for index in range(2):
        house.call(house.frozen_worker(f"w{index}"), house.record(f"r{index}", index=index))
        await breathe()
    let_the_second_pass(house, "polling")
    message: list[str] = []
    slow, first_has_read = asyncio.Event(), asyncio.Event()

    async def deliver(record: Any) -> bool:
        rows = await house.store.of_message(record.chat, record.message)
        files = [file for row in rows if row.outcome for file in row.outcome.files]
        if not first_has_read.is_set():
            first_has_read.set()
            await slow.wait()
        message[:] = files
        return True

    house.shelf.deliver = deliver
    second = (await house.row("r1")).id
    await house.store.release(second, owner="w1", after=3600.0)
    await house.time.advance(31.0)
    one, two = house.worker("one"), house.worker("two")
    assert await one.sweep() == 1
    await first_has_read.wait()
    house.store.age(second, 3600)
    assert await two.sweep() == 1
    await two.settled()
    assert message == ["file-task-1-0", "file-task-2-0"]
    slow.set()
    await one.settled()
    assert message == ["file-task-1-0", "file-task-2-0"]


async def test_a_message_its_caller_still_writes_is_left_alone(studio: Any) -> None:
    house = studio()
    house.provider.fail("polling", Unavailable("Away.", provider="scripted"))
    worker = house.worker()
    with pytest.raises(Unavailable):
        await house.call(worker, house.record("r0"))
    house.provider.hold("posting")
    caller = house.call(worker, house.record("r1", index=1))
    await house.provider.reached("posting")
    worker.start_sweeping(15.0)
    await house.time.advance(60.0)
    assert ((await house.row("r0")).phase, house.shelf.deliveries) == ("stored", [])
    house.provider.let_go("posting")
    await caller
    await worker.mark_delivered([(await house.row("r1")).id])
    await house.time.advance(600.0)
    assert house.shelf.messages == SHOWN
