"""How many tokens the sandbox counts for a call: the published figures, scaled by area (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .pictures import InputPicture

MEGAPIXEL = 1024 * 1024
DRAWN: Mapping[str, int] = {"auto": 1056, "low": 272, "medium": 1056, "high": 4160, "xhigh": 8320, "max": 16640}
SEEN = 1200
"""Input tokens for a picture of one megapixel."""
PARTIAL = 100
LETTERS = 4


def usage(
    fields: Mapping[str, Any], pictures: Sequence[InputPicture], size: tuple[int, int], previews: int
) -> dict[str, Any]:
    """The `usage` object of an answer."""
    text = max(1, len(str(fields.get("prompt", ""))) // LETTERS)
    seen = sum(round(SEEN * picture.width * picture.height / MEGAPIXEL) for picture in pictures)
    drawn = round(DRAWN[str(fields.get("quality", "auto"))] * size[0] * size[1] / MEGAPIXEL) + PARTIAL * previews
    return {
        "input_tokens": text + seen,
        "output_tokens": drawn,
        "total_tokens": text + seen + drawn,
        "input_tokens_details": {"text_tokens": text, "image_tokens": seen},
        "output_tokens_details": {"text_tokens": 0, "image_tokens": drawn},
    }
