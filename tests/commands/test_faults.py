"""A refused setting is named as it is typed in a message."""

from __future__ import annotations

import pytest

from flux_studio.catalog import card
from flux_studio.catalog.check import check
from flux_studio.commands import in_flags
from flux_studio.errors import InvalidRequest
from flux_studio.types import Request


@pytest.mark.parametrize(
    ("model", "wish", "sentence"),
    [
        ("flux-tiny", {"aspect": "16:9"}, "--ar: “16:9” is not possible"),
        ("gpt-image-2", {"options": {"input_fidelity": "high"}}, "has no setting --fidelity; it has: --quality,"),
        ("flux-2-flex", {"options": {"steps": 900}}, "--steps: “900” is not possible"),
        ("flux-2-pro", {"options": {"input_fidelity": "high"}}, "it has: --upsample, --safety."),
        ("flux-tiny", {"options": {"input_fidelity": "high"}}, "it has: --steps, --guidance."),
        ("flux-2-pro", {"options": {"sharpness": 3}}, "has no setting “sharpness”; it has: prompt_upsampling"),
    ],
)
def test_settings_are_named_by_their_flags(model, wish, sentence):
    request = Request(task="generate", model=model, prompt="a fox", **wish)
    with pytest.raises(InvalidRequest) as caught:
        check(card(model), request, safety_cap=2)
    assert sentence in in_flags(caught.value).sentence


def test_of_several_faults_each_is_translated():
    options = {"steps": 900, "guidance": 900.0}
    with pytest.raises(InvalidRequest) as caught:
        check(
            card("flux-2-flex"),
            Request(task="generate", model="flux-2-flex", prompt="x", options=options),
            safety_cap=2,
        )
    sentence = in_flags(caught.value).sentence
    assert sentence.startswith("(1) --steps: ")
    assert "(2) --guidance: " in sentence
