"""A refused prompt in gentler words, with everything else of the message where it was."""

from __future__ import annotations

import pytest

from flux_studio.commands import parse
from flux_studio.commands.softening import SHOWN, advice, softened, suggestion


@pytest.mark.parametrize(
    ("prompt", "reasons", "expected"),
    [
        ("a bloody knight with a sword", ("Violence",), "Peaceful, nobody hurt: a dramatic knight with a theatre prop"),
        ("a NAKED statue", ("Sexual Content",), "Tasteful, everyone fully clothed: a fully clothed statue"),
        (
            "Pikachu in the style of Akira Toriyama, at dusk",
            ("Derivative Works Filter",),
            "An original design with invented characters: a small yellow fantasy creature in the style of old master "
            "paintings, at dusk",
        ),
        ("a mayor", ("Public Figure",), "With invented people who resemble nobody: a mayor"),
        ("a lamp", (), "Tasteful and suitable for all ages: a lamp"),
        (
            "begun and gunmetal and knifeless",
            (),
            "Tasteful and suitable for all ages: begun and gunmetal and knifeless",
        ),
        (
            "x",
            ("Sexual Content", "Violence"),
            "Tasteful, everyone fully clothed; Peaceful, nobody hurt: x",
        ),
    ],
)
def test_gentler_words(prompt: str, reasons: tuple[str, ...], expected: str) -> None:
    assert softened(prompt, reasons) == expected


def test_asking_twice_adds_nothing() -> None:
    once = softened("a bloody knight", ("Violence",))
    assert softened(once, ("Violence",)) == once


@pytest.mark.parametrize("question", ["/imagine a bloody knight --ar 16:9", "a bloody knight --n 2 --seed 7"])
def test_command_and_flags_stay(question: str) -> None:
    typed = parse(question)
    again = parse(suggestion(question, typed.prompt, ("Violence",)))
    assert again.prompt == "Peaceful, nobody hurt: a dramatic knight"
    assert (again.flags, again.command) == (typed.flags, typed.command)


def test_a_prompt_with_a_flag_in_its_middle_is_offered_without_the_flag() -> None:
    question = "a bloody --n 2 knight"
    assert suggestion(question, parse(question).prompt) == "Tasteful and suitable for all ages: a dramatic knight"


def test_a_long_suggestion_is_cut_in_the_sentence_alone() -> None:
    assert len(advice("word " * 500)) < SHOWN + 60
    assert advice("a\nfox") == "A gentler wording to try: “a fox”."
