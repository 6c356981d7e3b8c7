"""The catalog as a table of texts."""

from __future__ import annotations

from flux_studio.catalog import CARDS
from flux_studio.catalog.table import HEADINGS, table_rows


def test_every_model_has_one_row_with_all_columns_filled() -> None:
    rows = table_rows()
    assert len(rows) == len(CARDS)
    assert all(len(row) == len(HEADINGS) and all(row) for row in rows)


def test_a_row_tells_what_the_model_can_do() -> None:
    (row,) = table_rows([CARDS["flux-2-flex"]])
    assert row == (
        "FLUX.2 [flex] (`flux-2-flex`)",
        "edit, generate, inpaint",
        "sides of at least 64 pixels in steps of 16, at most 4,194,304 in all",
        "up to 8",
        "seed, steps (whole number 1 to 50, default 50), guidance (number 1.5 to 10, default 5.0), "
        "prompt_upsampling (on or off, default on), safety_tolerance (whole number 0 to 5, default 2)",
        "6 credits, +6 per further output MP, +6 per input MP",
        "current",
    )


def test_what_follows_from_the_area_is_no_option_to_choose_and_modes_have_prices() -> None:
    (row,) = table_rows([CARDS["flux-tools-outpainting-v1"]])
    assert row[3] == "1"
    assert "offset" not in row[4]
    assert row[5] == "20 credits, 4.5 with mode fast"
