"""The image models of OpenAI, one row each, and one for whatever a compatible server has; facts of November 2026."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..types import Task
from .card import ModelCard, PictureRule, SizeRule
from .openai_parts import (
    COMMON,
    COMPLEXITY,
    FIDELITY,
    FREE_SIZE,
    INPUTS,
    PRICE_1_5,
    PRICE_2,
    PRICE_MINI,
    THREE_SIZES,
    quality,
)

ALL_ROUND: frozenset[Task] = frozenset({"generate", "edit", "inpaint"})
GENERATE: frozenset[Task] = frozenset({"generate"})
ENDPOINT = "/images/generations"
"""Below the base address; with pictures it is /images/edits."""
SERVER_MODEL = "openai-server"

NEWEST: Mapping[str, Any] = {"options": (quality("xhigh", "max"), COMPLEXITY, *COMMON), "markup": "layer"}
CURRENT: Mapping[str, Any] = {"options": (quality("xhigh", "max"), *COMMON)}


def _model(name: str, label: str, summary: str, **facts: Any) -> ModelCard:
    usual: dict[str, Any] = {
        "options": (quality(), *COMMON),
        "size": FREE_SIZE,
        "price": PRICE_2,
        "typical_seconds": 30.0,
    }
    return ModelCard(
        name=name,
        provider="openai",
        endpoint=ENDPOINT,
        label=label,
        summary=summary,
        tasks=ALL_ROUND,
        pictures=INPUTS,
        mask="alpha",
        seed=False,
        **{**usual, **facts},
    )


def _retired(name: str, label: str, since: str) -> ModelCard:
    """A name of the past: its requests are answered by the successor, with a sentence."""
    return ModelCard(
        name=name,
        provider="openai",
        endpoint=ENDPOINT,
        label=label,
        summary="Retired by OpenAI",
        tasks=GENERATE,
        size=THREE_SIZES,
        seed=False,
        state="withdrawn",
        state_since=since,
        successor="gpt-image-2.5-sunburst",
        successor_serves=True,
    )


OPENAI_CARDS: tuple[ModelCard, ...] = (
    _model(
        "gpt-image-2.6-sunburst",
        "GPT Image 2.6 Sunburst",
        "Newest: full scenes and text, precise edits, drawings that say what is meant",
        typical_seconds=45.0,
        **NEWEST,
    ),
    _model("gpt-image-2.6-flare", "GPT Image 2.6 Flare", "Newest: fast everyday pictures", **NEWEST),
    _model(
        "gpt-image-2.5-sunburst",
        "GPT Image 2.5 Sunburst",
        "Precise edits and fine detail; up to 16 references",
        typical_seconds=45.0,
        **CURRENT,
    ),
    _model("gpt-image-2.5-flare", "GPT Image 2.5 Flare", "Fast everyday pictures; up to 16 references", **CURRENT),
    _model("gpt-image-2", "GPT Image 2", "Free sizes up to 3840 × 2160; up to 16 references"),
    _model(
        "gpt-image-1.5",
        "GPT Image 1.5",
        "Three sizes; fidelity to your picture can be chosen",
        options=(quality(), FIDELITY, *COMMON),
        size=THREE_SIZES,
        price=PRICE_1_5,
    ),
    _model(
        "gpt-image-1-mini", "GPT Image 1 mini", "Cheapest of OpenAI; three sizes", size=THREE_SIZES, price=PRICE_MINI
    ),
    _model(
        "chatgpt-image-latest",
        "ChatGPT Image (latest)",
        "Whatever ChatGPT draws with at the moment; three sizes",
        size=THREE_SIZES,
        price=PRICE_1_5,
    ),
    ModelCard(
        name=SERVER_MODEL,
        provider="openai_server",
        endpoint=ENDPOINT,
        label="Image server",
        summary="The model of your own server that speaks OpenAI's protocol",
        tasks=ALL_ROUND,
        size=SizeRule(
            kind="free", multiple=16, minimum=256, maximum=2048, max_pixels=4_194_304, min_ratio=1 / 4, max_ratio=4.0
        ),
        pictures=PictureRule(fields=("image",) * 4, min_side=16, max_pixels=4_194_304, max_bytes=20 * 1024 * 1024),
        seed=False,
        typical_seconds=30.0,
    ),
    _retired("gpt-image-1", "GPT Image 1", "2026-10-23"),
    _retired("dall-e-3", "DALL·E 3", "2026-05-12"),
    _retired("dall-e-2", "DALL·E 2", "2026-05-12"),
)
"""In the order of the selector."""
