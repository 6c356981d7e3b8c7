"""What pictures cost that are billed by tokens: an estimate before, the bill out of the provider's figures after."""

from __future__ import annotations

from dataclasses import dataclass

from ..types import Cost, Request, Size
from .card import TokenPrice

MILLION = 1_000_000
MEGAPIXEL = 1024 * 1024
LETTERS_PER_TOKEN = 4
"""Rule of thumb for English text; the prompt is a thousandth of the price."""
PREVIEWS = 2
"""Partial pictures that are asked for when nobody says how many."""
TOKENS_PER_PREVIEW = 100
"""Each partial picture costs 100 output tokens (OpenAI's guide on streaming)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call as the provider counted them."""

    text_in: int = 0
    image_in: int = 0
    out: int = 0


def estimate(rate: TokenPrice, request: Request, size: Size) -> Cost:
    """Estimate all pictures of a request that come in this size."""
    quality = str(request.options.get("quality", "auto"))
    drawn = rate.drawn.get(quality, rate.drawn["auto"]) * size.pixels / MEGAPIXEL
    previews = request.options.get("previews", PREVIEWS)
    drawn += TOKENS_PER_PREVIEW * (previews if isinstance(previews, int) else 0)
    seen = sum(rate.seen * min(1.5, picture.size.pixels / MEGAPIXEL) for picture in request.pictures)
    text = len(request.prompt) / LETTERS_PER_TOKEN
    single = (text * rate.text_in + seen * rate.image_in + drawn * rate.image_out) / MILLION
    return Cost(amount=round(single * request.count, 4), currency="USD")


def bill(rate: TokenPrice, usage: Usage) -> Cost:
    """The cost of one call by the tokens the provider reported."""
    amount = usage.text_in * rate.text_in + usage.image_in * rate.image_in + usage.out * rate.image_out
    return Cost(amount=round(amount / MILLION, 6), currency="USD", exact=True)
