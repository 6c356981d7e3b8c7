"""Ratios and sizes as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux_studio.catalog.aspect import parse_aspect, parse_size
from flux_studio.types import Size


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("16:9", "16:9"),
        ("16x9", "16:9"),
        ("16 X 9", "16:9"),
        ("16/9", "16:9"),
        ("16：9", "16:9"),
        ("21:9", "21:9"),
        (" 4:3 ", "4:3"),
        ("1.85:1", "37:20"),
        ("1024x768", "4:3"),
        ("1024×768", "4:3"),
        ("1920*1080", "16:9"),
        ("square", "1:1"),
        ("Landscape", "3:2"),
        ("PORTRAIT", "2:3"),
        ("١٦:٩", "16:9"),
    ],
)
def test_a_ratio_is_understood(text: str, aspect: str) -> None:
    assert parse_aspect(text) == aspect


@pytest.mark.parametrize(
    "text", ["", "16", "16:", ":9", "0:9", "16:0", "-16:9", "16:9:4", "1e3:1", "big", "9" * 1_000_000, "²:³", "nan:1"]
)
def test_anything_else_is_no_ratio(text: str) -> None:
    assert parse_aspect(text) is None


@pytest.mark.parametrize("text", ["1024x768", "1024×768", "1024 * 768", "1024X768", "1024:768"])
def test_a_size_is_understood(text: str) -> None:
    assert parse_size(text) == Size(width=1024, height=768)


@pytest.mark.parametrize("text", ["", "1024", "1024x", "0x768", "10.5x20", "-1x5", "landscape", "1000000x2"])
def test_anything_else_is_no_size(text: str) -> None:
    assert parse_size(text) is None


@given(st.text(max_size=30) | st.from_regex(r"\d{1,6}(\.\d{1,4})?\s*[:x×*/]\s*\d{1,6}(\.\d{1,4})?", fullmatch=True))
def test_a_parsed_ratio_is_read_again_as_itself(text: str) -> None:
    aspect = parse_aspect(text)
    if aspect is not None:
        assert parse_aspect(aspect) == aspect or max(map(int, aspect.split(":"))) > 99_999
