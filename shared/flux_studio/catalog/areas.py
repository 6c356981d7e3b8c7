"""What belongs to editing an area: masks, margins and places on a canvas, compared with a card (pure)."""

from __future__ import annotations

from ..errors import InvalidRequest
from ..types import Mask, OptionValue, Request
from .card import ModelCard

NEEDS_MASK = frozenset({"inpaint", "erase", "expand"})
"""Tasks in which a model with a mask of its own must be told where."""
MARGINS = ("top", "bottom", "left", "right")
OFFSETS = ("offset_x", "offset_y")


def has_options(card: ModelCard, names: tuple[str, ...]) -> bool:
    """Whether the model is told the area by these options."""
    return all(card.option(name) is not None for name in names)


def area_faults(card: ModelCard, request: Request) -> list[InvalidRequest]:
    """Return what is wrong with the mask and the place of the picture; nothing when the card can do it."""
    faults = [_mask_fault(card, request), _markup_fault(card, request)]
    if request.task == "expand" and request.pictures:
        faults += [_margin_fault(card, request), _canvas_fault(card, request)]
    return [fault for fault in faults if fault is not None]


def _mask_fault(card: ModelCard, request: Request) -> InvalidRequest | None:
    mask = request.mask
    if mask is None:
        needed = request.task in NEEDS_MASK and request.task in card.tasks and card.mask != "none"
        if request.markup is not None or not needed:
            return None
        sentence = f"Paint the area to {request.task} first."
        return InvalidRequest("mask", "no mask", "a painted mask", sentence=sentence)
    if card.mask == "none":
        sentence = f"{card.label} takes no mask; describe the change in the prompt."
        return InvalidRequest("mask", "a mask", "none", sentence=sentence)
    if request.pictures and (mask.width, mask.height) != (request.pictures[0].width, request.pictures[0].height):
        allowed = f"the size of the picture, {request.pictures[0].size}"
        return InvalidRequest("mask", f"{mask.width} × {mask.height}", allowed)
    if _empty(mask):
        sentence = f"The mask is empty; paint the area to {request.task} first."
        return InvalidRequest("mask", "an empty mask", "a painted mask", sentence=sentence)
    return None


def _markup_fault(card: ModelCard, request: Request) -> InvalidRequest | None:
    markup = request.markup
    if markup is None:
        return None
    if card.markup != "layer":
        sentence = f"{card.label} takes no drawing over the picture; paint a mask or describe the change."
        return InvalidRequest("markup", "a drawing", "none", sentence=sentence)
    if request.mask is not None:
        sentence = f"{card.label} takes either a mask or a drawing over the picture, not both."
        return InvalidRequest("markup", "a drawing and a mask", "one of them", sentence=sentence)
    if not request.pictures or markup.size != request.pictures[0].size:
        allowed = (
            f"the size of the picture, {request.pictures[0].size}" if request.pictures else "a picture to draw over"
        )
        return InvalidRequest("markup", str(markup.size), allowed)
    if markup.mime != "image/png":
        return InvalidRequest("markup", markup.mime, "a transparent PNG")
    return None


def _empty(mask: Mask) -> bool:
    return mask.data.count(0) == len(mask.data)


def _margin_fault(card: ModelCard, request: Request) -> InvalidRequest | None:
    if not has_options(card, MARGINS) or any(_number(request.options.get(side)) for side in MARGINS):
        return None
    sentence = "Nothing to expand: pull at least one side of the frame beyond the picture."
    return InvalidRequest("region", "no margin", "a margin on at least one side", sentence=sentence)


def _canvas_fault(card: ModelCard, request: Request) -> InvalidRequest | None:
    if not has_options(card, OFFSETS):
        return None
    picture, canvas = request.pictures[0], request.size
    if canvas is None:
        return InvalidRequest("size", "no size", "the size of the new canvas")
    if canvas == picture.size:
        sentence = "Nothing to expand: pull at least one side of the frame beyond the picture."
        return InvalidRequest("region", str(canvas), "a canvas larger than the picture", sentence=sentence)
    given = [request.options.get(name) for name in OFFSETS]
    rooms = (canvas.width - picture.width, canvas.height - picture.height)
    # A place that is left out is the middle.
    places = [room // 2 if place is None else _number(place) for place, room in zip(given, rooms, strict=True)]
    if all(0 <= place <= room for place, room in zip(places, rooms, strict=True)):
        return None
    at = ", ".join(str(place) for place in places)
    return InvalidRequest("region", f"{picture.size} at {at}", f"a place within the canvas of {canvas}")


def _number(value: OptionValue | None) -> int:
    return value if type(value) is int else 0
