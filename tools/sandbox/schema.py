"""Checks a request body against its endpoint and writes the 422 answer in FastAPI's shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .endpoints import EndpointSpec, FieldSpec

MAX_OUTPUT_PIXELS = 4_194_304
"""4 MP, the most FLUX.2 and outpainting deliver (documented)."""
SMALLEST_SIDE = 64
"""Least width and height of FLUX.2 and outpainting (schema); what a side that is left out counts as."""
MAX_RATIO = 21 / 9
"""`aspect_ratio` written as W:H goes from 21:9 to 9:21 (schema of ultra and Kontext)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation422:
    """One entry of `detail`: where, what, and pydantic's name for the kind of mistake."""

    loc: tuple[str | int, ...]
    msg: str
    type: str

    def as_json(self) -> dict[str, Any]:
        return {"loc": ["body", *self.loc], "msg": self.msg, "type": self.type}


def is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    return is_integer(value) or (isinstance(value, float) and math.isfinite(value))


KINDS: Mapping[str, tuple[Callable[[object], bool], str, str]] = {
    "string": (lambda value: isinstance(value, str), "string_type", "Input should be a valid string"),
    "integer": (is_integer, "int_type", "Input should be a valid integer"),
    "number": (is_number, "float_type", "Input should be a valid number"),
    "boolean": (lambda value: isinstance(value, bool), "bool_type", "Input should be a valid boolean"),
    "array": (lambda value: isinstance(value, list), "list_type", "Input should be a valid list"),
}
"""JSON type -> (test, pydantic's error type, message). Coercion such as "1024" for 1024 is not documented."""


def listed(choices: Sequence[Any]) -> str:
    """'jpeg', 'png' or 'webp', as pydantic writes it."""
    words = [repr(choice) for choice in choices]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def is_uri(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme in {"http", "https"} and parts.netloc)


def length_errors(spec: FieldSpec, value: str) -> Iterator[tuple[str, str]]:
    if spec.min_length is not None and len(value) < spec.min_length:
        yield "string_too_short", f"String should have at least {spec.min_length} character"
    if spec.max_length is not None and len(value) > spec.max_length:
        yield "string_too_long", f"String should have at most {spec.max_length} characters"
    if spec.is_uri and not is_uri(value):
        yield "url_parsing", "Input should be a valid URL, relative URL without a base"


def number_errors(spec: FieldSpec, value: float) -> Iterator[tuple[str, str]]:
    if spec.minimum is not None and value < spec.minimum:
        yield "greater_than_equal", f"Input should be greater than or equal to {spec.minimum:g}"
    if spec.maximum is not None and value > spec.maximum:
        yield "less_than_equal", f"Input should be less than or equal to {spec.maximum:g}"
    if spec.multiple_of is not None and value % spec.multiple_of:
        yield "multiple_of", f"Input should be a multiple of {spec.multiple_of}"


def list_errors(spec: FieldSpec, value: list[Any]) -> Iterator[tuple[str, str]]:
    if spec.max_items is not None and len(value) > spec.max_items:
        yield "too_long", f"List should have at most {spec.max_items} items after validation, not {len(value)}"
    if spec.carries_picture and not all(isinstance(item, str) for item in value):
        yield "string_type", "Input should be a valid string"


