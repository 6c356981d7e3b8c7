"""What several FLUX rows have in common: settings, prices' sources and limits of Black Forest Labs."""

from __future__ import annotations

from ..types import Task
from .card import OptionSpec, PictureRule, SizeRule

PRICE_SOURCE = "docs.bfl.ai/quick_start/pricing, 2026"
OBSERVED = "observed in use, September 2026"
MAX_UPLOAD_BYTES = 15_000_000
"""BFL names 20 MB per picture and its own client counts the base64 text, which is a third longer than the file."""
MAX_OUTPUT_PIXELS = 4_194_304
"""FLUX.2: width x height at most 4 MP (BFL's API reference)."""


GENERATE: frozenset[Task] = frozenset({"generate"})
ALL_ROUND: frozenset[Task] = frozenset({"generate", "edit", "inpaint"})
"""Inpainting without a mask of their own: they get the area around it, and only the mask is pasted back."""


def references(count: int, *, max_pixels: int) -> PictureRule:
    """Fields input_image, input_image_2 … as FLUX.2 and Kontext name them."""
    names = ("input_image", *(f"input_image_{number}" for number in range(2, count + 1)))
    return PictureRule(fields=names, min_side=64, max_pixels=max_pixels, max_bytes=MAX_UPLOAD_BYTES)


IMAGE_PROMPT = PictureRule(fields=("image_prompt",), min_side=64, max_bytes=MAX_UPLOAD_BYTES, inspires=True)
IMAGE_PROMPT_STRENGTH = OptionSpec(
    name="image_prompt_strength",
    kind="float",
    default=0.1,
    minimum=0.0,
    maximum=1.0,
    step=0.05,
    help="How much an attached picture counts against the prompt: 0 not at all, 1 alone.",
)


def safety(maximum: int) -> OptionSpec:
    return OptionSpec(
        name="safety_tolerance",
        kind="int",
        default=2,
        minimum=0,
        maximum=maximum,
        advanced=False,
        help=f"How much the moderation lets pass: 0 strictest, {maximum} most permissive.",
    )


def upsampling(default: bool, *, field: str = "", inverted: bool = False) -> OptionSpec:
    return OptionSpec(
        name="prompt_upsampling",
        kind="bool",
        default=default,
        field=field,
        inverted=inverted,
        advanced=False,
        help="Let BFL enrich the prompt before it draws.",
    )


GUIDANCE = OptionSpec(
    name="guidance",
    kind="float",
    default=5.0,
    minimum=1.5,
    maximum=10.0,
    step=0.1,
    help="How closely the picture follows the prompt.",
)
STEPS = OptionSpec(
    name="steps", kind="int", default=50, minimum=1, maximum=50, step=1, help="More steps: finer, slower."
)

SAFETY_0_TO_5 = safety(5)
"""FLUX.2: 6 is refused with HTTP 422, whatever older prose says."""
SAFETY_0_TO_6 = safety(6)
PUP_SWITCH = upsampling(True, field="disable_pup", inverted=True)
"""FLUX.2 [pro] and [max] enrich prompts unless `disable_pup` is true."""

FLUX_2_SIZE = SizeRule(
    kind="free",
    multiple=16,
    minimum=64,
    max_pixels=MAX_OUTPUT_PIXELS,
    min_ratio=1 / 8,
    max_ratio=8.0,
    typical_pixels=1024 * 1024,
)
"""BFL names no limit of the ratio for FLUX.2; beyond 8:1 it is a slip of the keyboard rather than a wish."""

TOOL_SIZE = SizeRule(
    kind="input", multiple=16, minimum=256, max_pixels=MAX_OUTPUT_PIXELS, min_ratio=1 / 4, max_ratio=4.0
)
"""Tools answer in the size of what they got."""
