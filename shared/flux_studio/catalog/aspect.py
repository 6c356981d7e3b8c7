"""Ratios and sizes as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from ..types import Size, SizeClass

NAMED_RATIOS: Mapping[str, str] = MappingProxyType(
    {
        "square": "1:1",
        "landscape": "3:2",
        "portrait": "2:3",
        "wide": "16:9",
        "widescreen": "16:9",
        "tall": "9:16",
        "vertical": "9:16",
        "panorama": "21:9",
        "ultrawide": "21:9",
    }
)

_NUMBER = r"(\d{1,5}(?:\.\d{1,3})?)"
_PAIR = re.compile(rf"{_NUMBER}\s*[:：∶xX×*/]\s*{_NUMBER}")
_LARGEST_KEPT = 99
"""Ratios up to 99:99 stay as written (21:9 is not turned into 7:3); larger numbers are pixels and are reduced."""


def parse_aspect(text: str) -> str | None:
    """Return "W:H" for 16:9, 16x9, 1.85:1, 1024×768 or a name such as landscape; None for anything else."""
    word = text.strip()
    if word.casefold() in NAMED_RATIOS:
        return NAMED_RATIOS[word.casefold()]
    pair = _PAIR.fullmatch(word)
    if pair is None:
        return None
    width, height = Fraction(pair[1]), Fraction(pair[2])
    return ratio_text(width, height) if width and height else None


def parse_size(text: str) -> Size | None:
    """Return width and height in pixels for 1024x768, 1024×768 or 1024*768; None for anything else."""
    pair = _PAIR.fullmatch(text.strip())
    if pair is None or not pair[1].isdecimal() or not pair[2].isdecimal():
        return None
    width, height = int(pair[1]), int(pair[2])
    return Size(width=width, height=height) if width and height else None


def parse_size_class(text: str) -> SizeClass | None:
    """Return 1K, 2K or 4K, written in either case; None for anything else."""
    known: Mapping[str, SizeClass] = {"1K": "1K", "2K": "2K", "4K": "4K"}
    return known.get(text.strip().upper())


def ratio_text(width: Fraction | int, height: Fraction | int) -> str:
    """Write a ratio of two positive numbers as two whole numbers."""
    small = max(width, height) <= _LARGEST_KEPT
    if small and Fraction(width).denominator == Fraction(height).denominator == 1:
        return f"{int(width)}:{int(height)}"
    ratio = Fraction(width) / Fraction(height)
    return f"{ratio.numerator}:{ratio.denominator}"


def ratio_of(aspect: str) -> Fraction:
    """Width / height of what parse_aspect returned."""
    width, height = aspect.split(":")
    return Fraction(int(width), int(height))
