"""From an edit of an area to what a model takes: a mask, margins, a place on a canvas, or the picture alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..catalog import ModelCard
from ..catalog.areas import MARGINS, OFFSETS, has_options
from ..catalog.sizes import nearest_listed
from ..types import Mask, OptionValue, Picture, Request
from .area import WorkArea
from .paste import cut_out, cut_picture


def request_for(request: Request, original: Picture, mask: Mask, area: WorkArea, card: ModelCard) -> Request:
    """Fill in what the card's model gets: the cut-out picture first, then the pictures the request already has.

    The mask has the size of the area's canvas. A model without a mask of its own gets the picture alone.
    """
    if has_options(card, MARGINS):
        return _placed(request, cut_picture(original, area), _margins(area))
    if has_options(card, OFFSETS):
        offsets = dict(zip(OFFSETS, (area.inside.x, area.inside.y), strict=True))
        return replace(_placed(request, cut_picture(original, area), offsets), size=area.sent, aspect=None)
    picture, sent_mask = cut_out(original, mask, area)
    return replace(
        request,
        pictures=(picture, *request.pictures),
        mask=None if card.mask == "none" else sent_mask,
        size=area.sent if card.size.kind in ("free", "choice") else None,
        aspect=nearest_listed(area.sent, card.size),
    )


def _placed(request: Request, picture: Picture, numbers: Mapping[str, OptionValue]) -> Request:
    options = {**request.options, **numbers}
    return replace(request, pictures=(picture, *request.pictures), mask=None, options=options)


def _margins(area: WorkArea) -> dict[str, OptionValue]:
    inside, sent = area.inside, area.sent
    sides = (inside.y, sent.height - inside.bottom, inside.x, sent.width - inside.right)
    return dict(zip(MARGINS, sides, strict=True))
