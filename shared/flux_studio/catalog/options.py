"""Whether a value fits an option of a card, and in which type it travels."""

from __future__ import annotations

import math

from ..types import OptionValue
from .card import OptionSpec


def check_option(spec: OptionSpec, value: object) -> OptionValue | None:
    """Return the value in the option's own type, None when it does not fit.

    True is no number, 28.0 is the whole number 28, NaN and infinity are never allowed.
    """
    match spec.kind:
        case "bool":
            return value if isinstance(value, bool) else None
        case "choice":
            return value if isinstance(value, str) and value in spec.choices else None
        case "int":
            return _whole(spec, value)
        case "float":
            return _number(spec, value)


def _whole(spec: OptionSpec, value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and _in_range(spec, value) else None


def _number(spec: OptionSpec, value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # The range comes first: a giant whole number has no float.
    return float(value) if _in_range(spec, value) and math.isfinite(value) else None


def _in_range(spec: OptionSpec, value: float) -> bool:
    above = spec.minimum is None or value >= spec.minimum
    return above and (spec.maximum is None or value <= spec.maximum)
