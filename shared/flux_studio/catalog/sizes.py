"""The arithmetic of output sizes: steps, limits, and pixels for a ratio."""

from __future__ import annotations

import math
from fractions import Fraction

from ..types import Size
from .aspect import ratio_of
from .card import SizeRule


def fits(size: Size, rule: SizeRule) -> bool:
    """Whether a wished size lies within a free rule's limits, before it is brought to the rule's steps."""
    sides = (size.width, size.height)
    if min(sides) < rule.minimum or (rule.maximum is not None and max(sides) > rule.maximum):
        return False
    return rule.max_pixels is None or size.pixels <= rule.max_pixels


def snap(size: Size, rule: SizeRule) -> Size:
    """Bring a size that `fits` to the nearest step; down where rounding up would leave the limits."""
    near = Size(width=_nearest(size.width, rule), height=_nearest(size.height, rule))
    if rule.max_pixels is None or near.pixels <= rule.max_pixels:
        return near
    return Size(width=_below(size.width, rule), height=_below(size.height, rule))


def size_for(ratio: Fraction, rule: SizeRule) -> Size:
    """Return the size of about the rule's typical area that is closest to a ratio (width / height) it allows."""
    width = math.sqrt(rule.typical_pixels * ratio)
    height = math.sqrt(rule.typical_pixels / ratio)
    if rule.maximum is not None:
        shrink = min(1.0, rule.maximum / max(width, height))
        width, height = width * shrink, height * shrink
    grow = max(1.0, rule.minimum / min(width, height))
    return Size(width=_nearest(width * grow, rule), height=_nearest(height * grow, rule))


def ratio_allowed(ratio: Fraction, rule: SizeRule) -> bool:
    """Whether the rule takes the ratio, compared as fractions: 9:21 is no exact float."""
    if rule.ratios:
        return ratio in map(ratio_of, rule.ratios)
    return _exact(rule.min_ratio) <= ratio <= _exact(rule.max_ratio)


def as_listed(aspect: str, rule: SizeRule) -> str:
    """An allowed ratio in the rule's own spelling: 32:18 is its 16:9."""
    return next((listed for listed in rule.ratios if ratio_of(listed) == ratio_of(aspect)), aspect)


def ratio_limits(rule: SizeRule) -> str:
    """The allowed ratios in words: "9:21 to 21:9", or one by one."""
    if rule.ratios:
        return ", ".join(rule.ratios)
    return f"{_ratio_name(rule.min_ratio)} to {_ratio_name(rule.max_ratio)}"


def size_limits(rule: SizeRule) -> str:
    """What a model allows, in words: "sides of 256 to 1440 pixels in steps of 32"."""
    if rule.kind == "input":
        return "the size of the input picture"
    if rule.kind == "ratio":
        return f"ratios {ratio_limits(rule)}"
    sides = f"{rule.minimum} to {rule.maximum}" if rule.maximum else f"at least {rule.minimum}"
    steps = f" in steps of {rule.multiple}" if rule.multiple > 1 else ""
    area = f", at most {rule.max_pixels:,} in all" if rule.max_pixels else ""
    return f"sides of {sides} pixels{steps}{area}"


def _nearest(side: float, rule: SizeRule) -> int:
    steps = math.floor(side / rule.multiple + 0.5)
    lowest = -(-rule.minimum // rule.multiple)
    highest = rule.maximum // rule.multiple if rule.maximum is not None else steps
    return max(lowest, min(steps, highest)) * rule.multiple


def _below(side: int, rule: SizeRule) -> int:
    return side // rule.multiple * rule.multiple


def _exact(ratio: float) -> Fraction:
    return Fraction(ratio).limit_denominator(1000)


def _ratio_name(ratio: float) -> str:
    """Write a ratio as film and video name it: 21:9, not 7:3."""
    exact = _exact(ratio)
    factor = 3 if {exact.numerator, exact.denominator} == {3, 7} else 1
    return f"{exact.numerator * factor}:{exact.denominator * factor}"
