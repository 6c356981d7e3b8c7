"""Limits out of their valves, and what is said at a limit."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

import pytest

from flux_studio.limits import (
    Allowance,
    GroupLimit,
    Usage,
    Wanted,
    allowance_of,
    day_end,
    day_start,
    fits,
    month_end,
    month_start,
    read_group_limits,
    refusal,
)

NOW = datetime(2026, 12, 31, 23, 30, tzinfo=UTC).timestamp()
NO_LIMIT = math.inf


def moment(*date: int) -> float:
    return datetime(*date, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", ()),
        ("Design: 50 a day", (GroupLimit(group="Design", pictures_a_day=50),)),
        (
            "Design: 50 pictures per day, 500 credits a month ;\n Press:unlimited;",
            (
                GroupLimit(group="Design", pictures_a_day=50, credits_a_month=500),
                GroupLimit(group="Press", pictures_a_day=NO_LIMIT, credits_a_month=NO_LIMIT),
            ),
        ),
        ("A: B: $2.50 a month", (GroupLimit(group="A: B", credits_a_month=250),)),
        ("Interns: 0 a day, 3 USD per month", (GroupLimit(group="Interns", pictures_a_day=0, credits_a_month=300),)),
    ],
)
def test_group_limits_are_read(text, rows):
    assert read_group_limits(text) == rows


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Design", "Design"),
        ("Design: many", "many"),
        ("Design: 50 a week", "50 a week"),
        ("Design: 500 a month", "500 a month"),
        ("Design: $5 credits a month", "$5 credits a month"),
        (": 5 a day", ": 5 a day"),
        ("Design: 5 a day, 6 a day", "Design: 5 a day, 6 a day"),
        ("Design: 5 a day; Design: 6 a day", "Design"),
        ("Design: -5 a day", "-5 a day"),
    ],
)
def test_what_cannot_be_read_is_named(text, named):
    with pytest.raises(ValueError, match=f"^{re.escape(named)}$"):
        read_group_limits(text)


@pytest.mark.parametrize(
    ("groups", "pictures", "credits"),
    [
        ((), 10, 100),
        (("Design",), 50, 100),
        (("Design", "Press"), NO_LIMIT, NO_LIMIT),
        (("Interns",), 2, 100),
        (("Interns", "Design"), 50, 100),
        (("Somebody else",), 10, 100),
    ],
)
def test_the_most_generous_group_counts_and_the_general_limit_fills_in(groups, pictures, credits):
    rows = read_group_limits("Design: 50 a day; Press: unlimited; Interns: 2 a day")
    found = allowance_of(Allowance(pictures_a_day=10, credits_a_month=100), rows, groups)
    assert found == Allowance(pictures_a_day=pictures, credits_a_month=credits)


@pytest.mark.parametrize(
    ("usage", "wanted", "expected"),
    [
        (Usage(pictures_today=6, credits_this_month=10), Wanted(pictures=4, credits=10), True),
        (Usage(pictures_today=7, credits_this_month=10), Wanted(pictures=4, credits=10), False),
        (Usage(credits_this_month=90.1), Wanted(pictures=1, credits=9.9), True),
        (Usage(credits_this_month=90.2), Wanted(pictures=1, credits=9.9), False),
        (Usage(credits_this_month=99), Wanted(pictures=1), True),
        (Usage(credits_this_month=100), Wanted(pictures=1), False),
    ],
)
def test_what_fits(usage, wanted, expected):
    assert fits(Allowance(pictures_a_day=10, credits_a_month=100), usage, wanted) is expected
    assert fits(Allowance(), usage, wanted)


@pytest.mark.parametrize(
    ("usage", "wanted", "words"),
    [
        (Usage(pictures_today=10, now=NOW), Wanted(pictures=1), ("10 pictures", "used up", "01:00")),
        (Usage(pictures_today=8, now=NOW), Wanted(pictures=4), ("4 pictures", "10 pictures a day", "8 are used", "2 left")),
        (Usage(credits_this_month=100, now=NOW), Wanted(pictures=1, credits=3), ("100 credits", "used up", "1 January")),
        (Usage(credits_this_month=95, now=NOW), Wanted(pictures=1, credits=7), ("7 credits", "95 credits", "5 credits left")),
        (Usage(credits_this_month=104, now=NOW), Wanted(pictures=1), ("used up (104 credits)", "1 January")),
    ],
)  # fmt: skip
def test_the_sentence_at_the_limit_says_limit_use_and_end(usage, wanted, words):
    sentence = refusal(Allowance(pictures_a_day=10, credits_a_month=100), usage, wanted, ends="01:00")
    assert [word for word in (*words, "othing was sent") if word not in sentence] == []


def test_days_and_months_begin_at_midnight_utc_whatever_the_year():
    assert day_start(NOW) == moment(2026, 12, 31)
    assert day_end(NOW) == month_end(NOW) == moment(2027, 1, 1)
    assert month_start(NOW) == moment(2026, 12, 1)
    assert month_start(moment(2028, 2, 29)) == moment(2028, 2, 1)
    assert month_end(moment(2028, 2, 1)) == moment(2028, 3, 1)
