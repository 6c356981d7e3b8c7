"""Pictures named in a prompt: found outside of quotes, and called as the provider numbers them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux_studio.commands.mentions import Mention, is_only_a_choice, mentions, renamed


def found(prompt: str) -> list[tuple[str, int]]:
    return [(mention.kind, mention.number) for mention in mentions(prompt)]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("#2 make it night", [("chat", 2)]),
        ("edit #12: make it night", [("chat", 12)]),
        ("the cat of #2 on the sofa of (#3)", [("chat", 2), ("chat", 3)]),
        ("put [Image 1] into [ picture #2 ]", [("input", 1), ("input", 2)]),
        ("Image 2 on the wall of picture 1", [("words", 2), ("words", 1)]),
        ("a wall in #336699 and #123", []),
        ('a sign “#1” and "image 2" on it', []),
        ("C#1, page/#2, &#3; ##4 #5th", []),
        ("image 2.5 and picture 3:4", []),
        ("", []),
    ],
)
def test_what_names_a_picture(prompt: str, expected: list[tuple[str, int]]) -> None:
    assert found(prompt) == expected


@pytest.mark.parametrize(
    ("prompt", "leads"),
    [
        ("#2 make it night", True),
        ("  edit #2: make it night", True),
        ("#2", True),
        ("#2, but at night", True),
        ("#2's cat at night", False),
        ("change #2 to blue", False),
        ("make #2 blue", False),
    ],
)
def test_a_number_in_front_is_told_from_one_within(prompt: str, leads: bool) -> None:
    assert [mention.leads for mention in mentions(prompt)] == [leads]


@pytest.mark.parametrize("prompt", ["#3", " edit #3 ", "#3 and #4", "#3, #4 & #5.", "Edit #3:"])
def test_a_message_that_is_only_a_choice(prompt: str) -> None:
    assert is_only_a_choice(prompt)


@pytest.mark.parametrize("prompt", ["", "3", "edit", "#3 at night", "and", "[Image 3]", "“#3”"])
def test_a_message_that_says_more_or_nothing(prompt: str) -> None:
    assert not is_only_a_choice(prompt)


@pytest.mark.parametrize(
    ("prompt", "places", "inputs", "expected"),
    [
        ("#4 make it night", {4: 1}, 1, "make it night"),
        ("edit #4: make it night", {4: 1}, 1, "make it night"),
        ("make #4 darker", {4: 1}, 1, "make the image darker"),
        ("#4's cat", {4: 1}, 1, "the image's cat"),
        ("#4 and #7 side by side", {4: 1, 7: 2}, 2, "image 1 and image 2 side by side"),
        ("[Image 3] on [Image 1]", {3: 2, 1: 1}, 2, "image 2 on image 1"),
        ("picture 3 beside image 1", {3: 2, 1: 1}, 2, "picture 2 beside image 1"),
        ("sign #9 “#4” of #4", {4: 1}, 1, "sign #9 “#4” of the image"),
        ("a cat", {}, 0, "a cat"),
    ],
)
def test_pictures_are_called_as_the_provider_numbers_them(
    prompt: str, places: dict[int, int], inputs: int, expected: str
) -> None:
    assert renamed(prompt, lambda mention: places.get(mention.number), inputs) == expected


@given(st.text(alphabet="#12 imageIMAGE[]:,“”\"'\n", max_size=40))
def test_nothing_is_lost_but_the_names(prompt: str) -> None:
    def none(mention: Mention) -> int | None:
        return None

    assert renamed(prompt, none, 2) == prompt
    is_only_a_choice(prompt)
