"""The first generation of FLUX, text to picture and Kontext, one row each; facts as of November 2026 (docs.bfl.ai)."""

from __future__ import annotations

from dataclasses import replace

from ..types import Size
from .card import ModelCard, OptionSpec, PictureRule, Price, SizeRule
from .flux_parts import (
    ALL_ROUND,
    GENERATE,
    GUIDANCE,
    IMAGE_PROMPT,
    IMAGE_PROMPT_STRENGTH,
    MAX_OUTPUT_PIXELS,
    PRICE_SOURCE,
    SAFETY_0_TO_6,
    STEPS,
    references,
    upsampling,
)

RAW = OptionSpec(name="raw", kind="bool", default=False, help="Less processed, more natural looking pictures.")
INTERVAL = OptionSpec(
    name="interval",
    kind="float",
    default=2.0,
    minimum=1.0,
    maximum=4.0,
    step=0.5,
    help="More variety and liberty with the prompt at higher values.",
)
FIRST_SIZE = SizeRule(
    kind="free",
    default=Size(width=1024, height=768),
    multiple=32,
    minimum=256,
    maximum=1440,
    min_ratio=1 / 5,
    max_ratio=5.0,
)
ULTRA_SIZE = SizeRule(
    kind="ratio", default_ratio="16:9", min_ratio=9 / 21, max_ratio=21 / 9, typical_pixels=MAX_OUTPUT_PIXELS
)
KONTEXT_SIZE = SizeRule(kind="ratio", default_ratio="1:1", min_ratio=9 / 21, max_ratio=21 / 9)
KONTEXT_PICTURES: PictureRule = references(4, max_pixels=20_000_000)

FLUX_FIRST_CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="flux-pro-1.1",
        provider="bfl",
        endpoint="/v1/flux-pro-1.1",
        label="FLUX1.1 [pro]",
        summary="The proven model of the first generation, text to picture",
        tasks=GENERATE,
        options=(upsampling(False), SAFETY_0_TO_6),
        size=FIRST_SIZE,
        pictures=IMAGE_PROMPT,
        price=Price(first=4, source=PRICE_SOURCE),
        typical_seconds=5,
    ),
    ModelCard(
        name="flux-pro-1.1-ultra",
        provider="bfl",
        endpoint="/v1/flux-pro-1.1-ultra",
        label="FLUX1.1 [pro] ultra",
        summary="4-megapixel pictures of the first generation, with a raw mode for natural looks",
        tasks=GENERATE,
        options=(RAW, IMAGE_PROMPT_STRENGTH, upsampling(False), SAFETY_0_TO_6),
        size=ULTRA_SIZE,
        pictures=IMAGE_PROMPT,
        price=Price(first=6, source=PRICE_SOURCE),
        typical_seconds=10,
    ),
    ModelCard(
        name="flux-dev",
        provider="bfl",
        endpoint="/v1/flux-dev",
        label="FLUX.1 [dev]",
        summary="The open model of the first generation: steps and guidance in your hand, cheap",
        tasks=GENERATE,
        options=(
            replace(STEPS, default=28),
            replace(GUIDANCE, default=3.0, maximum=5.0),
            upsampling(False),
            SAFETY_0_TO_6,
        ),
        size=FIRST_SIZE,
        pictures=IMAGE_PROMPT,
        price=Price(first=2.5, source=PRICE_SOURCE),
        typical_seconds=5,
    ),
    ModelCard(
        name="flux-kontext-pro",
        provider="bfl",
        endpoint="/v1/flux-kontext-pro",
        label="FLUX.1 Kontext [pro]",
        summary="Edits by instruction and keeps characters consistent, about 1 megapixel",
        tasks=ALL_ROUND,
        options=(upsampling(False), SAFETY_0_TO_6),
        size=KONTEXT_SIZE,
        pictures=KONTEXT_PICTURES,
        markup="reference",
        default_format="png",
        price=Price(first=4, source=PRICE_SOURCE),
        typical_seconds=7,
    ),
    ModelCard(
        name="flux-kontext-max",
        provider="bfl",
        endpoint="/v1/flux-kontext-max",
        label="FLUX.1 Kontext [max]",
        summary="Kontext at its best, better lettering, about 1 megapixel",
        tasks=ALL_ROUND,
        options=(upsampling(False), SAFETY_0_TO_6),
        size=KONTEXT_SIZE,
        pictures=KONTEXT_PICTURES,
        markup="reference",
        default_format="png",
        active_limit=6,
        price=Price(first=8, source=PRICE_SOURCE),
        typical_seconds=9,
    ),
    ModelCard(
        name="flux-pro",
        provider="bfl",
        endpoint="/v1/flux-pro",
        label="FLUX.1 [pro]",
        summary="The first FLUX model of all, text to picture",
        tasks=GENERATE,
        options=(
            replace(STEPS, default=40),
            replace(GUIDANCE, default=2.5, maximum=5.0),
            INTERVAL,
            upsampling(False),
            SAFETY_0_TO_6,
        ),
        size=FIRST_SIZE,
        pictures=IMAGE_PROMPT,
        formats=("jpeg", "png"),
        price=Price(first=5, source=PRICE_SOURCE),
        state="withdrawn",
        state_since="2025-10-31",
        successor="flux-2-pro",
    ),
)
"""In the order of the model selector; the withdrawn one is kept to name its successor."""
