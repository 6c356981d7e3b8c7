"""A job from the queue to the picture: states, money, stop, double requests, errors."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flux_studio.errors import (
    AuthenticationFailed,
    InvalidRequest,
    JobTimeout,
    MaybeSubmitted,
    Refused,
    StorageError,
    StudioError,
    Unavailable,
)
from flux_studio.types import Queued, Running, Succeeded
from tests.jobs.doubles import CARD, REQUEST, Scripted, breathe


async def test_a_job_runs_is_kept_and_is_forgotten_but_for_its_figures(studio: Any) -> None:
    house, seen = studio(), []
    worker = house.worker()
    house.provider.hold("posting")
    caller = house.call(worker, house.record(), seen)
    await house.provider.reached("posting")
    assert (await house.row()).phase == "submitting"
    assert (await house.row()).request["prompt"] == "a fox"
    await house.time.advance(2.0)
    house.provider.hold("polling")
    house.provider.let_go("posting")
    await house.provider.reached("polling")
    row = await house.row()
    assert (row.phase, row.handle.remote_id) == ("submitted", "task-1")
    await house.time.advance(3.0)
    house.provider.hold("downloading")
    house.provider.let_go("polling")
    await house.provider.reached("downloading")
    assert (await house.row()).phase == "downloading"
    await house.time.advance(1.0)
    house.provider.let_go("downloading")
    result = await caller

    assert [picture.file for picture in result.pictures] == ["file-task-1-0"]
    assert seen[0] == Running(progress=0.5)
    assert isinstance(seen[-1], Succeeded)
    stored = await house.row()
    assert (stored.phase, stored.outcome.files, stored.outcome.prompt) == (
        "stored",
        ("file-task-1-0",),
        "a rewritten prompt",
    )
    await worker.mark_delivered([stored.id])
    row = await house.row()
    assert (row.phase, row.request, row.outcome.prompt, row.lease_owner) == ("delivered", None, None, "")
    assert (row.outcome.cost, row.outcome.cost_exact, row.outcome.seconds) == (3.0, True, 6.0)
    assert row.outcome.timings == {"waiting": 0.0, "provider": 5.0, "download": 1.0, "storing": 0.0}
    assert house.durations == [("fox-1", 5.0)]
    assert house.shelf.deliveries == [], "the caller has shown it itself"


async def test_waiting_jobs_are_told_their_place_and_start_when_a_slot_is_free(studio: Any) -> None:
    house = studio(max_parallel_jobs=1)
    first, second = house.worker("one"), house.worker("two")
    house.provider.hold("polling")
    house.call(first, house.record("a"))
    await house.provider.reached("polling")
    states: dict[str, list[Any]] = {"b": [], "c": []}
    callers = [house.call(second, house.record(name, index=place), states[name]) for place, name in enumerate("bc")]
    await breathe()
    assert (states["b"], states["c"]) == ([Queued(position=0)], [Queued(position=1)])
    assert len(house.provider.orders) == 1
    house.provider.let_go("polling")
    house.provider.hold("polling")
    await house.time.advance(3.0)
    assert len(house.provider.orders) == 2
    house.provider.let_go("polling")
    await house.time.advance(3.0)
    await asyncio.gather(*callers)
    assert states["c"][:2] == [Queued(position=1), Queued(position=0)]
    assert len(house.provider.orders) == 3


async def test_a_queue_that_is_too_long_costs_nothing_and_says_so(studio: Any) -> None:
    house = studio(max_parallel_jobs=1, job_timeout=60.0)
    house.provider.hold("polling")
    house.call(house.worker(), house.record("a"))
    await house.provider.reached("polling")
    caller = house.call(house.worker(), house.record("b"))
    await house.time.advance(62.0)
    with pytest.raises(JobTimeout, match="nothing was billed"):
        await caller
    assert (await house.row("b")).phase == "failed"
    assert len(house.provider.orders) == 1


async def test_the_same_request_twice_makes_one_job_in_one_worker(studio: Any) -> None:
    house, worker = (made := studio()), made.worker()
    house.provider.hold("polling")
    callers = [house.call(worker, house.record()) for _ in range(3)]
    await house.provider.reached("polling")
    house.provider.let_go("polling")
    results = await asyncio.gather(*callers)
    assert len(house.provider.orders) == 1
    assert {result.pictures[0].file for result in results} == {"file-task-1-0"}


async def test_the_same_request_in_another_worker_follows_the_first(studio: Any) -> None:
    house, seen = studio(), []
    house.provider.hold("polling")
    caller = house.call(house.worker(), house.record())
    await house.provider.reached("polling")
    other = house.worker()
    follower = house.call(other, house.record(), seen)
    await house.time.advance(1.0)
    house.provider.let_go("polling")
    await house.time.advance(2.0)
    result = await follower
    await caller
    assert seen[0] == Running(progress=0.5)
    assert (result.request_id, result.cost.amount, result.pictures) == ("task-1", 3.0, ())
    found = await other.find(house.record())
    assert found.outcome.files == ("file-task-1-0",)
    assert len(house.provider.orders) == 1


async def test_a_request_that_has_ended_is_answered_with_its_ending(studio: Any) -> None:
    house = studio()
    worker = house.worker()
    await house.call(worker, house.record("done"))
    await worker.mark_delivered([(await house.row("done")).id])
    house.provider.fail("polling", Refused("Refused: violence.", stage="output"))
    with pytest.raises(Refused):
        await house.call(worker, house.record("refused"))

    assert (await house.call(worker, house.record("done"))).request_id == "task-1"
    with pytest.raises(StudioError, match=r"^Refused: violence\.$"):
        await house.call(worker, house.record("refused"))
    assert len(house.provider.orders) == 2


@pytest.mark.parametrize(
    ("point", "error"),
    [
        ("preparing", InvalidRequest("size", 9, "64 to 2048")),
        ("posting", AuthenticationFailed("The key is wrong.", provider="scripted")),
        ("posting", Unavailable("Not reachable, nothing was started.", provider="scripted")),
        ("posting", MaybeSubmitted("It may have been billed and is not repeated.", provider="scripted")),
        ("polling", Refused("Refused.", stage="output")),
    ],
)
async def test_a_failure_is_raised_and_kept_as_its_sentence(studio: Any, point: str, error: StudioError) -> None:
    house = studio()
    house.provider.fail(point, error)
    worker = house.worker()
    with pytest.raises(type(error)) as caught:
        await house.call(worker, house.record())
    row = await house.row()
    assert (row.phase, row.error, row.request) == ("failed", caught.value.sentence, None)
    assert await worker.fate(house.record()) == "failed"
    assert await house.worker().sweep() == 0


async def test_an_unexpected_error_shows_none_of_its_text(studio: Any, caplog: Any) -> None:
    house = studio()
    house.provider.fail("posting", KeyError("secret key"))
    with pytest.raises(StudioError) as raised:
        await house.call(house.worker(), house.record())
    row = await house.row()
    assert raised.value.sentence == row.error
    assert row.phase == "failed"
    assert "secret" not in row.error
    assert "may have been billed" in row.error
    assert row.id in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        JobTimeout("It takes too long."),
        Unavailable("Not reachable.", provider="scripted"),
        AuthenticationFailed("The key was changed.", provider="scripted"),
        RuntimeError("a defect"),
    ],
)
async def test_a_paid_job_that_fails_for_now_is_finished_later(studio: Any, error: Exception) -> None:
    house = studio()
    house.provider.fail("polling", error)
    worker = house.worker()
    with pytest.raises(type(error) if isinstance(error, StudioError) else StudioError):
        await house.call(worker, house.record())
    assert await worker.fate(house.record()) == "pending"
    assert await worker.sweep() == 0, "not at once"
    await house.time.advance(16.0)
    assert await worker.sweep() == 1
    await worker.settled()
    assert house.shelf.messages == {("chat", "message"): ["file-task-1-0"]}
    assert (await house.row()).phase == "delivered"
    assert await worker.fate(house.record()) == "shown"
    assert len(house.provider.orders) == 1


async def test_a_full_disk_does_not_cost_the_picture(studio: Any) -> None:
    house = studio()
    house.shelf.keep_errors = [StorageError("The disk is full.")]
    worker = house.worker()
    with pytest.raises(StorageError):
        await house.call(worker, house.record())
    await house.time.advance(16.0)
    await worker.sweep()
    await worker.settled()
    assert house.shelf.messages == {("chat", "message"): ["file-task-1-0"]}


async def test_a_picture_nobody_shows_is_shown_by_the_sweep(studio: Any) -> None:
    house = studio()
    worker = house.worker()
    await house.call(worker, house.record())
    await house.time.advance(300.0)
    assert await house.worker().sweep() == 0, "its caller may still be at work on the other pictures"
    await house.time.advance(301.0)
    assert await house.worker().sweep() == 1
    await breathe()
    assert house.shelf.messages == {("chat", "message"): ["file-task-1-0"]}


async def test_a_picture_handed_over_is_shown_by_the_next_sweep(studio: Any) -> None:
    house = studio()
    worker = house.worker()
    await house.call(worker, house.record())
    await worker.hand_over([(await house.row()).id])
    await house.time.advance(0.1)
    assert await worker.sweep() == 1
    await worker.settled()
    assert house.shelf.messages == {("chat", "message"): ["file-task-1-0"]}


# ---- Stop


async def stop(caller: asyncio.Task[Any]) -> None:
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller


async def test_stop_in_the_queue_sends_nothing(studio: Any) -> None:
    house = studio(max_parallel_jobs=1)
    house.provider.hold("polling")
    house.call(house.worker(), house.record("a"))
    await house.provider.reached("polling")
    worker = house.worker()
    caller = house.call(worker, house.record("b"))
    await house.time.advance(1.0)
    await stop(caller)
    assert await worker.fate(house.record("b")) == "unsent"
    assert (await house.row("b")).phase == "cancelled"
    house.provider.let_go("polling")
    await house.time.advance(120.0)
    await worker.sweep()
    await worker.settled()
    assert len(house.provider.orders) == 1


@pytest.mark.parametrize("steps", range(12))
async def test_stop_at_any_moment_of_the_beginning_is_clean(studio: Any, steps: int) -> None:
    house = studio()
    house.provider.hold("preparing")
    worker = house.worker()
    caller = house.call(worker, house.record())
    for _ in range(steps):
        await asyncio.sleep(0)
    await stop(caller)
    await breathe()
    assert await worker.fate(house.record()) == "unsent"
    assert house.provider.orders == []
    assert await house.store.orphans() == []
    await house.time.advance(60.0)
    assert await worker.sweep() == 0


@pytest.mark.parametrize("point", ["posting", "polling", "downloading"])
async def test_stop_after_sending_keeps_the_paid_picture_as_a_draft(studio: Any, point: str) -> None:
    house = studio()
    house.provider.hold(point)
    worker = house.worker()
    caller = house.call(worker, house.record())
    await house.provider.reached(point)
    await stop(caller)
    assert await worker.fate(house.record()) == "draft"
    house.provider.let_go(point)
    await worker.settled()
    assert (house.shelf.drafts, house.shelf.messages) == (["file-task-1-0"], {})
    row = await house.row()
    assert (row.phase, row.place, row.outcome.cost, row.request) == ("delivered", "draft", 3.0, None)
    assert len(house.provider.orders) == 1


@pytest.mark.parametrize("point", ["posting", "polling", "downloading"])
async def test_stop_where_the_provider_can_cancel(studio: Any, point: str) -> None:
    house = studio(Scripted(cancels=True))
    house.provider.hold(point)
    worker = house.worker()
    caller = house.call(worker, house.record())
    await house.provider.reached(point)
    await stop(caller)
    house.provider.let_go(point)
    await worker.settled()
    assert house.provider.cancelled == ["task-1"]
    assert await worker.fate(house.record()) == "cancelled"
    assert (house.shelf.drafts, house.shelf.messages, house.shelf.files) == ([], {}, {})


@pytest.mark.parametrize("point", ["posting", "polling"])
async def test_stop_of_an_own_gpu_just_ends_it(studio: Any, point: str) -> None:
    house = studio(Scripted("rerun"))
    house.provider.hold(point)
    worker = house.worker()
    caller = house.call(worker, house.record())
    await house.provider.reached(point)
    await stop(caller)
    assert (await house.row()).phase == "cancelled"
    assert house.shelf.files == {}


async def test_a_stopped_order_that_never_arrived_is_not_sent_again(studio: Any) -> None:
    class Retrying(Scripted):
        async def run(self, request: Any, card: Any, context: Any) -> Any:
            await context.submitting()
            await self._pass("waiting for the rate limit")
            async for state in super().run(request, card, context):
                yield state

    house = studio(Retrying())
    house.provider.hold("waiting for the rate limit")
    worker = house.worker()
    caller = house.call(worker, house.record())
    await house.provider.reached("waiting for the rate limit")
    await stop(caller)
    house.provider.let_go("waiting for the rate limit")
    await worker.settled()
    assert house.provider.orders == []
    assert await worker.fate(house.record()) == "unsent"


async def test_stop_twice_and_during_a_failure_of_the_database(studio: Any) -> None:
    house = studio()
    house.provider.hold("polling")
    worker = house.worker()
    caller = house.call(worker, house.record())
    await house.provider.reached("polling")

    async def broken(*_: Any, **__: Any) -> bool:
        raise StorageError("The database is away.")

    house.store.change, change = broken, house.store.change
    caller.cancel()
    await asyncio.sleep(0)
    await stop(caller)
    house.store.change = change
    house.provider.let_go("polling")
    await worker.settled()
    assert len(house.provider.orders) == 1
    assert (await house.row()).phase == "delivered"


async def test_a_caller_that_leaves_early_stops_the_job(studio: Any) -> None:
    house = studio()
    worker = house.worker()
    house.provider.hold("polling")
    record = house.record()
    states = worker.run(record, REQUEST, CARD, house.settings)
    assert await anext(states) == Running(progress=0.5)
    await states.aclose()
    assert await worker.fate(record) == "draft"
    house.provider.let_go("polling")
    await worker.settled()
    assert house.shelf.drafts == ["file-task-1-0"]


# ---- jobs without a caller, privacy, old things


async def test_a_job_without_a_caller_ends_as_a_draft(studio: Any) -> None:
    house = studio()
    worker = house.worker()
    record = house.record(place="draft")
    started = await worker.start(record, REQUEST, CARD, house.settings)
    again = await worker.start(house.record(place="draft"), REQUEST, CARD, house.settings)
    assert started.id == again.id == record.id
    await worker.settled()
    assert house.shelf.drafts == ["file-task-1-0"]
    assert (await house.row()).phase == "delivered"


async def test_the_row_of_a_temporary_chat_never_holds_the_prompt(studio: Any) -> None:
    house = studio()
    house.provider.hold("polling")
    worker = house.worker()
    record = house.record(chat="temporary:1", request={"prompt": "a secret", "seed": 7})
    caller = house.call(worker, record)
    await house.provider.reached("polling")
    assert (await house.row()).request == {"prompt": None, "seed": 7}
    house.provider.let_go("polling")
    await caller
    assert (await house.row()).outcome.prompt is None


async def test_old_drafts_and_temporary_pictures_are_deleted(studio: Any) -> None:
    house = studio(draft_days=7)
    worker = house.worker()
    rows = {"draft": {"place": "draft"}, "temporary": {"chat": "temporary:1"}, "kept": {}}
    for name, fields in rows.items():
        record = house.record(name, **fields)
        await house.call(worker, record)
        await worker.mark_delivered([record.id])
    await house.time.advance(24 * 3600.0 + 1)
    await worker.sweep()
    assert house.shelf.discarded == ["file-task-2-0"]
    await house.time.advance(6 * 24 * 3600.0)
    await worker.sweep()
    assert house.shelf.discarded == ["file-task-2-0", "file-task-1-0"]
    assert await house.store.find("ann", "draft") is None
    assert (await house.row("kept")).phase == "delivered"
