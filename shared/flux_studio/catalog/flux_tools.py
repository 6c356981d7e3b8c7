"""The FLUX tools that answer in a chat, one row each; facts as of November 2026 (docs.bfl.ai)."""

from __future__ import annotations

from ..types import Task
from .card import ModelCard, PictureRule, Price
from .flux_parts import MAX_OUTPUT_PIXELS, MAX_UPLOAD_BYTES, OBSERVED, SAFETY_0_TO_5, TOOL_SIZE

DEBLUR: frozenset[Task] = frozenset({"deblur"})
TRY_ON: frozenset[Task] = frozenset({"tryon"})


def _person_and_garment(max_pixels: int) -> PictureRule:
    return PictureRule(
        fields=("person", "garment"),
        required=2,
        roles=("the person", "the garment"),
        max_pixels=max_pixels,
        max_bytes=MAX_UPLOAD_BYTES,
    )


FLUX_TOOL_CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="flux-tools-deblur-v1",
        provider="bfl",
        endpoint="/v1/flux-tools/deblur-v1",
        label="FLUX Deblur",
        summary="Makes a blurred picture sharp, without any prompt; attach it",
        tasks=DEBLUR,
        options=(SAFETY_0_TO_5,),
        size=TOOL_SIZE,
        pictures=PictureRule(fields=("image",), required=1, max_pixels=MAX_OUTPUT_PIXELS, max_bytes=MAX_UPLOAD_BYTES),
        default_format="png",
        prompt_required=False,
        max_prompt=0,
        price=Price(first=3, source=OBSERVED),
        typical_seconds=6,
    ),
    ModelCard(
        name="flux-tools-vto-v2",
        provider="bfl",
        endpoint="/v1/flux-tools/vto-v2",
        label="FLUX Try-on v2",
        summary="Dresses somebody: attach first the person, then the garment",
        tasks=TRY_ON,
        options=(SAFETY_0_TO_5,),
        size=TOOL_SIZE,
        pictures=_person_and_garment(MAX_OUTPUT_PIXELS),
        prompt_required=False,
        price=Price(first=4.75, source=OBSERVED),
        typical_seconds=12,
    ),
    ModelCard(
        name="flux-tools-vto-v1",
        provider="bfl",
        endpoint="/v1/flux-tools/vto-v1",
        label="FLUX Try-on v1",
        summary="Dresses somebody as the prompt says: attach first the person, then the garment",
        tasks=TRY_ON,
        options=(SAFETY_0_TO_5,),
        size=TOOL_SIZE,
        pictures=_person_and_garment(20_000_000),
        price=Price(first=4.75, source=OBSERVED),
        typical_seconds=12,
    ),
)
"""In the order of the model selector."""
