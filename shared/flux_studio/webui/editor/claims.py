"""What a page says in its calls, read into types: every wrong field is named with what is allowed (pure)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from ...errors import InvalidRequest
from ...imaging.area import FARTHEST, Box
from ...imaging.masks import MAX_BYTES
from ...imaging.paste import WIDEST_SEAM
from ...imaging.subject import Stroke
from ...types import Format, OptionValue

MAX_COUNT = 4
MOST_BESIDE = 30
"""Other orders of one press; more than the editor has models."""
MAX_STROKES = 100
MAX_POINTS = 2_000
"""Of one stroke."""
STROKE = f"include (true or false), size in pixels, and up to {MAX_POINTS:,} points as x, y, x, y …"
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
FORMATS: tuple[Format, ...] = ("jpeg", "png", "webp")
LONGEST_PROMPT = 200_000
"""More than any model takes; the model's own limit is checked with its card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Another order of the same press, as far as its price needs it."""

    model: str
    count: int
    options: Mapping[str, OptionValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a page wants made."""

    request: str
    model: str
    prompt: str
    mask: bytes = field(repr=False)
    markup: bytes = field(repr=False)
    """What was drawn over the picture to show what is meant: PNG of the region's size; b"" = nothing."""
    picture: str | None
    region: Box | None
    options: Mapping[str, OptionValue]
    seed: int | None
    protect: bool
    whole: bool
    """Edit the whole picture by words alone: no mask, no region, nothing is protected."""
    format: Format | None
    """What the model shall deliver; None = what the valves say."""
    seam: int | None
    """Pixels, 0 to WIDEST_SEAM; None = automatic."""
    count: int
    confirm: bool
    """Whether the person has agreed to the price."""
    beside: tuple[Beside, ...]
    """What the same press orders besides: the price of all of it is asked about."""


def read_start(data: Mapping[str, Any]) -> Start:
    """Read a `start` call; raises InvalidRequest naming the first wrong field."""
    whole = read_whole(data)
    if whole and (data.get("mask") or data.get("region") is not None):
        raise InvalidRequest("whole", True, "neither a mask nor a region beside it")
    options = read_options(data)
    seed = options.pop("seed", data.get("seed"))
    if seed is not None and type(seed) is not int:
        raise InvalidRequest("seed", seed, "a whole number, or none for a new one")
    prompt = data.get("prompt") if data.get("prompt") is not None else ""
    if not isinstance(prompt, str) or len(prompt) > LONGEST_PROMPT:
        raise InvalidRequest("prompt", prompt, "a text")
    return Start(
        request=read_uuid(data, "request"),
        model=read_model(data),
        prompt=prompt,
        mask=_png(data, "mask"),
        markup=_png(data, "markup"),
        picture=read_picture(data),
        region=read_region(data),
        options=options,
        seed=seed,
        protect=_switch(data, "protect", default=True),
        whole=whole,
        format=_format(data.get("format")),
        seam=_seam(data.get("seam")),
        count=read_count(data),
        confirm=_switch(data, "confirm", default=False),
        beside=read_beside(data),
    )


def read_beside(data: Mapping[str, Any]) -> tuple[Beside, ...]:
    """The other orders of the press, each with model, count and options."""
    rows = data.get("beside") or []
    if not isinstance(rows, list) or len(rows) > MOST_BESIDE or not all(isinstance(row, Mapping) for row in rows):
        raise InvalidRequest("beside", rows, f"at most {MOST_BESIDE} orders with model, count and options")
    return tuple(Beside(model=read_model(row), count=read_count(row), options=read_options(row)) for row in rows)


def read_uuid(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not UUID.fullmatch(value):
        raise InvalidRequest(name, value, "an id such as 123e4567-e89b-42d3-a456-426614174000")
    return value.lower()


def read_model(data: Mapping[str, Any]) -> str:
    value = data.get("model")
    if not isinstance(value, str):
        raise InvalidRequest("model", value, "the name of a model")
    return value


def read_picture(data: Mapping[str, Any]) -> str | None:
    """The picture that is worked on; None: the session's own."""
    return None if data.get("picture") is None else read_uuid(data, "picture")


def read_box(data: Mapping[str, Any]) -> Box:
    try:
        return Box.from_json(data.get("box"))
    except InvalidRequest as error:
        raise InvalidRequest("box", error.value, error.allowed) from error


def read_strokes(data: Mapping[str, Any]) -> list[Stroke]:
    """What was painted to help a selection, in picture pixels."""
    value = data.get("strokes") or []
    if not isinstance(value, list) or len(value) > MAX_STROKES:
        raise InvalidRequest("strokes", value, f"at most {MAX_STROKES} strokes")
    return [_stroke(each) for each in value]


def _stroke(data: object) -> Stroke:
    row = data if isinstance(data, Mapping) else {}
    include, size, numbers = row.get("include"), row.get("size"), row.get("points")
    flat = numbers if isinstance(numbers, list) and 2 <= len(numbers) <= 2 * MAX_POINTS else []
    if not isinstance(include, bool) or not _is_length(size) or len(flat) % 2 or not flat:
        raise InvalidRequest("strokes", data, STROKE)
    if not all(map(_is_length, flat)):
        raise InvalidRequest("strokes", "points", STROKE)
    points = zip(map(float, flat[::2]), map(float, flat[1::2]), strict=True)
    return Stroke(include=include, size=abs(float(size)), points=tuple(points))


def _is_length(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= FARTHEST


def read_region(data: Mapping[str, Any]) -> Box | None:
    return None if data.get("region") is None else Box.from_json(data["region"])


def read_count(data: Mapping[str, Any]) -> int:
    value = data.get("count", 1)
    if type(value) is not int or not 1 <= value <= MAX_COUNT:
        raise InvalidRequest("count", value, f"whole number 1 to {MAX_COUNT}")
    return value


def read_options(data: Mapping[str, Any]) -> dict[str, Any]:
    """Options by name with plain values; those left empty count as not given."""
    value = data.get("options") or {}
    if not isinstance(value, Mapping) or len(value) > 100:
        raise InvalidRequest("options", value, "settings of the model by name")
    given = {str(name): each for name, each in value.items() if each is not None}
    for name, each in given.items():
        if not isinstance(each, (bool, int, float, str)):
            raise InvalidRequest(name[:40], each, "a number, a text, on or off")
    return given


def read_files(data: Mapping[str, Any]) -> list[str]:
    """The pictures of an `apply` call, each once."""
    value = data.get("pictures")
    allowed = "1 to 16 file ids"
    if not isinstance(value, list) or not 1 <= len(value) <= 16:
        raise InvalidRequest("pictures", value, allowed)
    if not all(isinstance(each, str) and UUID.fullmatch(each) for each in value):
        raise InvalidRequest("pictures", value, allowed)
    return list(dict.fromkeys(each.lower() for each in value))


def read_revision(data: Mapping[str, Any]) -> int | None:
    value = data.get("after")
    if value is not None and type(value) is not int:
        raise InvalidRequest("after", value, "the revision of an earlier answer")
    return value


def read_whole(data: Mapping[str, Any]) -> bool:
    return _switch(data, "whole", default=False)


def _format(value: object) -> Format | None:
    if value is None:
        return None
    known = next((each for each in FORMATS if each == value), None)
    if known is None:
        raise InvalidRequest("format", value, ", ".join(FORMATS))
    return known


def _seam(value: object) -> int | None:
    if value is not None and (type(value) is not int or not 0 <= value <= WIDEST_SEAM):
        raise InvalidRequest("seam", value, f"whole number 0 to {WIDEST_SEAM}, or none for an automatic width")
    return value


def read_marked(data: Mapping[str, Any]) -> bool:
    """Whether a drawing will be sent with the order."""
    return _switch(data, "marked", default=False)


def _png(data: Mapping[str, Any], name: str) -> bytes:
    """Base64 PNG, with or without the head of a data address; nothing gives b""."""
    value = data.get(name)
    if value is None or value == "":
        return b""
    allowed = f"a base64 encoded PNG of at most {MAX_BYTES // 1024 // 1024} MB"
    if not isinstance(value, str) or len(value) > MAX_BYTES * 4 // 3 + 100:
        raise InvalidRequest(name, "too much or no text", allowed)
    try:
        return base64.b64decode(value.rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest(name, "broken data", allowed) from error


def _switch(data: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = data.get(name, default)
    if not isinstance(value, bool):
        raise InvalidRequest(name, value, "true or false")
    return value
