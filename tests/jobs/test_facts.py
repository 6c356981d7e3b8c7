"""The log tells of each job what somebody has to know who watches money and times, and of nobody who it was."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from flux_studio.errors import Unavailable
from flux_studio.jobs.facts import facts, fingerprint
from flux_studio.jobs.record import JobRecord, Outcome
from flux_studio.logs import ROOT, configure
from flux_studio.settings import Secret, Settings
from flux_studio.types import JobHandle

HANDLE = JobHandle(provider="bfl", remote_id="task-1", cost=3.0)
OUTCOME = Outcome(
    files=("f",), seconds=4.56789, cost=3.5, currency="credits", remote_id="task-1", prompt="a secret fox"
)


@pytest.fixture
def lines(tmp_path):
    """Log as JSON into a file; gives a function that reads what is there."""
    root, path = logging.getLogger(ROOT), tmp_path / "studio.log"
    before = root.level, root.propagate
    configure(Settings(log_format="json", log_file=str(path), flux_key=Secret("sk-very-secret")))
    yield lambda: [json.loads(line) for line in path.read_text().splitlines()]
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.level, root.propagate = before
    root.__dict__.pop("flux_studio_settings", None)


def job(**fields: Any) -> JobRecord:
    return JobRecord(id="j", user="anna", request_id="r", model="flux-2-pro", request={"prompt": "a fox"}, **fields)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (job(), {"phase": "queued"}),
        (job(phase="submitted", handle=HANDLE), {"phase": "submitted", "task": "task-1", "cost": 3.0}),
        (
            job(phase="stored", handle=HANDLE, outcome=OUTCOME, attempts=2),
            {"phase": "stored", "task": "task-1", "seconds": 4.568, "cost": 3.5, "currency": "credits", "attempts": 2},
        ),
        (
            job(phase="delivered", outcome=Outcome(seconds=1.0)),
            {"phase": "delivered", "seconds": 1.0},
        ),
    ],
)
def test_only_what_is_known_is_told(record, expected):
    always = {"job": "j", "request": "r", "kind": "generate", "model": "flux-2-pro", "user": fingerprint("anna")}
    assert facts(record) == always | expected


def test_a_person_is_told_apart_but_not_named():
    assert fingerprint("anna") != fingerprint("bob")
    assert "anna" not in fingerprint("anna")
    assert fingerprint("") == ""


async def test_a_finished_job_is_one_line_with_its_figures_as_fields(studio: Any, lines) -> None:
    house, seen = studio(), []
    worker = house.worker()
    await house.call(worker, house.record(), seen)
    (line,) = [line for line in lines() if line.get("phase") == "stored"]
    assert line["message"].startswith(f"job {line['job']}: {line['model']} stored after")
    assert (line["task"], line["cost"], line["currency"]) == ("task-1", 3.0, "credits")
    assert line["seconds"] >= 0
    assert line["user"] == fingerprint(house.record().user)
    assert "a fox" not in json.dumps(line)


async def test_a_failed_job_is_a_line_with_its_names(studio: Any, lines) -> None:
    house = studio()
    worker = house.worker()
    house.provider.fail("posting", Unavailable("Busy.", provider="bfl", detail="503 of sk-very-secret"))
    with pytest.raises(Unavailable):
        await house.call(worker, house.record(), [])
    (line,) = [line for line in lines() if line["level"] == "WARNING" and "job" in line]
    assert (line["model"], line["user"]) == (house.record().model, fingerprint(house.record().user))
    assert "sk-very-secret" not in json.dumps(line)


def test_a_key_in_a_fact_does_not_show(lines):
    logging.getLogger("flux_studio.jobs").info("x", extra={"facts": {"request": "sk-very-secret", "cost": 1.0}})
    (line,) = lines()
    assert (line["request"], line["cost"]) == ("…", 1.0)
