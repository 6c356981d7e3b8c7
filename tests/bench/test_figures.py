"""Quantiles, tables and the marked block."""

from __future__ import annotations

import pytest

from tools.bench.figures import Row, fill, markdown, milliseconds, quantile


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1.0), (0.5, 5.0), (0.51, 6.0), (0.95, 10.0), (0.9, 9.0), (1.0, 10.0)]
)
def test_a_quantile_is_one_of_the_values_and_not_exceeded_by_that_share(share, expected):
    assert quantile([10.0, 1.0, 9.0, 2.0, 8.0, 3.0, 7.0, 4.0, 6.0, 5.0], share) == expected


def test_nothing_has_no_quantile():
    with pytest.raises(ValueError, match="nothing"):
        quantile([], 0.5)


@pytest.mark.parametrize(("seconds", "text"), [(0.0042, "4.2 ms"), (0.25, "250 ms"), (1.9304, "1,930 ms")])
def test_milliseconds_are_as_exact_as_they_are_worth(seconds, text):
    assert milliseconds(seconds) == text


def test_a_table_says_whether_a_goal_is_held():
    rows = [Row(what="a", goal="≤ 1", measured="2", holds=False), Row(what="bb", measured="3")]
    assert markdown(("what", "goal", "measured", "naive", "held"), [row.cells() for row in rows]) == (
        "| what | goal | measured | naive | held |\n"
        "| ---- | ---- | -------- | ----- | ---- |\n"
        "| a    | ≤ 1  | 2        |       | no   |\n"
        "| bb   |      | 3        |       |      |\n"
    )


DOCUMENT = "# T\n<!-- measured: a -->\nold\n<!-- end -->\nkept\n<!-- measured: b -->\nold\n<!-- end -->\n"


def test_only_the_named_block_is_written():
    assert fill(DOCUMENT, "b", r"\1 new" + "\n") == DOCUMENT.replace("b -->\nold", "b -->\n\\1 new")


def test_a_document_without_the_block_is_refused():
    with pytest.raises(ValueError, match="measured: c"):
        fill(DOCUMENT, "c", "")
