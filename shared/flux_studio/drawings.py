"""How a drawing over a picture reaches a model: as a layer of its own, or as one more reference and a sentence."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .catalog import ModelCard
from .errors import InvalidRequest
from .imaging.markup import drawn_over
from .jobs.requests import MARKUP
from .types import Picture, Request

SENTENCE = (
    "Image {number} is image 1 with notes drawn on it: do what its arrows, boxes, numbers and words say, "
    "and leave none of them in the result."
)


def require_markup(card: ModelCard, png: bytes) -> None:
    """Raise InvalidRequest (field "markup") when there is a drawing and the model takes none."""
    if png and card.markup == "none":
        sentence = f"{card.label} takes no drawing over the picture; paint a mask or describe the change."
        raise InvalidRequest("markup", "a drawing", "none", sentence=sentence)


def with_markup(request: Request, markup: Picture, card: ModelCard) -> Request:
    """Put the drawing into a request whose first picture it lies on, in the way the card's model takes it.

    A layer takes the place of the mask (a model takes one of them); what is masked is pasted back all the same.
    Encodes, so call it in a thread.
    """
    if card.markup == "layer":
        return replace(request, task="edit" if "edit" in card.tasks else request.task, mask=None, markup=markup)
    pictures = (*request.pictures, drawn_over(request.pictures[0], markup))
    told = SENTENCE.format(number=len(request.pictures) + 1)
    if request.prompt.endswith(told):  # a job that is run again knows it already
        return replace(request, pictures=pictures)
    words = f"{request.prompt.strip()} {told}".strip()
    return replace(request, prompt=words, typed=request.typed or request.prompt, pictures=pictures)


def kept(png: bytes) -> dict[str, Any]:
    """What a job's stored request keeps of the drawing, so that any worker can send it again."""
    return {MARKUP: base64.b64encode(png).decode("ascii")} if png else {}


def markup_of(data: Mapping[str, Any] | None) -> bytes:
    """The drawing kept with a job's request; b"" for a job without one."""
    return base64.b64decode((data or {}).get(MARKUP) or "")


__all__: Sequence[str] = ("kept", "markup_of", "require_markup", "with_markup")
