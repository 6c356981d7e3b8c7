"""Which size in pixels each endpoint delivers for a request (pure)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .endpoints import EndpointSpec
from .pictures import InputPicture
from .schema import MAX_OUTPUT_PIXELS, parse_ratio

Size = tuple[int, int]

_KONTEXT_WIDE = ((1568, 672), (1504, 688), (1456, 720), (1392, 752), (1328, 800), (1248, 832), (1184, 880), (1104, 944))
KONTEXT_SIZES: tuple[Size, ...] = (
    *((height, width) for width, height in _KONTEXT_WIDE),
    (1024, 1024),
    *reversed(_KONTEXT_WIDE),
)
"""Sizes of the open-weight Kontext pipeline in diffusers, presumed for the API as well."""
TIER_SIDES = {"768sq": 768, "1k": 1024, "1.5k": 1536, "2k": 2048, "4k": 4096}
"""FLUX.3 `resolution` -> side of a square of the same area."""
FLUX_2_DEFAULT = 1024
EXPAND_FIELDS = ("top", "bottom", "left", "right")


def nearest_multiple(value: float, step: int) -> int:
    return max(step, round(value / step) * step)


def from_area(ratio: float, pixels: int, step: int, rounding: Callable[[float], int] = round) -> Size:
    """Sides of about `pixels` in the given ratio, as multiples of `step`."""
    width, height = math.sqrt(pixels * ratio), math.sqrt(pixels / ratio)
    return max(step, rounding(width / step) * step), max(step, rounding(height / step) * step)


def first_size(pictures: Sequence[InputPicture]) -> Size | None:
    return (pictures[0].width, pictures[0].height) if pictures else None


def within_output_limit(width: int, height: int) -> Size:
    """A picture's size scaled down to 4 MP and cropped to multiples of 16, as FLUX.2 does with its inputs."""
    scale = min(1.0, math.sqrt(MAX_OUTPUT_PIXELS / (width * height)))
    return max(16, int(width * scale) // 16 * 16), max(16, int(height * scale) // 16 * 16)


def beside(given: int, wished: int) -> int:
    """The side that was left out: as wished, unless the given one (0 = left out too) leaves less room in 4 MP."""
    return min(wished, MAX_OUTPUT_PIXELS // given) if given else wished


def flux_2_size(values: Mapping[str, Any], pictures: Sequence[InputPicture]) -> Size:
    base = first_size(pictures)
    fallback = within_output_limit(*base) if base else (FLUX_2_DEFAULT, FLUX_2_DEFAULT)
    # 0 is the server's own default and means the same as null; a client that sends it gets a 422.
    width, height = values.get("width") or 0, values.get("height") or 0
    width, height = width or beside(height, fallback[0]), height or beside(width, fallback[1])
    return nearest_multiple(width, 16), nearest_multiple(height, 16)


def kontext_size(values: Mapping[str, Any], pictures: Sequence[InputPicture]) -> Size:
    base = first_size(pictures)
    ratio = parse_ratio(values.get("aspect_ratio") or "") or (base[0] / base[1] if base else 1.0)
    return min(KONTEXT_SIZES, key=lambda size: abs(math.log(size[0] / size[1] / ratio)))


def ultra_size(values: Mapping[str, Any], pictures: Sequence[InputPicture]) -> Size:
    """4 MP rounded up to multiples of 32: 2752x1536 for 16:9 as seen."""
    return from_area(parse_ratio(values["aspect_ratio"]) or 16 / 9, MAX_OUTPUT_PIXELS, 32, math.ceil)


def given_size(values: Mapping[str, Any], pictures: Sequence[InputPicture]) -> Size:
    return int(values["width"]), int(values["height"])


def input_size(values: Mapping[str, Any], pictures: Sequence[InputPicture]) -> Size:
    return first_size(pictures) or (FLUX_2_DEFAULT, FLUX_2_DEFAULT)


def expanded_size(values: Mapping[str, Any], pictures: Sequence[InputPicture]) -> Size:
    width, height = input_size(values, pictures)
    top, bottom, left, right = (values[name] or 0 for name in EXPAND_FIELDS)
    return width + left + right, height + top + bottom


def flux_3_size(values: Mapping[str, Any], pictures: Sequence[InputPicture]) -> Size:
    base = first_size(pictures)
    ratio = parse_ratio(values.get("aspect_ratio") or "") or (base[0] / base[1] if base else 1.0)
    side = TIER_SIDES[values.get("resolution") or "1k"]
    return from_area(ratio, side * side, 16)


SIZE_RULES: tuple[tuple[str, Callable[[Mapping[str, Any], Sequence[InputPicture]], Size]], ...] = (
    ("flux-2-", flux_2_size),
    ("flux-3-", flux_3_size),
    ("flux-kontext-", kontext_size),
    ("flux-pro-1.1-ultra", ultra_size),
    ("flux-pro-1.0-expand", expanded_size),
    ("flux-pro-1.0-", input_size),
    ("flux-tools/outpainting-v1", given_size),
    ("flux-tools/", input_size),
    ("flux-", given_size),
)
"""Start of the endpoint's name -> rule; the first that fits counts."""


def shrunk(size: Size, longest: int) -> Size:
    """The size with its longest side limited, 0 = no limit."""
    if longest == 0 or max(size) <= longest:
        return size
    scale = longest / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def output_size(
    endpoint: EndpointSpec, values: Mapping[str, Any], pictures: Sequence[InputPicture], fill_longest_side: int = 0
) -> Size:
    """Width and height of the result; `values` is the valid body with defaults."""
    rule = next(rule for start, rule in SIZE_RULES if endpoint.name.startswith(start))
    size = rule(values, pictures)
    return shrunk(size, fill_longest_side) if "fill" in endpoint.name else size
