"""The arithmetic of output sizes: steps, limits, and pixels for a ratio."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from ..types import Size, SizeClass
from .aspect import ratio_of
from .card import SizeRule

SIZE_CLASSES: Mapping[SizeClass, int] = {"1K": 1024 * 1024, "2K": 2048 * 2048, "4K": 3840 * 2160}
"""Pixels in all, as vendors use the words: the area of a square of 1024 or 2048 pixels, and that of a 4K screen."""


def fits(size: Size, rule: SizeRule) -> bool:
    """Whether a wished size lies within a free rule's limits, before it is brought to the rule's steps."""
    if rule.kind == "choice":
        return size in rule.choices
    sides = (size.width, size.height)
    if min(sides) < rule.minimum or (rule.maximum is not None and max(sides) > rule.maximum):
        return False
    if rule.keeps_ratio and not ratio_allowed(Fraction(size.width, size.height), rule):
        return False
    return (rule.min_pixels or 0) <= size.pixels <= (rule.max_pixels or size.pixels)


def snap(size: Size, rule: SizeRule) -> Size:
    """Bring a size that `fits` to the nearest step, on the side of the limits where rounding would leave them."""
    if rule.kind == "choice":
        return size
    near = Size(width=_nearest(size.width, rule), height=_nearest(size.height, rule))
    below = Size(width=_below(size.width, rule), height=_below(size.height, rule))
    above = Size(width=_above(size.width, rule), height=_above(size.height, rule))
    sides = (near, below, above, *_mixed(below, above))
    return next((candidate for candidate in sides if fits(candidate, rule)), below)


def size_for(ratio: Fraction, rule: SizeRule) -> Size:
    """Return the size of about the rule's typical area that is closest to a ratio (width / height) it allows."""
    if rule.kind == "choice":
        return nearest_choice(ratio, rule)
    width = math.sqrt(rule.typical_pixels * ratio)
    height = math.sqrt(rule.typical_pixels / ratio)
    if rule.maximum is not None:
        shrink = min(1.0, rule.maximum / max(width, height))
        width, height = width * shrink, height * shrink
    grow = max(1.0, rule.minimum / min(width, height))
    return Size(width=_nearest(width * grow, rule), height=_nearest(height * grow, rule))


def nearest_choice(ratio: Fraction | float, rule: SizeRule) -> Size:
    """The one of a rule's fixed sizes whose shape is closest to a ratio (width / height)."""
    return min(rule.choices, key=lambda size: abs(math.log(size.width / size.height / ratio)))


def classes(rule: SizeRule) -> list[SizeClass]:
    """The size classes a model can make: of a free one all it has room for, of a ratio model the one it delivers."""
    if rule.kind in ("input", "choice"):
        return []
    if rule.kind == "ratio":
        return [min(SIZE_CLASSES, key=lambda name: abs(math.log(SIZE_CLASSES[name] / rule.typical_pixels)))]
    square = rule.maximum**2 if rule.maximum is not None else None
    most = min(limit for limit in (square, rule.max_pixels, max(SIZE_CLASSES.values())) if limit is not None)
    return [name for name, pixels in SIZE_CLASSES.items() if pixels <= most]


def size_of_class(name: SizeClass, ratio: Fraction, rule: SizeRule) -> Size:
    """Return the largest size of a free rule that has this ratio and no more than about the pixels of the class."""
    width = math.sqrt(SIZE_CLASSES[name] * ratio)
    height = math.sqrt(SIZE_CLASSES[name] / ratio)
    shrink = min(1.0, rule.maximum / max(width, height)) if rule.maximum is not None else 1.0
    near = Size(width=_nearest(width * shrink, rule), height=_nearest(height * shrink, rule))
    if rule.max_pixels is None or near.pixels <= rule.max_pixels:
        return near
    return Size(width=_below(int(width * shrink), rule), height=_below(int(height * shrink), rule))


def ratio_allowed(ratio: Fraction, rule: SizeRule) -> bool:
    """Whether the rule takes the ratio, compared as fractions: 9:21 is no exact float."""
    if rule.ratios:
        return ratio in map(ratio_of, rule.ratios)
    return _exact(rule.min_ratio) <= ratio <= _exact(rule.max_ratio)


def as_listed(aspect: str, rule: SizeRule) -> str:
    """An allowed ratio in the rule's own spelling: 32:18 is its 16:9."""
    return next((listed for listed in rule.ratios if ratio_of(listed) == ratio_of(aspect)), aspect)


def nearest_listed(size: Size, rule: SizeRule) -> str | None:
    """The rule's ratio that is nearest to a size; None when the rule lists none."""
    wished = math.log(size.width / size.height)
    return min(rule.ratios, key=lambda listed: abs(math.log(ratio_of(listed)) - wished), default=None)


def ratio_limits(rule: SizeRule) -> str:
    """The allowed ratios in words: "9:21 to 21:9", or one by one."""
    if rule.ratios:
        return ", ".join(rule.ratios)
    least, most = _ratio_name(rule.min_ratio), _ratio_name(rule.max_ratio)
    return least if least == most else f"{least} to {most}"


def size_limits(rule: SizeRule) -> str:
    """What a model allows, in words: "sides of 256 to 1440 pixels in steps of 32"."""
    if rule.kind == "input":
        return "the size of the input picture"
    if rule.kind == "choice":
        return ", ".join(str(size) for size in rule.choices)
    if rule.kind == "ratio":
        return f"ratios {ratio_limits(rule)}"
    if rule.minimum == rule.maximum:
        return f"{rule.minimum} × {rule.minimum} pixels"
    sides = f"{rule.minimum} to {rule.maximum}" if rule.maximum else f"at least {rule.minimum}"
    steps = f" in steps of {rule.multiple}" if rule.multiple > 1 else ""
    least = f", at least {rule.min_pixels:,} in all" if rule.min_pixels else ""
    area = f", at most {rule.max_pixels:,} in all" if rule.max_pixels else ""
    ratios = f", ratios {ratio_limits(rule)}" if rule.keeps_ratio else ""
    return f"sides of {sides} pixels{steps}{least}{area}{ratios}"


def _nearest(side: float, rule: SizeRule) -> int:
    steps = math.floor(side / rule.multiple + 0.5)
    lowest = -(-rule.minimum // rule.multiple)
    highest = rule.maximum // rule.multiple if rule.maximum is not None else steps
    return max(lowest, min(steps, highest)) * rule.multiple


def _below(side: int, rule: SizeRule) -> int:
    return side // rule.multiple * rule.multiple


def _above(side: int, rule: SizeRule) -> int:
    return -(-side // rule.multiple) * rule.multiple


def _mixed(below: Size, above: Size) -> tuple[Size, Size]:
    return Size(width=below.width, height=above.height), Size(width=above.width, height=below.height)


def _exact(ratio: float) -> Fraction:
    return Fraction(ratio).limit_denominator(1000)


def _ratio_name(ratio: float) -> str:
    """Write a ratio as film and video name it: 21:9, not 7:3."""
    exact = _exact(ratio)
    factor = 3 if {exact.numerator, exact.denominator} == {3, 7} else 1
    return f"{exact.numerator * factor}:{exact.denominator * factor}"
