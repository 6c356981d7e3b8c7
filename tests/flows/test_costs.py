"""The cost report: tables and CSV that say what was charged and run nothing."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from flux_studio.costs import Person, as_csv, as_markdown, period_of, summary, tables
from flux_studio.jobs import LedgerRow

NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC).timestamp()
PEOPLE = {"a": Person(name="Ann", email="ann@example.com"), "b": Person(name="=HYPERLINK(1) | [x](http://y) <b>")}


def row(user="a", day=25, pictures=1, amount=3.0, **fields):
    given = {"model": "flux-2-pro", "provider": "bfl", "task": "generate", "phase": "delivered", "currency": "credits"}
    at = datetime(2026, 11, day, 12, 30, tzinfo=UTC).timestamp()
    return LedgerRow(
        **{**given, "user": user, "pictures": pictures, "amount": amount, "created_at": at, "exact": True, **fields}
    )


ROWS = [
    row(),
    row(day=24, amount=6.0, pictures=2),
    row("b", model="gpt-image-2", amount=0.04, currency="USD", provider="openai"),
    row("gone", amount=4.0, phase="failed", exact=False),
]


@pytest.mark.parametrize(
    ("days", "start", "words"),
    [
        (None, (2026, 11, 1), "1 November to 25 November 2026"),
        (1, (2026, 11, 25), "25 November 2026"),
        (7, (2026, 11, 19), "19 November to 25 November 2026"),
        (366, (2025, 11, 25), "25 November 2025 to 25 November 2026"),
    ],
)
def test_the_period_is_the_month_or_the_last_days(days, start, words):
    period = period_of(NOW, days)
    assert period.start == datetime(*start, tzinfo=UTC).timestamp()
    assert period.words == words


def test_the_summary_keeps_currencies_apart_and_says_what_is_not_sure():
    text = summary(ROWS, period_of(NOW, None))
    assert text.startswith("About 13 credits and $0.04 for 5 pictures by 3 people, 1 November to 25 November 2026")
    assert "1 of them was not delivered and may have been billed" in text
    assert summary(ROWS[:1], period_of(NOW, 1)) == "3 credits for 1 picture, 25 November 2026 (UTC)."
    assert summary([], period_of(NOW, 1)) == "Nothing was ordered, 25 November 2026 (UTC)."


def test_the_tables_go_by_person_model_and_day():
    people, models, days = tables(ROWS, PEOPLE)
    assert people.rows[0] == ("Ann (ann@example.com)", "3", "9 credits")
    assert ("deleted account", "1", "about 4 credits") in people.rows
    assert models.rows[0] == ("FLUX.2 [pro]", "4", "about 13 credits")
    assert [cells[0] for cells in days.rows] == ["2026-11-25", "2026-11-24"]
    assert [table.head[0] for table in tables(ROWS)] == ["Model", "Day (UTC)"], "nobody else's name for non-admins"
    assert tables([]) == []


def test_a_name_makes_no_markup():
    text = as_markdown(tables(ROWS, PEOPLE)[:1])
    assert "[x](http" not in text
    assert "<b>" not in text
    assert all(line.count("|") == 4 for line in text.splitlines())
    assert "FLUX.2 [pro]" in as_markdown(tables(ROWS)), "what the host shows as it is written stays"


def test_the_csv_has_one_line_an_order_and_no_formulas():
    lines = list(csv.DictReader(io.StringIO(as_csv(ROWS, PEOPLE))))
    assert len(lines) == len(ROWS)
    assert lines[0]["time (UTC)"] == "2026-11-25 12:30:00"
    assert (lines[0]["name"], lines[0]["amount"], lines[0]["exact"]) == ("Ann", "3", "yes")
    assert lines[2]["name"].startswith("'=HYPERLINK")
    assert (lines[3]["name"], lines[3]["state"]) == ("deleted account", "may have been billed")
