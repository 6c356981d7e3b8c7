"""The FLUX models of Black Forest Labs, one row each; facts as of November 2026 (docs.bfl.ai, OpenAPI document)."""

from __future__ import annotations

from ..types import Size, Task
from .card import ModelCard, OptionSpec, PictureRule, Price, SizeRule
from .flux_parts import (
    FLUX_2_SIZE,
    GUIDANCE,
    MAX_OUTPUT_PIXELS,
    MAX_UPLOAD_BYTES,
    PRICE_SOURCE,
    PUP_SWITCH,
    SAFETY_0_TO_5,
    SAFETY_0_TO_6,
    STEPS,
    upsampling,
)

GENERATE: frozenset[Task] = frozenset({"generate"})
ALL_ROUND: frozenset[Task] = frozenset({"generate", "edit", "inpaint"})
"""Inpainting without a mask of their own: they get the area around it, and only the mask is pasted back."""
RAW = OptionSpec(name="raw", kind="bool", default=False, help="Less processed, more natural looking pictures.")


FLUX_1_RATIO = SizeRule(kind="ratio", default_ratio="1:1", min_ratio=9 / 21, max_ratio=21 / 9)


def _references(count: int, *, max_pixels: int) -> PictureRule:
    """Fields input_image, input_image_2 … as FLUX.2 and Kontext name them."""
    names = ("input_image", *(f"input_image_{number}" for number in range(2, count + 1)))
    return PictureRule(fields=names, min_side=64, max_pixels=max_pixels, max_bytes=MAX_UPLOAD_BYTES)


FLUX_2_REFERENCES = _references(8, max_pixels=MAX_OUTPUT_PIXELS)
"""Larger inputs would be scaled down to 4 MP by BFL; doing it here saves the upload."""
KLEIN_REFERENCES = _references(4, max_pixels=MAX_OUTPUT_PIXELS)
KONTEXT_PICTURES = _references(4, max_pixels=20_000_000)

FLUX_CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="flux-2-pro",
        provider="bfl",
        endpoint="/v1/flux-2-pro",
        label="FLUX.2 [pro]",
        summary="Best balance of quality and speed; edits with up to 8 references",
        tasks=ALL_ROUND,
        options=(PUP_SWITCH, SAFETY_0_TO_5),
        size=FLUX_2_SIZE,
        pictures=FLUX_2_REFERENCES,
        price=Price(first=3, output_megapixel=1.5, input_megapixel=1.5, source=PRICE_SOURCE),
        typical_seconds=8,
    ),
    ModelCard(
        name="flux-2-max",
        provider="bfl",
        endpoint="/v1/flux-2-max",
        label="FLUX.2 [max]",
        summary="Highest quality and closest to the prompt; edits with up to 8 references",
        tasks=ALL_ROUND,
        options=(PUP_SWITCH, SAFETY_0_TO_5),
        size=FLUX_2_SIZE,
        pictures=FLUX_2_REFERENCES,
        price=Price(first=7, output_megapixel=3, input_megapixel=3, source=PRICE_SOURCE),
        typical_seconds=15,
    ),
    ModelCard(
        name="flux-2-flex",
        provider="bfl",
        endpoint="/v1/flux-2-flex",
        label="FLUX.2 [flex]",
        summary="Steps and guidance in your hand, strong at typography; edits with up to 8 references",
        tasks=ALL_ROUND,
        options=(STEPS, GUIDANCE, upsampling(True), SAFETY_0_TO_5),
        size=FLUX_2_SIZE,
        pictures=FLUX_2_REFERENCES,
        price=Price(first=6, output_megapixel=6, input_megapixel=6, source=PRICE_SOURCE),
        typical_seconds=20,
    ),
    ModelCard(
        name="flux-2-klein-4b",
        provider="bfl",
        endpoint="/v1/flux-2-klein-4b",
        label="FLUX.2 [klein] 4B",
        summary="Fastest and cheapest; edits with up to 4 references",
        tasks=ALL_ROUND,
        options=(SAFETY_0_TO_5,),
        size=FLUX_2_SIZE,
        pictures=KLEIN_REFERENCES,
        price=Price(first=1.4, output_megapixel=0.1, input_megapixel=0.1, source=PRICE_SOURCE),
        typical_seconds=2,
    ),
    ModelCard(
        name="flux-2-klein-9b",
        provider="bfl",
        endpoint="/v1/flux-2-klein-9b",
        label="FLUX.2 [klein] 9B",
        summary="Fast and cheap with better quality than 4B; edits with up to 4 references",
        tasks=ALL_ROUND,
        options=(SAFETY_0_TO_5,),
        size=FLUX_2_SIZE,
        pictures=KLEIN_REFERENCES,
        price=Price(first=1.5, output_megapixel=0.2, input_megapixel=0.2, source=PRICE_SOURCE),
        typical_seconds=3,
    ),
    ModelCard(
        name="flux-pro-1.1",
        provider="bfl",
        endpoint="/v1/flux-pro-1.1",
        label="FLUX1.1 [pro]",
        summary="The proven model of the first generation, text to picture",
        tasks=GENERATE,
        options=(upsampling(False), SAFETY_0_TO_6),
        size=SizeRule(
            kind="free",
            default=Size(width=1024, height=768),
            multiple=32,
            minimum=256,
            maximum=1440,
            min_ratio=1 / 5,
            max_ratio=5.0,
        ),
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
        options=(RAW, upsampling(False), SAFETY_0_TO_6),
        size=SizeRule(
            kind="ratio",
            default_ratio="16:9",
            min_ratio=9 / 21,
            max_ratio=21 / 9,
            typical_pixels=MAX_OUTPUT_PIXELS,
        ),
        price=Price(first=6, source=PRICE_SOURCE),
        typical_seconds=10,
    ),
    ModelCard(
        name="flux-kontext-pro",
        provider="bfl",
        endpoint="/v1/flux-kontext-pro",
        label="FLUX.1 Kontext [pro]",
        summary="Edits by instruction and keeps characters consistent, about 1 megapixel",
        tasks=ALL_ROUND,
        options=(upsampling(False), SAFETY_0_TO_6),
        size=FLUX_1_RATIO,
        pictures=KONTEXT_PICTURES,
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
        size=FLUX_1_RATIO,
        pictures=KONTEXT_PICTURES,
        default_format="png",
        active_limit=6,
        price=Price(first=8, source=PRICE_SOURCE),
        typical_seconds=9,
    ),
)
"""In the order of the model selector."""
