"""What people type, and what is understood."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux_studio.commands import FLAGS, Typed, parse
from flux_studio.errors import InvalidRequest, InvalidRequests, StudioError
from flux_studio.types import Size


def flags(text: str) -> dict[str, Any]:
    return dict(parse(text).flags)


def refused(text: str) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_every_example_of_the_table_is_understood_under_every_name(flag: Any) -> None:
    for name in (flag.name, *flag.aliases):
        typed = parse(flag.example.replace(f"--{flag.name}", f"--{name}", 1))
        assert list(typed.flags) == [flag.sets]
        assert typed.prompt == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--ar 16:9", {"aspect": "16:9"}),
        ("--ar=16:9", {"aspect": "16:9"}),
        ("--ar: 16x9 --N 2", None),
        ("--AR 16x9", {"aspect": "16:9"}),
        ("--ar 16 : 9", {"aspect": "16:9"}),
        ("--ar landscape", {"aspect": "3:2"}),
        ('--ar "16:9"', {"aspect": "16:9"}),
        ("--ar “16:9”", {"aspect": "16:9"}),
        ("--size 1024×768", {"size": Size(width=1024, height=768)}),
        ("--size 1024 x 768", {"size": Size(width=1024, height=768)}),
        ("--seed 0", {"seed": 0}),
        ("--seed random", {"seed": None}),
        ("--seed -1", {"seed": None}),
        ("--guidance 3,5", {"guidance": 3.5}),
        ("--raw", {"raw": True}),
        ("--raw off", {"raw": False}),
        ("--raw=no", {"raw": False}),
        ("--raw FALSE", {"raw": False}),
        ("--format JPG", {"format": "jpeg"}),
        ("--safety_tolerance 1", {"safety_tolerance": 1}),
        ("--model “FLUX.2 [pro]”", {"model": "FLUX.2 [pro]"}),
        ("--n 2 --raw --seed=7", {"count": 2, "raw": True, "seed": 7}),
    ],
)
def test_values_are_read_in_the_flags_own_type(text: str, expected: dict[str, Any] | None) -> None:
    if expected is None:
        assert refused(text).field == "--ar"
    else:
        assert flags(text) == expected


@pytest.mark.parametrize("dashes", ["--", "—", "–", "――", "—-", "-–"])
def test_the_long_dashes_of_the_chat_box_are_flags_too(dashes: str) -> None:
    assert parse(f"a cat {dashes}ar 16:9 on a mat") == Typed(prompt="a cat on a mat", flags={"aspect": "16:9"})


@pytest.mark.parametrize(
    "text",
    [
        "a cat — black",
        "a cat – black",
        "well—known",
        "3--4",
        "-- ",
        "--",
        "—",
        "--- title ---",
        "-n 2",
        "a–b –5 degrees --7",
        "—Hola —Dijo el gato",
        "—как дела",
        "the cat —black and white— sits",
        "the cat --black and white-- sits",
        "a --> b <-- c",
        "https://example.com/--ar/16",
        "x=--n",
        "--größe/3",
    ],
)
def test_a_dash_in_prose_is_no_flag(text: str) -> None:
    assert parse(text) == Typed(prompt=text)


@pytest.mark.parametrize(
    "text",
    [
        'a sign "--ar 16:9" at night',
        "a sign “—ar 16:9” at night",
        "ein Schild „--n 2“ bei Nacht",
        "une affiche « --n 2 » la nuit",
        'a sign ("--raw")',
        '"multi\n--n 3\nline"',
        'mixed “--n 3" marks',
    ],
)
def test_a_flag_in_quotes_is_prompt_text_and_the_quotes_stay(text: str) -> None:
    if "« " in text:
        text = text.replace("« ", "«").replace(" »", "»")
    assert parse(text) == Typed(prompt=text)


def test_a_flag_after_a_quotation_still_counts() -> None:
    assert parse('a "red --n 9" sign --n 2 "and" --raw') == Typed(
        prompt='a "red --n 9" sign "and"', flags={"count": 2, "raw": True}
    )


def test_inch_marks_and_open_quotes_quote_nothing() -> None:
    assert parse('a 12" ruler --n 2 and a 5" nail').flags == {"count": 2}
    assert parse('he said "hello --n 2').flags == {"count": 2}


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("--n 2 a cat", "a cat"),
        ("a cat --n 2", "a cat"),
        ("a --n 2 --raw cat", "a cat"),
        ("a cat --n 2, black", "a cat, black"),
        ("a cat --ar 16:9. A dog", "a cat. A dog"),
        ("one\n--n 2\ntwo", "one\ntwo"),
        ("one\n\n--n 2 two\n", "one\n\ntwo\n"),
        ("one\n\n--n 2", "one\n"),
        ("--n 2 --raw\none\n  two", "one\n  two"),
        ("  a  cat  --n 2", "  a  cat"),
        ("猫 --n 2 と犬", "猫 と犬"),
        ("قطة —n 2 سوداء", "قطة سوداء"),
    ],
)
def test_the_rest_of_the_prompt_stays_verbatim(text: str, prompt: str) -> None:
    assert parse(text).prompt == prompt


class TestFaults:
    def test_an_unknown_flag_is_named_with_the_nearest(self) -> None:
        error = refused("a cat —stepz 4")
        assert error.field == "--stepz"
        assert error.sentence.startswith("There is no flag --stepz; did you mean --steps?")

    def test_a_flag_like_no_other_is_answered_with_all_of_them(self) -> None:
        sentence = refused("a cat --zzzz").sentence
        assert all(f"--{flag.name}" in sentence for flag in FLAGS)

    @pytest.mark.parametrize(
        ("text", "field", "allowed"),
        [
            ("--n 9", "--n", "whole number 1 to 8"),
            ("--n 0", "--n", "whole number 1 to 8"),
            ("--n two", "--n", "whole number 1 to 8"),
            ("--count 1.5", "--n", "whole number 1 to 8"),
            ("--seed 4294967296", "--seed", "whole number 0 to 4294967295, or random"),
            ("--seed -2", "--seed", "whole number 0 to 4294967295, or random"),
            ("--steps " + "9" * 5000, "--steps", "whole number such as 28"),
            ("--guidance nan", "--guidance", "number such as 3.5"),
            ("--guidance inf", "--guidance", "number such as 3.5"),
            ("--safety 7", "--safety", "whole number 0 to 6, up to what your admin allows"),
            ("--raw=maybe", "--raw", "on or off"),
            ("--format gif", "--format", "jpeg, png, webp"),
            ("--size 16", "--size", "width x height in pixels such as 1024x768, or 1K, 2K, 4K together with --ar"),
            ("--ar 16:0", "--ar", FLAGS[0].allowed),
        ],
    )
    def test_a_bad_value_is_named_with_what_is_allowed(self, text: str, field: str, allowed: str) -> None:
        error = refused(text)
        assert (error.field, error.allowed) == (field, allowed)
        assert len(error.sentence) < 300

    @pytest.mark.parametrize("text", ["--n", "--n --raw", "--n=", "--n\n2", "--n —raw"])
    def test_a_missing_value_is_asked_for(self, text: str) -> None:
        assert refused(text).sentence == "--n needs a value: whole number 1 to 8."

    @pytest.mark.parametrize("text", ["--ar 1:1 --aspect 2:3", "--raw --raw", "--seed random --seed 3"])
    def test_a_repeated_flag_is_refused(self, text: str) -> None:
        assert "is given more than once" in refused(text).sentence

    def test_several_faults_come_together(self) -> None:
        error = refused("--n 9 --foo --ar cat a cat --seed")
        assert isinstance(error, InvalidRequests)
        assert [fault.field for fault in error.faults] == ["--n", "--foo", "--ar", "--seed"]

    @pytest.mark.parametrize("piece", [" --x", " --raw", ' "', " «", " —aa", " “a", "—", "\n--n 2 "])
    def test_a_hostile_text_gets_a_short_answer_or_passes(self, piece: str) -> None:
        try:
            parse(piece * (190_000 // len(piece)))
        except InvalidRequest as error:
            message = error.sentence
        else:
            message = ""
        assert len(message) < 4000

    def test_a_giant_text_is_refused(self) -> None:
        assert refused("x" * 1_000_000).allowed == "up to 200,000 characters"


class TestCommands:
    @pytest.mark.parametrize(
        ("text", "name", "prompt"),
        [
            ("/imagine a cat", "imagine", "a cat"),
            ("/imagine", "imagine", ""),
            ("  /imagine\n a cat", "imagine", "a cat"),
            ("/imagine --n 2 a cat", "imagine", "a cat"),
            ("/models", "models", ""),
            ("/help ", "help", ""),
        ],
    )
    def test_a_known_first_word_is_a_command(self, text: str, name: str, prompt: str) -> None:
        typed = parse(text)
        assert typed.command is not None
        assert (typed.command.name, typed.prompt) == (name, prompt)

    @pytest.mark.parametrize(
        "text", ["/imagined a cat", "/Imagine a cat", "imagine", "a /imagine", "/ imagine", "/path/x"]
    )
    def test_anything_else_is_prompt(self, text: str) -> None:
        typed = parse(text)
        assert (typed.command, typed.prompt) == (None, text)

    def test_a_mistyped_command_is_drawn_with_a_notice(self) -> None:
        typed = parse("/imagin a cat")
        assert typed.prompt == "/imagin a cat"
        assert "did you mean /imagine?" in typed.notices[0]


PIECES = st.sampled_from(
    [
        *(f"{dash}{name}" for dash in ("--", "—", "–") for name in ("ar", "n", "raw", "seed", "size", "foo", "model")),
        *(
            " ",
            "\n",
            "=",
            ":",
            "16:9",
            "2",
            "on",
            "cat",
            '"',
            "“",
            "”",
            "„",
            "«",
            "»",
            "/imagine",
            "—",
            "--",
            ",",
            "\u00a0",
        ),
    ]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=15).map("".join))
def test_parsing_answers_with_a_sentence_or_a_prompt(text: str) -> None:
    try:
        typed = parse(text)
    except StudioError as error:
        message = error.sentence
        typed = None
    assert typed is not None or message
    if typed is not None:
        assert len(typed.prompt) <= len(text)


@given(st.text(st.characters(blacklist_characters="-—–―‒−/"), max_size=200))
def test_a_text_without_dashes_comes_back_verbatim(text: str) -> None:
    assert parse(text) == Typed(prompt=text)


@given(
    st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8), min_size=1, max_size=6), st.data()
)
def test_a_flag_may_stand_anywhere(words: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(words)))
    typed = parse(" ".join([*words[:place], "—seed 7", *words[place:]]))
    assert typed == Typed(prompt=" ".join(words), flags={"seed": 7})
