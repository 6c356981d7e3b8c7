"""Wishes said in words are understood at the ends of a prompt where they can mean nothing else, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux_studio.commands import parse, with_words
from flux_studio.types import Size


def understood(text: str) -> tuple[str, dict[str, Any]]:
    typed = with_words(parse(text))
    return typed.prompt, dict(typed.flags)


@pytest.mark.parametrize(
    ("text", "prompt", "flags"),
    [
        ("a red fox, 16:9", "a red fox", {"aspect": "16:9"}),
        ("a red fox, 16:9, 2 images", "a red fox", {"aspect": "16:9", "count": 2}),
        ("a red fox, 2 images, 16:9.", "a red fox", {"aspect": "16:9", "count": 2}),
        ("a red fox; 4 pictures", "a red fox", {"count": 4}),
        ("a red fox\nfour variants", "a red fox", {"count": 4}),
        ("a red fox. 4 pictures", "a red fox.", {"count": 4}),
        ("a red fox in 16:9", "a red fox", {"aspect": "16:9"}),
        ("a red fox in portrait format", "a red fox", {"aspect": "2:3"}),
        ("a red fox, landscape orientation", "a red fox", {"aspect": "3:2"}),
        ("a red fox, portrait, 4 pictures", "a red fox", {"aspect": "2:3", "count": 4}),
        ("a red fox, 1024x768", "a red fox", {"size": Size(width=1024, height=768)}),
        ("a red fox, 1024 × 768 px", "a red fox", {"size": Size(width=1024, height=768)}),
        ("a red fox, 2K, 16:9", "a red fox", {"size": "2K", "aspect": "16:9"}),
        ("16:9, a red fox", "a red fox", {"aspect": "16:9"}),
        ("16:9: a red fox", "a red fox", {"aspect": "16:9"}),
        ("2 images: a red fox", "a red fox", {"count": 2}),
        ("Give me 3 different images: a red fox, 1:1", "a red fox", {"count": 3, "aspect": "1:1"}),
        ("a red fox, 16:9 --seed 4", "a red fox", {"aspect": "16:9", "seed": 4}),
        ("a sign “16:9, 2 images”, 2 images", "a sign “16:9, 2 images”", {"count": 2}),
    ],
)
def test_what_is_understood(text: str, prompt: str, flags: dict[str, Any]) -> None:
    assert understood(text) == (prompt, flags)


@pytest.mark.parametrize(
    "text",
    [
        "a wall with 4 pictures",
        "4 pictures of a fox on a wall",
        "a woman, portrait",
        "mountains, landscape",
        "a clock, 12:30",
        "the final score, 3:0",
        "a poster, “16:9”",
        'a poster with the words "a fox, 16:9"',
        "a fox, 20 pictures",
        "a fox, 0 pictures",
        "16:9",
        "2 images",
        "16:9, 2 images",
        "a fox, 16:9 --ar 1:1",
        "a fox, 16:9 --size 512x512",
        "a fox, 2 images --n 4",
        "a fox, 2 images, 3 images",
        "a fox, 16:9, 1:1",
        "a fox, 16:9, 1024x768",
        "a fox, 2 image stabilisers",
        "",
    ],
)
def test_what_stays_part_of_the_prompt(text: str) -> None:
    typed = parse(text)
    assert with_words(typed) == typed


def test_it_is_said_what_was_understood() -> None:
    (notice,) = with_words(parse("a red fox, 16:9, 2 images")).notices
    assert (
        notice == "“2 images”, “16:9” were read as `--n 2`, `--ar 16:9`; in quotes they would stay part of the prompt."
    )
    (notice,) = with_words(parse("a red fox, 1024 x 768")).notices
    assert "`--size 1024x768`" in notice


@given(st.text(alphabet='a16:9,; \n"“”.24kx', max_size=60))
def test_no_text_breaks_it_and_only_its_ends_are_taken(text: str) -> None:
    typed = parse(text)
    assert with_words(typed).prompt in typed.prompt
