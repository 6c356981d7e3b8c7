"""A Stop while the picture is being stored, or after it: no file is left that no row names, and no bill is forgotten."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from flux_studio.errors import InvalidRequest, Refused
from flux_studio.jobs import JobRecord
from flux_studio.jobs.recovery import costs_nothing
from flux_studio.types import Succeeded
from tests.jobs.doubles import CARD, REQUEST, Scripted

KINDS = (("rerun", False), ("handle", False), ("handle", True), ("nothing", False))


async def stop(caller: asyncio.Task[Any]) -> None:
    caller.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await caller


@pytest.mark.parametrize(("resume_by", "cancels"), KINDS)
async def test_stop_while_the_file_is_written_keeps_it_as_a_draft(studio: Any, resume_by: str, cancels: bool) -> None:
    house = studio(Scripted(resume_by, cancels=cancels))
    writing, go_on, keep = asyncio.Event(), asyncio.Event(), house.shelf.keep

    async def slowly(*arguments: Any) -> Any:
        outcome = await keep(*arguments)
        writing.set()
        await go_on.wait()
        return outcome

    house.shelf.keep = slowly
    worker = house.worker()
    caller = house.call(worker, house.record())
    await writing.wait()
    await stop(caller)
    go_on.set()
    await worker.settled()
    row = await house.row()
    assert (row.phase, row.place, list(row.outcome.files)) == ("delivered", "draft", list(house.shelf.files))
    assert (house.shelf.drafts, house.shelf.messages) == (["file-task-1-0"], {})
    assert await worker.fate(house.record()) == "draft"


@pytest.mark.parametrize(("resume_by", "cancels"), KINDS)
async def test_cancel_of_a_stored_picture_keeps_it_as_a_draft(studio: Any, resume_by: str, cancels: bool) -> None:
    house = studio(Scripted(resume_by, cancels=cancels))
    worker = house.worker()
    async for state in worker.run(house.record(), REQUEST, CARD, house.settings):
        assert state
        if isinstance(state, Succeeded):
            break
    row = await house.row()
    assert row.phase == "stored"
    await worker.cancel(row.id)
    row = await house.row()
    assert (row.phase, row.place, row.outcome.files) == ("delivered", "draft", ("file-task-1-0",))


def test_a_picture_that_was_made_and_withheld_counts_as_billed() -> None:
    record = JobRecord(user="ann", request_id="r", phase="submitting")
    assert not costs_nothing(record, "nothing", Refused("no", stage="output"))
    assert costs_nothing(record, "nothing", Refused("no", stage="input"))
    assert costs_nothing(record, "nothing", InvalidRequest("size", 1, "2"))
