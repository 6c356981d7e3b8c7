"""The card of a registered finetune: its base with the finetune's own id, name, strength and defaults."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flux_studio.catalog.check import check
from flux_studio.catalog.flux_finetuned import FINETUNE_BASES, Finetune, finetuned_card
from flux_studio.errors import InvalidRequest
from flux_studio.types import Request

MINE = Finetune(id="a1b2", remote_id="0f3c-9d", base="pro", label="My dog", trigger_word="TOK")


def test_a_finetune_is_a_model_with_its_own_name() -> None:
    card = finetuned_card(MINE)
    assert (card.name, card.label, card.endpoint) == ("finetune-a1b2", "My dog (pro)", "/v1/flux-pro-finetuned")
    assert card.summary == "Finetune for FLUX.1 [pro]; write “TOK” into the prompt"
    assert card.extra == {"finetune_id": "0f3c-9d"}
    assert card.pinned


@pytest.mark.parametrize("base", FINETUNE_BASES)
def test_every_base_gets_the_id(base: str) -> None:
    card = finetuned_card(replace(MINE, base=base))
    assert card.extra["finetune_id"] == "0f3c-9d"
    assert card.endpoint == f"/v1/{FINETUNE_BASES[base].name}"
    assert card.pinned == (not base.startswith("klein"))


def test_steps_guidance_and_strength_stand_where_finetuning_interfaces_have_them() -> None:
    options = {spec.name: spec.default for spec in finetuned_card(MINE).options}
    assert (options["steps"], options["guidance"], options["finetune_strength"]) == (40, 2.5, 1.0)


def test_the_registry_may_set_another_strength() -> None:
    spec = finetuned_card(replace(MINE, strength=1.3)).option("finetune_strength")
    assert spec is not None
    assert (spec.default, spec.minimum, spec.maximum) == (1.3, 0.0, 2.0)


def test_a_strength_beyond_the_range_is_refused() -> None:
    request = Request(task="generate", model="finetune-a1b2", prompt="TOK", options={"finetune_strength": 2.1})
    with pytest.raises(InvalidRequest) as caught:
        check(finetuned_card(MINE), request, safety_cap=6)
    assert (caught.value.field, caught.value.allowed) == ("finetune_strength", "number 0 to 2")


def test_an_unknown_base_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        finetuned_card(replace(MINE, base="dev"))
