"""Every fault of the sandbox × every kind of job: the right sentence, nothing billed twice, nothing paid lost."""

from dataclasses import replace

import pytest

from flux_studio import errors
from flux_studio.catalog import card
from flux_studio.catalog.flux_finetuned import Finetune, finetuned_card
from flux_studio.jobs import JobRecord
from flux_studio.jobs.recovery import MAYBE_BILLED, may_try_again, next_step, sentence_for_lost
from flux_studio.providers.bfl_finetunes import Finetunes
from flux_studio.types import Mask, Size, Succeeded
from tools.docs.faults import EXPECTED
from tools.sandbox.faults import FAULTS
from tools.sandbox.finetunes import OLD_FINETUNE

from .conftest import a_picture, a_request
from .test_bfl_finetunes import a_training

SIDE = 256
SHORT = dict.fromkeys(("slow-submit", "slow-poll", "slow-sample"), 3)
"""Seconds instead of the table's own: longer than IMPATIENT waits for one call."""
IMPATIENT = {"request_timeout": 1.0, "max_retries": 0}
SUBMIT = [row for row in EXPECTED if FAULTS[row.fault].stage == "submit" and row.fault != "foreign-polling-host"]
OWN = finetuned_card(Finetune(id="mine", remote_id=OLD_FINETUNE, base="ultra", label="Mine"))


def a_mask():
    return Mask(data=b"\xff" * SIDE * SIDE, width=SIDE, height=SIDE)


TASKS = {
    "generate": lambda: (card("flux-2-klein-4b"), {"size": Size(width=SIDE, height=SIDE)}),
    "edit": lambda: (card("flux-2-klein-4b"), {"pictures": (a_picture(SIDE, SIDE),)}),
    "fill": lambda: (
        card("flux-pro-1.0-fill"),
        {"task": "inpaint", "pictures": (a_picture(SIDE, SIDE),), "mask": a_mask()},
    ),
    "expand": lambda: (
        card("flux-pro-1.0-expand"),
        {"task": "expand", "pictures": (a_picture(SIDE, SIDE),), "options": {"left": 64}},
    ),
    "finetune": lambda: (OWN, {"aspect": "1:1"}),
}


def marked(fault):
    return f"a red fox [sandbox:{fault}={SHORT[fault]}]" if fault in SHORT else f"a red fox [sandbox:{fault}]"


def a_row(context, row, request):
    """The job's record as the runner would have committed it by now."""
    phases = {"": "queued", "submitting": "submitting", "submitted": "submitted", "downloading": "downloading"}
    phase = phases[context.marks[-1] if context.marks else ""]
    return JobRecord(
        user="ann",
        request_id="1",
        task=request.task,
        model=row.name,
        provider="bfl",
        account="a",
        phase=phase,
        handle=context.handle,
    )


def test_the_table_names_every_fault_of_a_picture_once():
    named = [row.fault for row in EXPECTED]
    assert sorted(named) == sorted(name for name, fault in FAULTS.items() if fault.stage not in ("training", "openai"))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("expected", EXPECTED, ids=lambda row: row.fault)
async def test_what_a_fault_does_to_a_job(desk, sandbox, expected, task):
    row, facts = TASKS[task]()
    request = a_request(marked(expected.fault), model=row.name, **facts)
    context = desk.context(seconds=60.0, **(IMPATIENT if expected.fault in SHORT else {}))
    error, states = None, []
    try:
        states = await desk.run(request, context, row=row)
    except errors.StudioError as caught:
        error = caught
    assert type(error).__name__ == (expected.error or "NoneType")
    assert [word for word in expected.words if word not in error.sentence] == []
    begun = [call.task for call in sandbox.calls if call.task]
    assert len(begun) == expected.billed
    assert sandbox.violations == []
    assert sandbox.key not in f"{error} {error and error.detail}"
    await AFTERWARDS[expected.afterwards](desk, a_row(context, row, request), row, error, states)
    assert len([call.task for call in sandbox.calls if call.task]) == expected.billed


async def done(desk, record, row, error, states):
    assert isinstance(states[-1], Succeeded)


async def nothing(desk, record, row, error, states):
    assert record.handle is None
    assert not may_try_again(record, "handle", error)


async def told(desk, record, row, error, states):
    """A worker that dies now leaves a row that no other one sends again."""
    assert record.phase == "submitting"
    assert not may_try_again(record, "handle", error)
    assert next_step(record, "handle", rerunnable=True, age=0.0, job_timeout=600.0) == "fail"
    assert sentence_for_lost(record, "handle") == MAYBE_BILLED


async def later(desk, record, row, error, states):
    """The fault goes away, the admin adds what was missing: another look brings the picture that was paid."""
    assert may_try_again(record, "handle", error)
    assert next_step(record, "handle", rerunnable=True, age=0.0, job_timeout=600.0) == "resume"
    desk.sandbox.state.tasks.find(record.handle.remote_id).faults = {}
    desk.sandbox.state.tasks.find(record.handle.remote_id).duration = 0.0
    elsewhere = desk.sandbox.elsewhere.removeprefix("http://")
    handle = record.handle
    if elsewhere in handle.polling_url:  # that host answers Pending for ever, so the true one stands in for it
        handle = replace(handle, polling_url=handle.polling_url.replace(desk.sandbox.elsewhere, desk.sandbox.polling))
    states = await desk.resume(handle, row.name, row=row)
    assert isinstance(states[-1], Succeeded)


async def over(desk, record, row, error, states):
    assert record.handle is not None
    assert not may_try_again(record, "handle", error)


AFTERWARDS = {"done": done, "nothing": nothing, "told": told, "later": later, "over": over}


@pytest.mark.parametrize("expected", SUBMIT, ids=lambda row: row.fault)
async def test_what_a_fault_does_to_a_training(desk, sandbox, expected):
    sandbox.change(withdrawn="answer")
    context = desk.context(**(IMPATIENT if expected.fault in SHORT else {}))
    with pytest.raises(getattr(errors, expected.error)) as caught:
        await Finetunes(context.settings, context.http).train(a_training(marked(expected.fault)))
    assert [word for word in expected.words if word not in caught.value.sentence] == []
    assert len([call.task for call in sandbox.calls if call.task]) == expected.billed
    assert sandbox.violations == []
