"""Joining what the tab saw with what the sandbox noted."""

from __future__ import annotations

import pytest

from tools.bench.lag import LONGEST, SHORTEST, duration_of, durations, journeys, polls_per_second
from tools.bench.tab import picture_in

JOURNAL = {
    "calls": [
        {"task": None, "time": 90.0, "body": {"prompt": "refused"}},
        {"task": "one", "time": 100.0, "body": {"prompt": "a lighthouse [sandbox:slow=4] --seed 7"}},
        {"task": "two", "time": 101.0, "body": {"prompt": "a lighthouse [sandbox:slow=2.5]"}},
    ],
    "polls": [
        {"task": "one", "time": 102.0, "state": "Pending"},
        {"task": "two", "time": 103.6, "state": "Ready"},
        {"task": "one", "time": 104.2, "state": "Ready"},
        {"task": "one", "time": 104.9, "state": "Ready"},
    ],
}


def test_the_lag_runs_from_ready_to_shown_and_counts_the_polls_until_known():
    first, second = journeys({"m1": 104.25, "m2": 103.7}, {"m1": "one", "m2": "two"}, JOURNAL)
    assert (first.lag, first.unnoticed, first.seconds) == pytest.approx((0.25, 0.2, 4.2))
    assert (second.lag, second.unnoticed, second.seconds) == pytest.approx((0.2, 0.1, 2.6))
    assert (first.polls, second.polls) == (2, 1)
    assert polls_per_second([first, second]) == pytest.approx(3 / 6.8)


def test_a_picture_without_a_known_task_is_an_error():
    with pytest.raises(KeyError):
        journeys({"m1": 104.25}, {}, JOURNAL)


def test_the_durations_are_spread_evenly_and_always_the_same():
    chosen = durations(24)
    assert chosen == durations(24)
    assert chosen != sorted(chosen)
    assert (min(chosen), max(chosen)) == (SHORTEST, LONGEST)
    assert all(chosen.count(seconds) == 2 for seconds in chosen)
    assert all(duration_of(f"x [sandbox:slow={seconds:g}] --seed 7") == seconds for seconds in chosen)


@pytest.mark.parametrize(
    ("event", "description"),
    [
        ({"data": {"type": "files", "data": {"files": [{"id": "f"}]}}}, ""),
        ({"data": {"type": "files", "data": {"files": []}}}, None),
        ({"data": {"type": "status", "data": {"description": "queued"}}}, None),
        ({"data": {"type": "chat:completion", "data": {"content": "![t-1](data:image/jpeg;base64,/9j"}}}, "t-1"),
        ({"data": {"type": "chat:completion", "data": {"content": "![t-1](/api/v1/files/f/content)"}}}, None),
        ({}, None),
    ],
)
def test_which_events_bring_a_picture(event, description):
    assert picture_in(event) == description
