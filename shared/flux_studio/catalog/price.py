"""What a request costs: the only place that knows prices."""

from __future__ import annotations

from ..types import Cost, Request, Size
from .card import ModelCard, TokenPrice
from .tokens import estimate

MEGAPIXEL = 1024 * 1024
"""BFL reported a picture of 256 x 256 as 0.06 MP: that is 2^20 pixels, 10^6 would have been 0.07."""


def price(card: ModelCard, request: Request) -> Cost | None:
    """Estimate all pictures of a checked request; None when the card has no price.

    Less than one output megapixel costs as much as one; inputs count with the area that is uploaded.
    """
    rate = card.price
    if rate is None:
        return None
    if isinstance(rate, TokenPrice):
        return estimate(rate, request, output_size(card, request))
    further = max(0.0, output_size(card, request).pixels / MEGAPIXEL - 1)
    inputs = sum(min(picture.size.pixels, card.pictures.max_pixels) for picture in request.pictures) / MEGAPIXEL
    first = rate.modes.get(str(request.options.get(rate.by)), rate.first)
    single = first + rate.output_megapixel * further + rate.input_megapixel * inputs
    return Cost(amount=round(single * request.count, 4))


def usual_price(card: ModelCard) -> Cost | None:
    """What one new picture of the usual size costs, for lists; None when nobody knows."""
    return price(card, Request(task="generate", model=card.name, prompt=""))


def output_size(card: ModelCard, request: Request) -> Size:
    """Return the size to expect: the wish, else the first input's where the model follows it, else the usual area."""
    rule = card.size
    if request.size is not None:
        return request.size
    follows = rule.kind == "input" or (rule.kind == "free" and rule.default is None)
    if request.pictures and follows:
        first = request.pictures[0].size
        return first if rule.max_pixels is None or first.pixels <= rule.max_pixels else _square(rule.max_pixels)
    return rule.default or _square(rule.typical_pixels)


def _square(pixels: int) -> Size:
    side = round(pixels**0.5)
    return Size(width=side, height=side)
