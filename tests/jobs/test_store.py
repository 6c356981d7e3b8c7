"""What every job store promises, whichever database it stands on."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from flux_studio.jobs import ACTIVE, JobRecord, JobStore, Limits, Outcome
from flux_studio.types import JobHandle

HANDLE = JobHandle(
    provider="bfl", remote_id="t-1", polling_url="https://api.bfl.ai/v1/get_result?id=t-1", deadline=9.5, cost=3.0
)
OUTCOME = Outcome(files=("f1", "f2"), mime="image/png", width=64, height=32, seed=7, cost=3.0, timings={"provider": 2})
MANY = Limits(active=100)


def record(user: str = "ann", **fields: Any) -> JobRecord:
    made = JobRecord(user=user, request_id="", account="key", model="flux-2-pro", provider="bfl")
    return replace(made, **({"request_id": made.id} | fields))


async def add(store: JobStore, owner: str = "worker", lease: float = 30.0, **fields: Any) -> JobRecord:
    return await store.add(record(**fields), owner=owner, lease=lease)


async def active(store: JobStore, jobs: list[JobRecord]) -> list[JobRecord]:
    rows = [await store.get(job.id) for job in jobs]
    return [row for row in rows if row is not None and row.phase in ACTIVE]


async def test_every_field_comes_back(kind: Any) -> None:
    store = kind.open_store()
    request = {"prompt": "a “fox” 🦊", "seed": None}
    added = await add(
        store, chat="c", message="m", index=2, place="draft", task="edit", request=request, active_of_model=6
    )
    await store.change(added.id, owner="worker", handle=HANDLE, outcome=OUTCOME, progress=0.25, error="why", attempts=3)
    read = await kind.open_store().get(added.id)
    assert read == replace(
        added,
        handle=HANDLE,
        outcome=OUTCOME,
        progress=0.25,
        error="why",
        attempts=3,
        revision=1,
        updated_at=read.updated_at,
    )
    assert read.request == request
    assert read.updated_at >= added.created_at


async def test_the_same_request_makes_one_job(kind: Any) -> None:
    stores = [kind.open_store() for _ in range(4)]
    added = await asyncio.gather(*(add(store, request_id="r1") for store in stores))
    assert len({job.id for job in added}) == 1
    assert (await add(stores[0], user="ben", request_id="r1")).id != added[0].id
    assert (await stores[1].find("ann", "r1")) == added[0]
    assert await stores[1].find("ann", "r2") is None


async def test_admissions_of_many_workers_never_exceed_the_limit(kind: Any) -> None:
    limits, stores = Limits(active=5), [kind.open_store() for _ in range(4)]
    jobs = [await add(stores[i % 4], owner=f"w{i % 4}", user=f"user{i % 3}") for i in range(24)]
    done: set[str] = set()
    while len(done) < len(jobs):
        waiting = [(i, job) for i, job in enumerate(jobs) if job.id not in done]
        admitted = await asyncio.gather(
            *(stores[i % 4].admit(job.id, owner=f"w{i % 4}", limits=limits) for i, job in waiting)
        )
        working = await active(stores[0], jobs)
        assert len(working) == sum(one.admitted for one in admitted) == min(5, len(waiting))
        for i, job in waiting:
            if job.id in {one.id for one in working}:
                await stores[i % 4].change(job.id, owner=f"w{i % 4}", phase="delivered")
                done.add(job.id)


async def test_slots_go_round_the_users(kind: Any) -> None:
    store = kind.open_store()
    greedy = [await add(store, user="greedy") for _ in range(6)]
    modest = [await add(store, user="modest") for _ in range(2)]
    limits = Limits(active=4)
    for _ in range(3):
        for job in greedy + modest:
            await store.admit(job.id, owner="worker", limits=limits)
    assert Counter(job.user for job in await active(store, greedy + modest)) == {"greedy": 2, "modest": 2}


async def test_position_counts_the_jobs_before_it(kind: Any) -> None:
    store = kind.open_store()
    jobs = [await add(store) for _ in range(4)]
    limits = Limits(active=1)
    answers = [await store.admit(job.id, owner="worker", limits=limits) for job in jobs]
    assert [(one.admitted, one.position) for one in answers] == [(True, 0), (False, 0), (False, 1), (False, 2)]


async def test_an_older_job_goes_first_even_when_the_younger_asks(kind: Any) -> None:
    store = kind.open_store()
    older, younger = await add(store), await add(store)
    assert not (await store.admit(younger.id, owner="worker", limits=Limits(active=1))).admitted
    assert (await store.admit(older.id, owner="worker", limits=Limits(active=1))).admitted


async def test_a_full_model_holds_up_no_other_model(kind: Any) -> None:
    store, limits = kind.open_store(), Limits(active=3, active_of_model=1)
    slow = [await add(store, model="slow", active_of_model=1) for _ in range(5)]
    quick = await add(store, model="quick")
    assert [(await store.admit(job.id, owner="worker", limits=limits)).admitted for job in slow] == [True] + 4 * [False]
    assert (await store.admit(quick.id, owner="worker", limits=Limits(active=3))).admitted


async def test_accounts_do_not_share_slots(kind: Any) -> None:
    store = kind.open_store()
    first, second = await add(store, account="key one"), await add(store, account="key two")
    for job in (first, second):
        assert (await store.admit(job.id, owner="worker", limits=Limits(active=1))).admitted


async def test_jobs_a_minute(kind: Any) -> None:
    store, limits = kind.open_store(), Limits(active=50, per_minute=2)
    jobs = [await add(store) for _ in range(3)]
    answers = [await store.admit(job.id, owner="worker", limits=limits) for job in jobs]
    assert [one.admitted for one in answers] == [True, True, False]
    await store.change(jobs[0].id, owner="worker", phase="delivered")
    assert not (await store.admit(jobs[2].id, owner="worker", limits=limits)).admitted, "finished jobs count as well"
    await kind.age(jobs[0].id, 61)
    assert (await store.admit(jobs[2].id, owner="worker", limits=limits)).admitted


async def test_a_waiting_job_whose_worker_is_gone_holds_up_nobody(kind: Any) -> None:
    store = kind.open_store()
    await add(store, lease=-1.0)
    job = await add(store)
    assert (await store.admit(job.id, owner="worker", limits=Limits(active=1))).admitted


async def test_only_the_owner_is_admitted_and_stays_so(kind: Any) -> None:
    store = kind.open_store()
    job = await add(store)
    assert not (await store.admit(job.id, owner="thief", limits=MANY)).admitted
    assert not (await store.admit("no such job", owner="worker", limits=MANY)).admitted
    assert (await store.admit(job.id, owner="worker", limits=MANY)).admitted
    assert (await store.admit(job.id, owner="worker", limits=MANY)).admitted
    assert (await store.get(job.id)).revision == 1


async def test_of_two_claimers_one_wins(kind: Any) -> None:
    stores = [kind.open_store() for _ in range(5)]
    job = await add(stores[0], lease=-1.0)
    claims = await asyncio.gather(*(store.claim(job.id, owner=f"w{i}", lease=30.0) for i, store in enumerate(stores)))
    winners = [claim for claim in claims if claim is not None]
    assert len(winners) == 1
    assert (await stores[0].get(job.id)).lease_owner == winners[0].lease_owner


async def test_a_live_lease_cannot_be_claimed_and_a_lapsed_one_can(kind: Any) -> None:
    store = kind.open_store()
    job = await add(store)
    assert await store.orphans() == []
    assert await store.claim(job.id, owner="other", lease=30.0) is None
    await kind.age(job.id, 31)
    assert [orphan.id for orphan in await store.orphans()] == [job.id]
    assert (await store.claim(job.id, owner="other", lease=30.0)).lease_owner == "other"
    assert await store.orphans() == []


async def test_without_the_lease_nothing_changes(kind: Any) -> None:
    store = kind.open_store()
    job = await add(store, lease=-1.0)
    await store.claim(job.id, owner="other", lease=30.0)
    assert not await store.change(job.id, owner="worker", phase="submitted", handle=HANDLE)
    assert not await store.change(job.id, owner="", phase="failed")
    assert (await store.get(job.id)).phase == "queued"
    assert await store.change(job.id, owner="other", phase="submitted", handle=HANDLE)
    assert not await store.change("no such job", owner="other", phase="failed")


async def test_renewal_keeps_what_is_still_held(kind: Any) -> None:
    store = kind.open_store()
    kept, lapsed, taken = await add(store), await add(store), await add(store, lease=-1.0)
    await store.claim(taken.id, owner="other", lease=30.0)
    await kind.age(lapsed.id, 31)
    held = await store.renew([kept.id, lapsed.id, taken.id, "no such job"], owner="worker", lease=30.0)
    assert held == {kept.id, lapsed.id}
    assert await store.orphans() == []
    assert await store.renew([], owner="worker", lease=30.0) == set()


async def test_a_released_job_is_free_at_once_or_later(kind: Any) -> None:
    store = kind.open_store()
    now, later, foreign = await add(store), await add(store), await add(store)
    await store.release(now.id, owner="worker")
    await store.release(later.id, owner="worker", after=60.0)
    await store.release(foreign.id, owner="thief")
    assert [orphan.id for orphan in await store.orphans()] == [now.id]
    assert not await store.change(now.id, owner="worker", progress=0.5)
    await kind.age(later.id, 61)
    assert {orphan.id for orphan in await store.orphans()} == {now.id, later.id}


@pytest.mark.parametrize("phase", ["delivered", "failed", "cancelled"])
async def test_a_finished_phase_ends_the_lease(kind: Any, phase: Any) -> None:
    store = kind.open_store()
    job = await add(store)
    assert await store.change(job.id, owner="worker", phase=phase, request=None)
    assert not await store.change(job.id, owner="worker", phase="queued")
    assert await store.orphans() == []
    assert await store.claim(job.id, owner="other", lease=30.0) is None
    assert (await store.get(job.id)).phase == phase


async def test_orphans_come_oldest_first_up_to_the_limit(kind: Any) -> None:
    store = kind.open_store()
    jobs = [await add(store, lease=-1.0) for _ in range(4)]
    assert [orphan.id for orphan in await store.orphans(limit=3)] == [job.id for job in jobs[:3]]


async def test_the_jobs_of_a_message_come_in_order(kind: Any) -> None:
    store = kind.open_store()
    for index in (2, 0, 1):
        await add(store, chat="c", message="m", index=index)
    await add(store, chat="c", message="another")
    await add(store, chat="d", message="m")
    assert [job.index for job in await store.of_message("c", "m")] == [0, 1, 2]


async def test_a_deleted_chat_and_a_deleted_user_are_forgotten(kind: Any) -> None:
    store = kind.open_store()
    for user, chat in (("ann", "c1"), ("ann", "c2"), ("ben", "c1"), ("ben", "c3")):
        await add(store, user=user, chat=chat, message="m")
    assert await store.forget() == 0
    assert await store.forget(chat="c1") == 2
    assert await store.forget(user="ann") == 1
    assert len(await store.of_message("c3", "m")) == 1


async def test_old_drafts_and_old_temporary_jobs_are_found(kind: Any) -> None:
    store = kind.open_store()
    draft = await add(store, place="draft")
    fresh = await add(store, place="draft")
    temporary = await add(store, chat="temporary:1")
    local = await add(store, chat="local:1")
    kept = await add(store, chat="c")
    for job in (draft, fresh, temporary, local, kept):
        await store.change(job.id, owner="worker", phase="delivered")
    running = await add(store, place="draft", chat="temporary:2")
    for job in (draft, temporary, local, kept, running):
        await kind.age(job.id, 3600)
    before = (await store.get(fresh.id)).updated_at - 60
    assert [job.id for job in await store.drafts(before=before)] == [draft.id]
    assert {job.id for job in await store.temporary(before=before)} == {temporary.id, local.id}
    await store.archive(draft.id)
    assert await store.drafts(before=before) == []


async def test_rows_whose_files_still_have_to_be_deleted_are_not_forgotten(kind: Any) -> None:
    """Deleting all chats would otherwise leave the pictures of temporary chats, and drafts, for ever."""
    store = kind.open_store()
    draft = await add(store, chat="c", place="draft")
    temporary = await add(store, chat="temporary:1")
    shown = await add(store, chat="c")
    for job in (draft, temporary, shown):
        await store.change(job.id, owner="worker", phase="delivered")
    assert await store.forget(chat="c") == 1
    assert await store.forget(user="ann") == 0
    assert (await store.get(shown.id)).archived
    assert [job.id for job in await store.drafts(before=2e10)] == [draft.id]
    assert [job.id for job in await store.temporary(before=2e10)] == [temporary.id]


async def test_an_editor_session_finds_its_jobs_and_nobody_elses(kind: Any) -> None:
    store = kind.open_store()
    first, second = [await add(store, session="s", request_id=f"e:{index}", index=index) for index in (0, 1)]
    await add(store, session="other")
    await add(store, user="ben", session="s")
    await add(store)
    assert [row.id for row in await kind.open_store().of_session("ann", "s")] == [first.id, second.id]
    assert list(await store.of_session("ann", "")) == []


async def test_a_draft_gets_its_place_in_a_message_once(kind: Any) -> None:
    stores = [kind.open_store() for _ in range(4)]
    draft = await add(stores[0], place="draft", session="s")
    assert not await stores[0].show_draft(draft.id, message="m")
    await stores[0].change(draft.id, owner="worker", phase="delivered", outcome=OUTCOME)
    assert sorted(await asyncio.gather(*(store.show_draft(draft.id, message="m") for store in stores))) == [0, 0, 0, 1]
    row = await stores[1].get(draft.id)
    assert (row.place, row.message) == ("message", "m")
    assert list(await stores[1].drafts(before=row.updated_at + 1000)) == []
