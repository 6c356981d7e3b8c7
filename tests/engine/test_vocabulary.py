"""What FLUX Tiny takes, and the sentence for what it does not."""

from __future__ import annotations

import pytest

from flux_engine.tiny.vocabulary import refusal, translated


@pytest.mark.parametrize(
    "prompt",
    [
        "a red circle on a blue background",
        "Draw a BIG grey star, please",
        "small violet heart at the top left",
        "green",
        "turn the background white",
    ],
)
def test_a_prompt_it_can_draw(prompt):
    assert refusal(prompt) == ""


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("a red cat", "does not know “cat”"),
        ("a red cirle", "Did you mean “circle”?"),
        ("ein roter Kreis", "“ein”, “roter”, “kreis”"),
        ("please draw", "Name a shape or a colour"),
        ("12345", "Name a shape or a colour"),
    ],
)
def test_a_prompt_it_cannot_draw_gets_a_sentence(prompt, text):
    assert text in refusal(prompt)
    assert "It is a small model" in refusal(prompt)


def test_synonyms_become_its_own_words():
    assert translated("A big grey disk, upper left") == "a large gray circle, top left"
