"""From a checked request to the fields and files of OpenAI's two image endpoints (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..catalog.card import ModelCard, OptionSpec
from ..catalog.check import LOW_MODERATION
from ..catalog.formats import fitting_format
from ..errors import InvalidRequest
from ..imaging import for_upload
from ..imaging.markup import scaled_markup
from ..settings import Settings
from ..types import Format, OptionValue, Picture, Request, Size
from .openai_servers import ServerProfile

FilePart = tuple[str, bytes, str]
"""File name, bytes, type: without the type the service refuses a picture."""

ENDINGS: Mapping[str, str] = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
ONLY_EDITS = frozenset({"input_fidelity"})
ONLY_STREAMS = frozenset({"partial_images"})
MAX_MASK_BYTES = 4 * 1024 * 1024 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One call: generations without pictures, edits with them."""

    fields: Mapping[str, Any]
    """By the provider's own names; only what was chosen."""
    pictures: tuple[FilePart, ...] = field(default=(), repr=False)
    mask: FilePart | None = field(default=None, repr=False)
    markup: FilePart | None = field(default=None, repr=False)
    streams: bool = False


def build_order(
    request: Request, card: ModelCard, settings: Settings, profile: ServerProfile, *, model: str, person: str = ""
) -> Order:
    """Return what is sent for one picture. Encodes pictures, so call it off the event loop.

    `model` is the name at the server, `person` the host's id of who asks: only a hash of it leaves.
    Raises InvalidRequest for pictures the server does not take, or that cannot be made to fit.
    """
    if request.pictures and not profile.edits:
        sentence = f"{profile.label} takes no pictures, only text."
        raise InvalidRequest("pictures", len(request.pictures), "none", sentence=sentence)
    fields: dict[str, Any] = {"model": model, "prompt": request.prompt.strip()}
    if request.size is not None:
        fields["size"] = f"{request.size.width}x{request.size.height}"
    if profile.options:
        fields |= _options(request, card, settings, streams=profile.streams)
    if profile.base64_wish:
        fields["response_format"] = "b64_json"
    if profile.person and person:
        fields[profile.person] = hashed(person)
    return _with_files(Order(fields=fields, streams=profile.streams), request, card, profile)


def hashed(person: str) -> str:
    """A stable id of a person from which nobody gets back to the account."""
    return hashlib.sha256(f"flux-studio {person}".encode()).hexdigest()[:40]


def output_format(request: Request, card: ModelCard, settings: Settings) -> tuple[Format, Mapping[str, OptionValue]]:
    """The format to ask for, and the options that mean something in it."""
    wish = request.format or settings.output_format
    form, options = fitting_format(wish if wish in card.formats else card.default_format, request.options, card, [])
    return form or card.default_format, options


def _options(request: Request, card: ModelCard, settings: Settings, *, streams: bool) -> dict[str, Any]:
    form, options = output_format(request, card, settings)
    chosen: dict[str, Any] = {"output_format": form}
    for spec in card.options:
        name = spec.field or spec.name
        value = options.get(spec.name, spec.default if name in ONLY_STREAMS else None)
        if value is not None and _fits(name, request, streams):
            chosen[name] = _bounded(spec, value, settings)
    return chosen


def _fits(name: str, request: Request, streams: bool) -> bool:
    return (name not in ONLY_EDITS or bool(request.pictures)) and (name not in ONLY_STREAMS or streams)


def _bounded(spec: OptionSpec, value: OptionValue, settings: Settings) -> OptionValue:
    """At the last door to the outside: no caller can forget the admin's bound of the moderation."""
    if spec.name == "moderation" and settings.safety_tolerance < LOW_MODERATION:
        return "auto"
    return value


def _with_files(order: Order, request: Request, card: ModelCard, profile: ServerProfile) -> Order:
    if len(request.pictures) > card.pictures.maximum:
        raise InvalidRequest("pictures", len(request.pictures), f"up to {card.pictures.maximum}")
    # position and camera are taken out here, whoever sends the picture
    ready = [for_upload(picture, card.pictures) for picture in request.pictures]
    files = tuple(_part(f"picture-{number}", picture) for number, picture in enumerate(ready, start=1))
    order = replace(order, pictures=files)
    if request.mask is not None:
        if card.mask != "alpha" or not profile.masks or not ready:
            raise InvalidRequest("mask", "a mask", "none for this model")
        order = replace(order, mask=("mask.png", mask_png(request, ready[0].size), "image/png"))
    if request.markup is not None:
        order = replace(order, markup=_markup(request.markup, card, ready))
    return order


def _markup(markup: Picture, card: ModelCard, ready: list[Picture]) -> FilePart:
    drawn = for_upload(markup, card.pictures)
    if card.markup != "layer" or not ready or drawn.mime != "image/png":
        raise InvalidRequest("markup", str(markup.size), "a transparent PNG of the size of the first picture")
    # the picture may have been made smaller to fit the service
    return _part("markup", scaled_markup(drawn, ready[0].size))


def mask_png(request: Request, size: Size) -> bytes:
    """Our mask as the service reads it: transparent = repaint, in the size of the first picture, below 4 MB.

    Raises InvalidRequest (field "mask") when even a mask without soft edges is larger.
    """
    from ..imaging.masks import resized, threshold, to_alpha_png

    assert request.mask is not None
    mask = resized(request.mask, size)
    for candidate in (mask, threshold(mask)):
        data = to_alpha_png(candidate)
        if len(data) <= MAX_MASK_BYTES:
            return data
    raise InvalidRequest("mask", f"{len(data) / 1024 / 1024:.1f} MB", "up to 4 MB; paint fewer, larger areas")


def _part(name: str, picture: Picture) -> FilePart:
    return f"{name}.{ENDINGS[picture.mime]}", picture.data, picture.mime
