"""The engine's models: free, known to be so everywhere, and with suggestions that they can draw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flux_engine.tiny.vocabulary import unknown_words
from flux_studio.captions import caption, estimate_text
from flux_studio.catalog import CARDS
from flux_studio.catalog.engine import ENGINE_CARDS
from flux_studio.catalog.entries import model_entry
from flux_studio.catalog.price import price, usual_price
from flux_studio.catalog.sizes import ratio_limits, size_limits
from flux_studio.catalog.table import price_text
from flux_studio.commands import parse
from flux_studio.jobs import JobRecord, Outcome
from flux_studio.jobs.ledger import row_of, total
from flux_studio.types import Request


@pytest.mark.parametrize("row", ENGINE_CARDS, ids=lambda row: row.name)
def test_the_own_machine_costs_nothing(row):
    cost = price(row, Request(task="generate", model=row.name, prompt="x", count=4))
    assert cost is not None
    assert cost.amount == 0
    assert price_text(row.price) == "free"
    assert usual_price(row) is not None


def test_the_one_size_of_flux_tiny_is_said_as_one():
    assert size_limits(CARDS["flux-tiny"].size) == "128 × 128 pixels"
    assert ratio_limits(CARDS["flux-tiny"].size) == "1:1"


def test_what_is_free_is_neither_announced_nor_estimated():
    record = JobRecord(user="ann", request_id="m:0", model="flux-tiny", provider="engine", amount=0.0)
    assert estimate_text([record]) == ""
    assert "credit" not in caption("FLUX Tiny", [Outcome()])
    assert not total([row_of(record)]).about
    assert total([row_of(replace(record, amount=None))]).about


def suggested(name: str) -> list[str]:
    return [row["content"] for row in model_entry(name, "", "")["meta"]["suggestion_prompts"]]


def test_flux_tiny_suggests_what_it_knows():
    prompts = [typed.prompt for typed in map(parse, suggested("flux-tiny")) if not typed.command]
    assert prompts
    assert [unknown_words(prompt) for prompt in prompts] == [[]] * len(prompts)


@pytest.mark.parametrize("row", CARDS.values(), ids=lambda row: row.name)
def test_no_prompt_is_suggested_to_a_model_that_needs_a_picture(row):
    if row.in_chat and row.listed and row.state == "current" and row.pictures.required:
        assert suggested(row.name) == ["/help"]
