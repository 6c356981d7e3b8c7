"""Where on a picture a model works: the area around the mask, and the size in which it is sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..catalog import ModelCard, SizeRule
from ..catalog.aspect import ratio_of
from ..errors import InvalidRequest
from ..types import Size
from .decode import MAX_PIXELS

STEP = 16
"""FLUX codes pictures in patches of 16 x 16 pixels; sides off this grid are rounded by the provider: content moves."""
CONTEXT_SHARE = 0.5
"""Surroundings on each side, as a share of the mask's longer side: the model sees four times the masked area."""
CONTEXT_MINIMUM = 64
"""Surroundings on each side in pixels, however small the mask is."""
SIDE_MINIMUM = 512
"""A smaller area is widened where the picture has room, so that a tiny mask is not blown up into blur."""
STRICT_MARGIN = 0.95
"""Part of a strict model's ratio that an area may use: a step of 16 pixels is up to 3 % of its shorter side."""
FARTHEST = 100_000
"""Coordinates beyond this are a slip or an attack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in whole pixels; x and y may be negative."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def of(cls, size: Size) -> Box:
        """The box that a picture of this size fills."""
        return cls(x=0, y=0, width=size.width, height=size.height)

    @classmethod
    def between(cls, left: int, top: int, right: int, bottom: int) -> Box:
        return cls(x=left, y=top, width=right - left, height=bottom - top)

    @classmethod
    def from_json(cls, data: object) -> Box:
        """Read {x, y, width, height}. Raises InvalidRequest (field "region") unless all are sensible whole numbers."""
        allowed = f"x, y, width and height as whole numbers, sides of 1 to {FARTHEST:,}"
        if not isinstance(data, Mapping):
            raise InvalidRequest("region", data, allowed)
        numbers = [data.get(name) for name in ("x", "y", "width", "height")]
        whole = [number for number in numbers if type(number) is int and abs(number) <= FARTHEST]
        if len(whole) < 4 or min(whole[2:]) < 1:
            raise InvalidRequest("region", dict(data), allowed)
        return cls(x=whole[0], y=whole[1], width=whole[2], height=whole[3])

    def to_json(self) -> dict[str, int]:
        return {"x": self.x, "y": self.y, "width": self.width, "height": self.height}

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def size(self) -> Size:
        return Size(width=self.width, height=self.height)

    def contains(self, other: Box) -> bool:
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom

    def union(self, other: Box) -> Box:
        return Box.between(
            min(self.x, other.x),
            min(self.y, other.y),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def intersection(self, other: Box) -> Box | None:
        """The common part, None when there is none."""
        common = Box.between(
            max(self.x, other.x),
            max(self.y, other.y),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )
        return common if common.width > 0 and common.height > 0 else None

    def moved(self, x: int, y: int) -> Box:
        return replace(self, x=self.x + x, y=self.y + y)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkArea:
    """What of a picture a model gets and where its answer belongs; all boxes in pixels of the upright picture."""

    picture: Size
    canvas: Box
    """The frame of the finished picture; larger than the picture when it is extended."""
    box: Box
    """What is sent. Where it reaches beyond the canvas, the picture is mirrored and the answer thrown away."""
    sent: Size
    """The size in which `box` is sent."""

    @property
    def extends(self) -> bool:
        """Whether the finished picture is larger than the original."""
        return self.canvas.size != self.picture

    @property
    def inside(self) -> Box:
        """The part of what is sent that shows the original, in pixels of `sent`; the rest is new ground."""
        across, down = self.sent.width / self.box.width, self.sent.height / self.box.height
        part = self.box.intersection(Box.of(self.picture)) or self.box
        left, top = round((part.x - self.box.x) * across), round((part.y - self.box.y) * down)
        right, bottom = round((part.right - self.box.x) * across), round((part.bottom - self.box.y) * down)
        return Box.between(left, top, max(right, left + 1), max(bottom, top + 1))

    def to_json(self) -> dict[str, Any]:
        return {
            "picture": [self.picture.width, self.picture.height],
            "canvas": self.canvas.to_json(),
            "box": self.box.to_json(),
            "sent": [self.sent.width, self.sent.height],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> WorkArea:
        """Read what to_json wrote."""
        (width, height), (sent_width, sent_height) = data["picture"], data["sent"]
        return cls(
            picture=Size(width=width, height=height),
            canvas=Box.from_json(data["canvas"]),
            box=Box.from_json(data["box"]),
            sent=Size(width=sent_width, height=sent_height),
        )


def canvas_of(picture: Size, region: Box | None) -> Box:
    """Return the frame of the finished picture: the picture itself, larger where the region reaches beyond it.

    Raises InvalidRequest (field "region") when the region does not touch the picture or the frame is too large.
    """
    frame = Box.of(picture)
    if region is None or frame.contains(region):
        return frame
    if frame.intersection(region) is None:
        raise InvalidRequest("region", region.to_json(), "a region that overlaps the picture")
    canvas = frame.union(region)
    if canvas.size.pixels > MAX_PIXELS:
        allowed = f"at most {MAX_PIXELS / 1_000_000:.3g} megapixels in all"
        raise InvalidRequest("region", str(canvas.size), allowed)
    return canvas


def plan_area(picture: Size, mask_box: Box, card: ModelCard, region: Box | None = None) -> WorkArea:
    """Choose what is sent to a model for a mask whose bounding box is given in picture pixels.

    A region within the picture is the user's own choice of the area. Otherwise the area is the mask with
    CONTEXT_SHARE of its longer side around it (CONTEXT_MINIMUM pixels at least, SIDE_MINIMUM per side where there is
    room), moved rather than cut at the edges. It is sent 1:1 between the model's best and largest number of
    pixels, enlarged below and reduced above, in the same ratio and in steps of 16. New ground always belongs to it.
    Raises InvalidRequest (field "region"), see canvas_of.
    """
    canvas = canvas_of(picture, region)
    frame = Box.of(picture)
    needed = _with_new_ground(mask_box.intersection(canvas) or canvas, frame, canvas)
    own_choice = region if region is not None and frame.contains(region) else None
    wish = own_choice.union(needed) if own_choice else _with_context(needed, canvas)
    if card.size.kind == "choice":
        return _of_choices(wish, picture, canvas, card.size)
    return _fitted(_within_ratio(wish, card.size, canvas), picture, canvas, card.size)


def _with_new_ground(box: Box, frame: Box, canvas: Box) -> Box:
    if canvas.x < frame.x:
        box = box.union(Box.between(canvas.x, canvas.y, frame.x, canvas.bottom))
    if canvas.y < frame.y:
        box = box.union(Box.between(canvas.x, canvas.y, canvas.right, frame.y))
    if canvas.right > frame.right:
        box = box.union(Box.between(frame.right, canvas.y, canvas.right, canvas.bottom))
    if canvas.bottom > frame.bottom:
        box = box.union(Box.between(canvas.x, frame.bottom, canvas.right, canvas.bottom))
    return box


def _with_context(box: Box, canvas: Box) -> Box:
    pad = max(CONTEXT_MINIMUM, math.ceil(CONTEXT_SHARE * max(box.width, box.height)))
    width = min(canvas.width, max(SIDE_MINIMUM, box.width + 2 * pad))
    height = min(canvas.height, max(SIDE_MINIMUM, box.height + 2 * pad))
    return _grown(box, width, height, canvas)


def _within_ratio(box: Box, rule: SizeRule, canvas: Box) -> Box:
    """Widen a side until the model takes the ratio, as little as possible; beyond a small picture if it must be."""
    if rule.ratios:
        listed = [_widened(box, float(ratio_of(text)), float(ratio_of(text)), canvas) for text in rule.ratios]
        return min(listed, key=lambda wider: wider.size.pixels)
    # A model that is strict about ratios must not be missed by the rounding to its grid.
    margin = STRICT_MARGIN if rule.keeps_ratio else 1.0
    return _widened(box, rule.min_ratio / margin, rule.max_ratio * margin, canvas)


def _widened(box: Box, min_ratio: float, max_ratio: float, canvas: Box) -> Box:
    height = max(box.height, math.ceil(box.width / max_ratio))
    width = max(box.width, math.ceil(box.height * min_ratio))
    return _grown(box, width, height, canvas)


def _fitted(box: Box, picture: Size, canvas: Box, rule: SizeRule) -> WorkArea:
    """Choose the size to send and give the box exactly its ratio, so that nothing is stretched."""
    step = math.lcm(STEP, rule.multiple)
    most = rule.area_pixels or rule.max_pixels or rule.typical_pixels
    pixels = min(max(box.size.pixels, min(rule.typical_pixels, most)), most)
    scale = math.sqrt(pixels / box.size.pixels)
    if rule.maximum is not None:
        scale = min(scale, rule.maximum / max(box.width, box.height))
    sent = _on_grid(box.width * scale, box.height * scale, step, rule, most)
    reach = min(sent.width / box.width, sent.height / box.height)
    if scale == 1.0 <= reach:
        # What need not be scaled grows to the grid instead: every pixel stays what it is.
        reach = 1.0
    width, height = max(box.width, round(sent.width / reach)), max(box.height, round(sent.height / reach))
    return WorkArea(picture=picture, canvas=canvas, box=_grown(box, width, height, canvas), sent=sent)


def _of_choices(box: Box, picture: Size, canvas: Box, rule: SizeRule) -> WorkArea:
    """Take the fixed size for which the box has to grow least, and give the box exactly its ratio."""
    sent = min(rule.choices, key=lambda size: _shaped(box, size).pixels)
    shape = _shaped(box, sent)
    return WorkArea(picture=picture, canvas=canvas, box=_grown(box, shape.width, shape.height, canvas), sent=sent)


def _shaped(box: Box, sent: Size) -> Size:
    """The smallest size around a box that has the ratio of what is sent."""
    reach = min(sent.width / box.width, sent.height / box.height)
    return Size(width=max(box.width, round(sent.width / reach)), height=max(box.height, round(sent.height / reach)))


def _on_grid(width: float, height: float, step: int, rule: SizeRule, most: int) -> Size:
    """Round up to the grid, down where that would leave the model's limits; never below its smallest side."""
    lowest = math.ceil(max(rule.minimum, step) / step)
    # A hair below the exact number must not cost a whole step.
    columns, rows = max(lowest, math.ceil(width / step - 1e-6)), max(lowest, math.ceil(height / step - 1e-6))
    highest = rule.maximum // step if rule.maximum is not None else max(columns, rows)
    columns, rows = min(columns, highest), min(rows, highest)
    while columns * rows * step * step > most and max(columns, rows) > lowest:
        columns, rows = (columns - 1, rows) if columns >= rows else (columns, rows - 1)
    return Size(width=columns * step, height=rows * step)


def _grown(box: Box, width: int, height: int, canvas: Box) -> Box:
    """Widen a box around its middle; it is moved into the canvas where it has room, else it reaches over evenly."""
    left, width = _span(box.x, box.width, max(width, box.width), canvas.x, canvas.width)
    top, height = _span(box.y, box.height, max(height, box.height), canvas.y, canvas.height)
    return Box(x=left, y=top, width=width, height=height)


def _span(start: int, length: int, wished: int, first: int, room: int) -> tuple[int, int]:
    if wished > room:
        # Keep what is inside, and put the same on both ends.
        return first - (wished - room) // 2, wished
    start -= (wished - length) // 2
    return min(max(start, first), first + room - wished), wished
