"""What /vary asks of a model: how far the variation goes, and the words that say so (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, cast

from .mentions import without_lead

Strength = Literal["subtle", "strong"]

INSTRUCTIONS: Mapping[Strength, str] = MappingProxyType(
    {
        "subtle": (
            "Make a subtle variation of this image: keep the subject, the composition, the colours and the style, "
            "and change small details only."
        ),
        "strong": (
            "Make a free variation of this image: keep the subject and the style, "
            "and choose another composition, another viewpoint and other details."
        ),
    }
)
LONGEST_DESCRIPTION = 1000
"""Characters of the first prompt that are repeated: enough to know the subject by."""

_STRENGTH = re.compile(r"\s*(subtle|strong)(?=[\s,.;:]|$)[\s,.;:]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """One wish for a variation."""

    strength: Strength = "subtle"
    words: str = ""
    """What the person wants besides."""


def read_variation(prompt: str) -> Variation:
    """Read "strong, but at night" or "#2 strong"; without a word about it the variation is subtle."""
    rest = without_lead(prompt)
    match = _STRENGTH.match(rest)
    if match is None:
        return Variation(words=rest.strip())
    words = without_lead(rest[match.end() :]).strip()
    return Variation(strength=cast(Strength, match[1].casefold()), words=words)


def instruction(variation: Variation, description: str = "") -> str:
    """The prompt for a model that edits; `description` is the prompt the picture was made from."""
    parts = [INSTRUCTIONS[variation.strength]]
    if description and variation.strength == "strong":
        parts.append(f"It shows: {description[:LONGEST_DESCRIPTION]}")
    return " ".join([*parts, variation.words]).strip()
