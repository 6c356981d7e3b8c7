"""Several pictures of one answer run side by side: what happens to one never touches the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flux_studio.errors import StorageError, StudioError
from flux_studio.flows import make_pictures
from flux_studio.jobs import MemoryJobStore
from flux_studio.jobs.recovery import INTERNAL_BILLED
from tests.jobs.doubles import CARD, REQUEST, Studio, breathe


@pytest.fixture
async def house():
    made = Studio(MemoryJobStore)
    yield made
    await made.close()


def two_jobs(house):
    return [(house.record(f"r:{index}", index=index), REQUEST) for index in range(2)]


async def nothing(index, state):
    """Report to nobody."""


async def test_a_fault_nobody_expected_ends_one_picture_only(house):
    house.shelf.keep_errors = [ZeroDivisionError("broken")]
    finished = await make_pictures(two_jobs(house), CARD, house.settings, house.worker(), nothing)
    failed = [item for item in finished if item.error]
    assert [item.error.sentence for item in failed] == [INTERNAL_BILLED]
    assert [item.record.phase for item in finished if item.record] == ["stored"]


async def test_a_database_that_hiccups_at_the_end_costs_no_other_picture(house):
    worker = house.worker()
    found, asked = worker.find, []

    async def find(record):
        asked.append(record.index)
        if len(asked) == 1:
            raise StorageError("The server's database did not answer.")
        return await found(record)

    worker.find = find
    finished = await make_pictures(two_jobs(house), CARD, house.settings, worker, nothing)
    assert sorted(bool(item.error) for item in finished) == [False, True]
    assert [(await house.row(f"r:{index}")).place for index in range(2)] == ["message", "message"]


async def test_asking_again_for_a_stopped_answer_never_shows_its_drafts(house):
    """Continue Response repeats the request id of a stopped answer; its draft will be deleted some day."""
    worker, record = house.worker(), house.record("r:0")
    house.provider.hold("polling")
    caller = house.call(worker, record)
    await house.provider.reached("polling")
    caller.cancel()
    await breathe()
    house.provider.let_go("polling")
    await worker.settled()
    assert (await house.row("r:0")).place == "draft"
    again = [(replace(record, id="another"), REQUEST)]
    (finished,) = await make_pictures(again, CARD, house.settings, worker, nothing)
    assert finished.record is None
    assert isinstance(finished.error, StudioError)
    assert "draft" in finished.error.sentence
    assert len(house.provider.orders) == 1


async def test_a_job_whose_row_is_gone_is_an_error_with_a_sentence(house):
    worker = house.worker()

    async def find(record):
        return None

    worker.find = find
    finished = await make_pictures(two_jobs(house), CARD, house.settings, worker, nothing)
    assert all(item.error and item.error.sentence for item in finished)
