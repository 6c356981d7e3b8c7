"""What a request costs, read from the price texts of the endpoint table (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .endpoints import EndpointSpec, load_endpoints
from .pictures import InputPicture
from .sizes import Size

MEGAPIXEL = 1024 * 1024
"""A recorded 256 x 256 result was reported as 0.06 MP, which rounds from 2**20 and not from 10**6."""

_NUMBER = r"(\d+(?:\.\d+)?)"
PER_MEGAPIXEL = re.compile(rf"{_NUMBER} \+ {_NUMBER}\*\(out_mp-1\) \+ {_NUMBER}\*in_mp")
EVERY_MEGAPIXEL = re.compile(rf"{_NUMBER}\*\(out_mp\+in_mp\)")
TIER = re.compile(rf"{_NUMBER} \(([\w.]+)\)")
SAME_AS = re.compile(r"as ([\w.-]+)")
FLAT = re.compile(_NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Credits of one task and the megapixels they were counted on, two decimals as recorded."""

    credits: float
    input_megapixels: float
    output_megapixels: float


def megapixels(width: int, height: int) -> float:
    return width * height / MEGAPIXEL


def credits_for(price: str, values: Mapping[str, Any], input_mp: float, output_mp: float) -> float:
    """Credits by a price text of the table; 0 when it names none. The first output megapixel is the minimum."""
    output_mp = max(1.0, output_mp)
    if found := SAME_AS.match(price):
        return credits_for(load_endpoints()[f"/v1/{found[1]}"].price, values, input_mp, output_mp)
    if found := PER_MEGAPIXEL.match(price):
        first, further, inputs = (float(number) for number in found.groups())
        return first + further * (output_mp - 1) + inputs * input_mp
    if found := EVERY_MEGAPIXEL.match(price):
        return float(found[1]) * (output_mp + input_mp)
    tiers = {name: float(number) for number, name in TIER.findall(price)}
    if tiers:
        chosen = values.get("resolution") or values.get("mode") or "1k"
        return tiers.get(chosen, max(tiers.values()))
    flat = FLAT.search(price)
    return float(flat[1]) if flat else 0.0


def charge(endpoint: EndpointSpec, values: Mapping[str, Any], pictures: Sequence[InputPicture], size: Size) -> Charge:
    input_mp = math.fsum(megapixels(picture.width, picture.height) for picture in pictures)
    output_mp = megapixels(*size)
    credits = credits_for(endpoint.price, values, input_mp, output_mp)
    return Charge(credits=credits, input_megapixels=round(input_mp, 2), output_megapixels=round(output_mp, 2))
