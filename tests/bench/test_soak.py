"""What counts as a broken promise, and how kills are counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.asking import Question
from tools.bench.soak import Tally, has_reached
from tools.bench.verdict import STATES, Caught, Ending, problems_of
from tools.host import Account

QUESTION = Question(
    account=Account(id="u", name="U", email="u@example.com", role="user", token="t"),
    chat="c",
    message="m",
    marker="soak 1 x",
)
MADE = Ending(phase="delivered", content="FLUX.2 [pro]", pictures=1, readable=True, orders=1, spare_files=0, at=140.0)
BILLED = replace(MADE, phase="failed", pictures=0, content="it may have been billed and is not repeated")
UNSENT = replace(MADE, phase="failed", pictures=0, orders=0, content="it was not sent, nothing was billed")


def caught(state: str) -> Caught:
    return Caught(question=QUESTION, state=state, at=100.0)


@pytest.mark.parametrize(
    ("state", "ending"),
    [
        ("queued", MADE),
        ("queued", UNSENT),
        ("submitting", BILLED),
        ("submitting", replace(BILLED, orders=0)),
        ("submitted", MADE),
        ("downloading", replace(MADE, spare_files=1)),
        ("stored", MADE),
        ("delivered", MADE),
    ],
)
def test_kept_promises(state, ending):
    assert problems_of(caught(state), ending) == []


@pytest.mark.parametrize(
    ("state", "ending", "words"),
    [
        ("queued", replace(MADE, orders=2), "ordered 2 times"),
        ("stored", replace(MADE, orders=0), "knows nothing of"),
        ("queued", replace(UNSENT, orders=1), "said to be unsent"),
        ("queued", replace(UNSENT, content="something went wrong"), "neither made"),
        ("submitting", MADE, "must say"),
        ("submitting", replace(BILLED, content="an error"), "must say"),
        ("submitting", replace(BILLED, orders=2), "ordered 2 times"),
        ("submitted", BILLED, "paid, but ended as failed"),
        ("downloading", replace(MADE, pictures=0), "paid, but"),
        ("stored", replace(MADE, pictures=2), "2 pictures"),
        ("stored", replace(MADE, readable=False), "cannot be read"),
        ("delivered", replace(MADE, pictures=0), "paid, but"),
    ],
)
def test_broken_promises_are_named(state, ending, words):
    problems = problems_of(caught(state), ending)
    assert any(words in problem for problem in problems)
    assert all(problem.startswith(f"soak 1 x (killed in {state}): ") for problem in problems)


@pytest.mark.parametrize(
    ("phase", "reached"),
    [("", False), ("queued", False), ("submitted", True), ("stored", True), ("delivered", True), ("failed", True)],
)
def test_a_state_that_was_passed_counts_as_reached(phase, reached):
    assert has_reached(phase, "submitted") is reached


def test_several_jobs_in_one_state_are_one_kill_of_it():
    tally = Tally()
    tally.add([(caught("stored"), MADE), (caught("stored"), MADE), (caught("submitting"), BILLED)], 40.0)
    tally.add([(caught("stored"), replace(MADE, pictures=0))], 50.0)
    assert tally.missing(2) == ["queued", "submitting", "submitted", "downloading"]
    assert tally.missing(1) == ["queued", "submitted", "downloading"]
    lines = dict(zip(STATES, tally.lines(), strict=True))
    assert lines["stored"] == ("`stored`", "2", "3", "2", "0", "0", "0", "1")
    assert lines["submitting"] == ("`submitting`", "1", "1", "0", "1", "0", "0", "0")
    assert len(tally.problems) == 1
    assert "2 kills, 4 jobs" in tally.sentence()
    assert "Rules broken: 1" in tally.sentence()
