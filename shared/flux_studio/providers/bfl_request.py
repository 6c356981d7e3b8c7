"""From a checked request to the JSON body of a BFL endpoint (pure)."""

from __future__ import annotations

import base64
from typing import Any

from ..catalog.card import ModelCard, OptionSpec
from ..errors import InvalidRequest
from ..imaging import for_upload
from ..settings import Settings
from ..types import Format, OptionValue, Request

SIZE_FIELDS = ("width", "height")
RATIO_FIELD = "aspect_ratio"
FORMAT_FIELD = "output_format"
MASK_FIELD = "mask"


def build_body(request: Request, card: ModelCard, settings: Settings) -> dict[str, Any]:
    """Return only fields the card lists, in the provider's names and exact types.

    Fields without a wish are left out, so that the provider's own defaults hold; never zero sizes, never webhooks.
    Makes the pictures fit for the outside and encodes them, so call it off the event loop. Raises InvalidRequest
    for pictures or a mask that the model has no field for, and for a picture that cannot be made to fit.
    """
    body: dict[str, Any] = dict(card.extra)
    prompt = request.prompt.strip()
    if (prompt or card.prompt_required) and card.prompt != "none":
        body["prompt"] = prompt
    body |= _pictures(request, card) | _shape(request, card)
    if card.seed and request.seed is not None:
        body["seed"] = request.seed
    if card.formats:
        body[FORMAT_FIELD] = output_format(request, card, settings)
    for spec in card.options:
        value = option_value(spec, request, settings)
        if value is None and spec.always_sent:
            value = spec.default
        if value is not None:
            body[field_name(spec)] = (not value) if spec.inverted else value
    return body


def output_format(request: Request, card: ModelCard, settings: Settings) -> Format:
    """The wish, else the setting where the model can write it, else the model's own."""
    for wish in (request.format, settings.output_format):
        if wish is not None and wish in card.formats:
            return wish
    return card.default_format


def option_value(spec: OptionSpec, request: Request, settings: Settings) -> OptionValue | None:
    """The value to send for an option, None to send nothing."""
    value = request.options.get(spec.name)
    if spec.name == "safety_tolerance":
        return _safety(spec, value, settings)
    if spec.name == "prompt_upsampling" and value is None:
        return settings.prompt_upsampling
    return value


def field_name(spec: OptionSpec) -> str:
    """The provider's name of an option."""
    return spec.field or spec.name


def our_name(field: str, card: ModelCard, place: int = 0) -> str:
    """The name people know for a field of the provider's body: size, picture 2, prompt_upsampling …

    `place` counts from 0 within a list field.
    """
    if field in card.pictures.fields:
        return f"picture {card.pictures.fields.index(field) + 1 + place}"
    known = {
        **dict.fromkeys(SIZE_FIELDS, "size"),
        RATIO_FIELD: "aspect",
        FORMAT_FIELD: "format",
        **{field_name(spec): spec.name for spec in card.options},
    }
    return known.get(field, field)


def our_value(name: str, request: Request) -> object:
    """What the request says under a name that `our_name` gave."""
    kind, _, number = name.partition(" ")
    if kind == "picture" and number.isdecimal() and 0 < int(number) <= len(request.pictures):
        return str(request.pictures[int(number) - 1].size)
    if name == MASK_FIELD and request.mask is not None:
        return f"{request.mask.width} × {request.mask.height}"
    if name in ("prompt", "aspect", "seed", "format"):
        return getattr(request, name)
    return str(request.size) if name == "size" and request.size else request.options.get(name, "")


def _safety(spec: OptionSpec, value: OptionValue | None, settings: Settings) -> int:
    bounds = [settings.safety_tolerance, value, spec.maximum]
    return max(int(spec.minimum or 0), min(int(bound) for bound in bounds if bound is not None))


def _pictures(request: Request, card: ModelCard) -> dict[str, Any]:
    if len(request.pictures) > card.pictures.maximum:
        raise InvalidRequest("pictures", len(request.pictures), f"up to {card.pictures.maximum}")
    # at the last door to the outside: no caller can forget to take position and camera out
    ready = [_base64(for_upload(picture, card.pictures).data) for picture in request.pictures]
    return _in_fields(ready, card.pictures.fields) | _mask(request, card)


def _in_fields(values: list[str], fields: tuple[str, ...]) -> dict[str, Any]:
    """One value a field, in order; a field that stands several times gets a list of them."""
    placed: dict[str, Any] = {}
    for field, value in zip(fields, values, strict=False):
        if fields.count(field) > 1:
            placed.setdefault(field, []).append(value)
        else:
            placed[field] = value
    return placed


def _mask(request: Request, card: ModelCard) -> dict[str, str]:
    """White = repaint, only black and white: half-masked pixels come back half-blended."""
    if request.mask is None:
        return {}
    if card.mask != "white_repaints":
        raise InvalidRequest("mask", "a mask", "none for this model")
    from ..imaging.masks import threshold, to_png

    return {MASK_FIELD: _base64(to_png(threshold(request.mask)))}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _shape(request: Request, card: ModelCard) -> dict[str, Any]:
    if card.size.kind == "free" and request.size is not None:
        return dict(zip(SIZE_FIELDS, (request.size.width, request.size.height), strict=True))
    if card.size.kind == "ratio" and request.aspect:
        return {RATIO_FIELD: request.aspect}
    return {}