def value_errors(spec: FieldSpec, value: object) -> Iterator[tuple[str, str]]:
    """(error type, message) for each rule of its field that a value of the right JSON type breaks."""
    if spec.choices and value not in spec.choices:
        yield "enum", f"Input should be {listed(spec.choices)}"
    if isinstance(value, str):
        yield from length_errors(spec, value)
    elif isinstance(value, list):
        yield from list_errors(spec, value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from number_errors(spec, value)


def field_errors(spec: FieldSpec, body: Mapping[str, Any]) -> Iterator[Violation422]:
    """Errors of one field; an absent optional field is never checked, not even against its own default."""
    if spec.name not in body:
        if spec.required:
            yield Violation422(loc=(spec.name,), msg="Field required", type="missing")
        return
    value = body[spec.name]
    if value is None and spec.nullable:
        return
    if not any(KINDS[kind][0](value) for kind in spec.kinds):
        _, error_type, message = KINDS[spec.kinds[0]]
        yield Violation422(loc=(spec.name,), msg=message, type=error_type)
        return
    for error_type, message in value_errors(spec, value):
        yield Violation422(loc=(spec.name,), msg=message, type=error_type)


def parse_ratio(text: str) -> float | None:
    """Width / height of "W:H", None when the text is no ratio."""
    width, _, height = text.partition(":")
    if not (width.isdecimal() and height.isdecimal()) or len(text) > 11 or int(width) == 0 or int(height) == 0:
        return None
    return int(width) / int(height)


def ratio_rule(endpoint: EndpointSpec, body: Mapping[str, Any]) -> str | None:
    text = body.get("aspect_ratio")
    if not isinstance(text, str) or endpoint.fields["aspect_ratio"].choices:
        return None
    ratio = parse_ratio(text)
    if ratio is None:
        return f"aspect_ratio must be written as W:H, got {text[:20]!r}"
    if max(ratio, 1 / ratio) > MAX_RATIO + 1e-9:
        return "aspect_ratio must be between 21:9 and 9:21"
    return None


def pixels_rule(endpoint: EndpointSpec, body: Mapping[str, Any]) -> str | None:
    if endpoint.family not in {"flux-2", "flux-2-klein", "flux-2-klein-lora", "flux-tools"}:
        return None
    width, height = (body.get(name) or SMALLEST_SIDE for name in ("width", "height"))
    if width * height > MAX_OUTPUT_PIXELS:
        return f"width * height must be at most {MAX_OUTPUT_PIXELS}"
    return None


def control_rule(endpoint: EndpointSpec, body: Mapping[str, Any]) -> str | None:
    if "preprocessed_image" in endpoint.fields and not (body.get("control_image") or body.get("preprocessed_image")):
        return "one of control_image and preprocessed_image is needed"
    return None


def transparency_rule(endpoint: EndpointSpec, body: Mapping[str, Any]) -> str | None:
    if body.get("transparent_bg") is True and body.get("output_format", "jpeg") not in {"png", "webp"}:
        return "transparent_bg needs output_format png or webp"
    return None


RULES: tuple[tuple[str, Callable[[EndpointSpec, Mapping[str, Any]], str | None]], ...] = (
    ("aspect_ratio", ratio_rule),
    ("width", pixels_rule),
    ("preprocessed_image", control_rule),
    ("transparent_bg", transparency_rule),
)
"""Rules the field table cannot express: (the field that makes an endpoint subject to the rule, rule)."""


def unknown_fields(endpoint: EndpointSpec, body: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in body if name not in endpoint.fields)


def validate(endpoint: EndpointSpec, body: object) -> list[Violation422]:
    """All mistakes of a decoded body; empty when the server would take it."""
    if not isinstance(body, dict):
        message = "Input should be a valid dictionary or object to extract fields from"
        return [Violation422(loc=(), msg=message, type="model_attributes_type")]
    errors = [error for spec in endpoint.fields.values() for error in field_errors(spec, body)]
    if endpoint.strict:
        for name in unknown_fields(endpoint, body):
            errors.append(Violation422(loc=(name,), msg="Extra inputs are not permitted", type="extra_forbidden"))
    if errors:
        return errors
    broken = ((name, rule(endpoint, body)) for name, rule in RULES if name in endpoint.fields)
    return [Violation422(loc=(name,), msg=f"Value error, {text}", type="value_error") for name, text in broken if text]


def with_defaults(endpoint: EndpointSpec, body: Mapping[str, Any]) -> dict[str, Any]:
    """The valid body with the server's defaults in place of absent fields; unknown fields dropped."""
    return {name: body.get(name, spec.default) for name, spec in endpoint.fields.items()}
