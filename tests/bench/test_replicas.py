"""When the kill comes, how a run with two replicas is judged, and whose a database statement is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.asking import marker_of
from tools.bench.replicas import Asked, Fate, Report, worth_a_kill
from tools.bench.statements import Statements, counted
from tools.bench.verdict import Caught

from .test_soak import BILLED, MADE, QUESTION


def fate(role: str, state: str, ending=MADE) -> Fate:
    return Fate(role=role, caught=Caught(question=QUESTION, state=state, at=100.0), ending=ending)


def asked(count: int) -> list[Asked]:
    questions = [replace(QUESTION, message=f"m{number}") for number in range(count)]
    return [
        Asked(question=question, role="went on" if number % 2 else "killed")
        for number, question in enumerate(questions)
    ]


@pytest.mark.parametrize(
    ("phases", "worth"),
    [
        ({"m0": "submitting", "m1": "delivered", "m2": "queued", "m3": "queued"}, True),
        ({"m0": "submitting", "m1": "delivered", "m2": "queued"}, False),
        ({"m0": "submitting", "m1": "stored", "m2": "queued", "m3": "queued"}, False),
        ({"m0": "submitted", "m1": "delivered", "m2": "queued", "m3": "submitting"}, False),
    ],
)
def test_the_kill_waits_for_rows_for_a_quarter_and_for_an_order_under_way(phases, worth):
    assert worth_a_kill(phases, asked(4)) is worth


def test_only_the_replica_that_was_killed_may_lose_an_order():
    assert fate("killed", "submitting", BILLED).problems == []
    assert fate("went on", "submitting", BILLED).problems != []
    assert fate("went on", "queued").problems == []


def test_the_table_shows_each_state_that_was_there():
    fates = [
        fate("killed", "submitting", BILLED),
        fate("killed", "stored"),
        fate("killed", "stored", replace(MADE, pictures=2)),
        fate("went on", "queued"),
    ]
    report = Report(fates=fates, recovery=40.0, refused=0, problems=["x"])
    assert report.lines() == [
        ("killed", "`submitting`", "1", "0", "1", "0", "0"),
        ("killed", "`stored`", "2", "1", "0", "0", "1"),
        ("went on", "`queued`", "1", "1", "0", "0", "0"),
    ]
    assert "4 pictures asked, 2 in their chats" in report.sentence()
    assert "Rules broken: 1." in report.sentence()


def test_statements_are_told_apart_by_table_and_verb():
    rows = [
        ("BEGIN", 4),
        ("COMMIT", 4),
        ("SELECT chat.flux_studio_job.id FROM chat.flux_studio_job WHERE id = $1", 3),
        ("UPDATE chat.flux_studio_job SET phase=$1", 2),
        ("INSERT INTO chat.flux_studio_job (id) VALUES ($1)", 1),
        ("SELECT * FROM chat.file", 5),
    ]
    seen = counted(rows)
    assert seen == Statements(reading=3, writing=3, around=8, host=5)
    assert seen.ours == 6


@pytest.mark.parametrize(
    ("prompt", "marker"),
    [
        ("a fox", "a fox"),
        ("a fox --size 512x512 [sandbox:slow=3]", "a fox"),
        ("a fox --size 512x512 ", "a fox"),
        ("a fox [sandbox:slow=3]", "a fox"),
    ],
)
def test_the_marker_is_what_reaches_the_provider(prompt, marker):
    assert marker_of(prompt) == marker
