"""The .env file beside studio.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.dotenv import DotenvError, load, parse


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("KEY=abc", "abc"),
        ("  export KEY = abc  ", "abc"),
        ('KEY="a b # c"', "a b # c"),
        ("KEY='a\"b'  # note", 'a"b'),
        ("KEY=abc # note", "abc"),
        ("KEY=a#b", "a#b"),
        ("KEY=a=b", "a=b"),
        ("KEY=", ""),
        ("KEY= # only a note", ""),
        ('KEY="half', '"half'),
    ],
)
def test_a_line_is_read_as_people_write_it(line: str, value: str) -> None:
    assert parse(line) == {"KEY": value}


def test_blank_lines_and_comments_are_skipped() -> None:
    assert parse("\n# FLUX_API_KEY=no\n\nA=1\n") == {"A": "1"}


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=file\nB=file\n", "utf-8-sig")
    environ = {"A": "own"}
    load(path, environ)
    assert environ == {"A": "own", "B": "file"}


def test_without_a_file_nothing_happens(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    load(tmp_path / ".env", environ)
    assert environ == {}


def test_a_bad_line_is_named_by_number_and_never_shown() -> None:
    with pytest.raises(DotenvError, match=r"^Line 2 of \.env is not NAME=VALUE\.$"):
        parse("A=1\nsecret-key-without-a-name\n")
