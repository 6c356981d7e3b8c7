"""From what OpenAI's image endpoints answer to pictures, costs and ids (pure)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..catalog.card import ModelCard, TokenPrice
from ..catalog.tokens import Usage, bill
from ..types import Cost

PARTIAL = frozenset({"image_generation.partial_image", "image_edit.partial_image"})
COMPLETED = frozenset({"image_generation.completed", "image_edit.completed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One finished picture: its bytes in base64, or where it can be fetched."""

    base64: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    usage: Usage | None = None
    prompt: str | None = None
    """After the server's own rewriting, when it tells."""


def read_answer(body: Any) -> Delivered | None:
    """Read a whole answer; None when there is no picture in it."""
    entries = body.get("data") if isinstance(body, Mapping) else None
    first = entries[0] if isinstance(entries, list) and entries else None
    return _delivered(first, body.get("usage")) if isinstance(first, Mapping) else None


def read_event(event: Mapping[str, Any]) -> Delivered | None:
    """Read the last event of a stream, which is one picture."""
    return _delivered(event, event.get("usage"))


def _delivered(entry: Mapping[str, Any], usage: Any) -> Delivered | None:
    text, url, prompt = entry.get("b64_json"), entry.get("url"), entry.get("revised_prompt")
    if isinstance(url, str) and url.startswith("data:"):
        text, url = url.partition(",")[2], ""
    if not any(isinstance(value, str) and value for value in (text, url)):
        return None
    return Delivered(
        base64=text if isinstance(text, str) else "",
        url=url if isinstance(url, str) else "",
        usage=read_usage(usage),
        prompt=prompt if isinstance(prompt, str) and prompt else None,
    )


def read_usage(usage: Any) -> Usage | None:
    """The tokens of a call; None when the server does not count or counts nonsense."""
    if not isinstance(usage, Mapping):
        return None
    details = usage.get("input_tokens_details")
    details = details if isinstance(details, Mapping) else {}
    whole, out = _count(usage.get("input_tokens")), _count(usage.get("output_tokens"))
    text, image = _count(details.get("text_tokens")), _count(details.get("image_tokens"))
    if whole is None or out is None:
        return None
    if text is None or image is None:
        text, image = 0, whole  # the dearer of the two: a bill must not look smaller than it is
    return Usage(text_in=text, image_in=image, out=out)


def cost_of(usage: Usage | None, card: ModelCard) -> Cost | None:
    """The bill by the tokens that were counted, None without them or without a price."""
    return bill(card.price, usage) if usage and isinstance(card.price, TokenPrice) else None


def decoded(text: str) -> bytes | None:
    """The bytes of a base64 text, with or without a data: prefix; None when it is none."""
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _count(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None
