"""An edit of a part of a picture: what is sent, what any worker needs to finish it, how the answer is put back."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import drawings
from .catalog import ModelCard
from .errors import InvalidRequest
from .imaging import area, masks, paste
from .imaging.area import Box, WorkArea
from .imaging.edit import request_for
from .imaging.markup import cut_markup, drawn_box, read_markup
from .jobs.requests import EDIT
from .types import Mask, Picture, Request, Result, Size, Task

EDITING: tuple[Task, ...] = ("inpaint", "erase", "expand", "edit")
"""Tasks that repaint a part of a picture, the more particular one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Which pixels may change and what of the picture is sent; kept with the job as JSON."""

    task: Task
    mask: bytes = field(repr=False)
    """PNG of the region's size (the picture's without a region), 255 = repaint; empty: only the new ground."""
    region: Box | None
    """In picture pixels; reaching beyond the picture extends it."""
    area: WorkArea
    protect: bool = True
    """Put everything that is not masked back as it was; without it the model's answer stays as it is."""
    seam: int | None = None
    """Width of the blend inside the mask in pixels, 0 to paste.WIDEST_SEAM; None = by the size of the mask."""

    def to_json(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "mask": base64.b64encode(self.mask).decode("ascii"),
            "region": self.region.to_json() if self.region else None,
            "area": self.area.to_json(),
            "protect": self.protect,
            "seam": self.seam,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Edit:
        """Read what to_json wrote."""
        return cls(
            task=data["task"],
            mask=base64.b64decode(data["mask"]),
            region=Box.from_json(data["region"]) if data.get("region") else None,
            area=WorkArea.from_json(data["area"]),
            protect=bool(data["protect"]),
            seam=data.get("seam"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Results as they are kept, and the proof that the rest of the picture is what it was."""

    result: Result
    protected: int | None = None
    """Pixels that had to stay, None when nothing was protected."""
    changed: int | None = None


def task_of(card: ModelCard, picture: Size, region: Box | None) -> Task:
    """The task a model is used for here: erase by its nature, expand beyond the picture, else inpaint.

    Raises InvalidRequest (field "model" or "region") for a model that cannot.
    """
    extends = area.canvas_of(picture, region) != Box.of(picture)
    possible = [task for task in EDITING if task in card.tasks]
    if not possible:
        raise InvalidRequest("model", card.name, "a model that edits pictures")
    if extends and "expand" in possible:
        return "expand"
    if possible == ["expand"]:
        raise InvalidRequest(
            "region",
            "within the picture",
            "a region that reaches beyond the picture",
            sentence=(f"{card.label} extends pictures; draw the frame beyond the picture's edge first."),
        )
    return "erase" if "erase" in possible and "inpaint" not in possible else "inpaint"


def plan_edit(
    picture: Picture,
    card: ModelCard,
    *,
    mask: bytes = b"",
    region: Box | None = None,
    protect: bool = True,
    seam: int | None = None,
    markup: bytes = b"",
) -> Edit:
    """Check mask and drawing and choose what is sent; decodes, so call it in a thread.

    What is drawn belongs to what the model gets to see. Raises InvalidRequest (field "mask", "markup", "region" or
    "model").
    """
    canvas = area.canvas_of(picture.size, region)
    box = masks.bounds(_canvas_mask(mask, picture.size, region))
    if box is None:
        raise InvalidRequest("mask", "nothing", "a painted area", sentence="Nothing is masked; paint the area first.")
    shown = box.moved(canvas.x, canvas.y)
    if markup:
        drawings.require_markup(card, markup)
        place = region or Box.of(picture.size)
        shown = shown.union(drawn_box(read_markup(markup, place.size)).moved(place.x, place.y))
    planned = area.plan_area(picture.size, shown, card, region)
    task = task_of(card, picture.size, region)
    return Edit(task=task, mask=mask, region=region, area=planned, protect=protect, seam=seam)


def whole_request(picture: Picture, wish: Request, card: ModelCard, markup: bytes = b"") -> Request:
    """Turn the wish into an edit of the whole picture by words and drawing: no mask, nothing is protected.

    Raises InvalidRequest (field "model" or "markup") for a model that needs a mask or takes no drawing.
    """
    if "edit" not in card.tasks:
        raise InvalidRequest(
            "model",
            card.name,
            "a model that edits without a mask",
            sentence=f"{card.label} needs a mask; choose a model that edits whole pictures, or mark an area.",
        )
    drawings.require_markup(card, markup)
    request = replace(wish, task="edit", pictures=(picture,), mask=None)
    return drawings.with_markup(request, read_markup(markup, picture.size), card) if markup else request


def provider_request(edit: Edit, picture: Picture, wish: Request, card: ModelCard, markup: bytes = b"") -> Request:
    """Turn the wish into what the model gets: the work area cut out, mask and drawing only where it takes them."""
    task: Task = edit.task if edit.task in card.tasks else "edit"
    mask = _canvas_mask(edit.mask, picture.size, edit.region)
    request = request_for(replace(wish, task=task, pictures=()), picture, mask, edit.area, card)
    if not markup:
        return request
    place = edit.region or Box.of(picture.size)
    drawn = read_markup(markup, place.size)
    return drawings.with_markup(request, cut_markup(drawn, place, edit.area), card)


def finish(edit: Edit, picture: Picture, result: Result) -> Finished:
    """Put each answer back into the picture and count protected pixels that differ. Decodes: use a thread."""
    if not edit.protect:
        return Finished(result=result)
    mask = _canvas_mask(edit.mask, picture.size, edit.region)
    pasted = [paste.paste_back(picture, answer, mask, edit.area, seam=edit.seam) for answer in result.pictures]
    return Finished(
        result=replace(result, pictures=tuple(each.picture for each in pasted)),
        protected=max((each.protected for each in pasted), default=0),
        changed=sum(each.changed for each in pasted),
    )


def edit_of(data: Mapping[str, Any] | None) -> Edit | None:
    """The edit kept with a job's request; None for every other job."""
    kept = (data or {}).get(EDIT)
    return Edit.from_json(kept) if isinstance(kept, Mapping) else None


def _canvas_mask(png: bytes, picture: Size, region: Box | None) -> Mask:
    size = region.size if region else picture
    mask = masks.read_mask(png, size) if png else Mask(data=bytes(size.pixels), width=size.width, height=size.height)
    return masks.on_canvas(mask, picture, region)


__all__: Sequence[str] = (
    "EDITING",
    "Edit",
    "Finished",
    "edit_of",
    "finish",
    "plan_edit",
    "provider_request",
    "task_of",
    "whole_request",
)
