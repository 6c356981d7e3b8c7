"""The FLUX models of Black Forest Labs, one row each; facts as of November 2026 (docs.bfl.ai, OpenAPI document)."""

from __future__ import annotations

from dataclasses import replace

from ..types import Size, Task
from .card import ModelCard, OptionSpec, PictureRule, Price, SizeRule

GENERATE: frozenset[Task] = frozenset({"generate"})
ALL_ROUND: frozenset[Task] = frozenset({"generate", "edit", "inpaint"})
"""Inpainting without a mask of their own: they get the area around it, and only the mask is pasted back."""
FILL: frozenset[Task] = frozenset({"inpaint", "expand"})
"""Expanding is filling on an enlarged canvas."""
ERASE: frozenset[Task] = frozenset({"erase"})
EXPAND: frozenset[Task] = frozenset({"expand"})
CONTROL: frozenset[Task] = frozenset({"edit", "inpaint"})

PRICE_SOURCE = "docs.bfl.ai/quick_start/pricing, 2026"
OBSERVED = "observed in use, September 2026"
MAX_UPLOAD_BYTES = 15_000_000
"""BFL names 20 MB per picture and its own client counts the base64 text, which is a third longer than the file."""
MAX_OUTPUT_PIXELS = 4_194_304
"""FLUX.2: width x height at most 4 MP (BFL's API reference)."""


def _safety(maximum: int) -> OptionSpec:
    return OptionSpec(
        name="safety_tolerance",
        kind="int",
        default=2,
        minimum=0,
        maximum=maximum,
        advanced=False,
        help=f"How much the moderation lets pass: 0 strictest, {maximum} most permissive.",
    )


def _upsampling(default: bool, *, field: str = "", inverted: bool = False) -> OptionSpec:
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
FILL_GUIDANCE = replace(GUIDANCE, default=60.0, maximum=100.0, step=0.5)
STEPS = OptionSpec(
    name="steps", kind="int", default=50, minimum=1, maximum=50, step=1, help="More steps: finer, slower."
)
FILL_STEPS = replace(STEPS, minimum=15)
RAW = OptionSpec(name="raw", kind="bool", default=False, help="Less processed, more natural looking pictures.")


def _placement(name: str, help: str, *, field: str = "", maximum: int | None = None) -> OptionSpec:
    """A number that follows from the area, which nobody is asked for."""
    default, minimum = (0, 0) if maximum else (None, None)
    return OptionSpec(
        name=name,
        kind="int",
        default=default,
        minimum=minimum,
        maximum=maximum,
        field=field,
        help=help,
        advanced=False,
        computed=True,
    )


MARGINS = tuple(
    _placement(side, f"Pixels to add on this side: {side}.", maximum=2048)
    for side in ("top", "bottom", "left", "right")
)
OFFSETS = tuple(
    _placement(f"offset_{axis}", f"Place of the picture on the new canvas, in pixels from the {edge}.", field=field)
    for axis, edge, field in (("x", "left", "reference_offset_x"), ("y", "top", "reference_offset_y"))
)
OUTPAINTING_MODE = OptionSpec(
    name="mode",
    kind="choice",
    default="high",
    choices=("high", "fast"),
    advanced=False,
    help="High quality, or fast for less than a quarter of the price.",
)
DILATION = OptionSpec(
    name="dilate_pixels",
    kind="int",
    default=10,
    minimum=0,
    maximum=25,
    step=1,
    advanced=False,
    help="Pixels around the mask that the model may look behind; they are not changed.",
)

SAFETY_0_TO_5 = _safety(5)
"""FLUX.2: 6 is refused with HTTP 422, whatever older prose says."""
SAFETY_0_TO_6 = _safety(6)
PUP_SWITCH = _upsampling(True, field="disable_pup", inverted=True)
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

FLUX_1_RATIO = SizeRule(kind="ratio", default_ratio="1:1", min_ratio=9 / 21, max_ratio=21 / 9)


def _references(count: int, *, max_pixels: int) -> PictureRule:
    """Fields input_image, input_image_2 … as FLUX.2 and Kontext name them."""
    names = ("input_image", *(f"input_image_{number}" for number in range(2, count + 1)))
    return PictureRule(fields=names, min_side=64, max_pixels=max_pixels, max_bytes=MAX_UPLOAD_BYTES)


FLUX_2_REFERENCES = _references(8, max_pixels=MAX_OUTPUT_PIXELS)
"""Larger inputs would be scaled down to 4 MP by BFL; doing it here saves the upload."""
KLEIN_REFERENCES = _references(4, max_pixels=MAX_OUTPUT_PIXELS)
KONTEXT_PICTURES = _references(4, max_pixels=20_000_000)

FILL_SIDE = 1440
"""Longest side of what comes back from fill (1080 x 1920 came back as 810 x 1440); more would only be scaled down."""
FILL_SIZE = SizeRule(
    kind="input", multiple=16, minimum=256, maximum=FILL_SIDE, max_pixels=FILL_SIDE**2, min_ratio=1 / 4, max_ratio=4.0
)
TOOL_SIZE = SizeRule(
    kind="input", multiple=16, minimum=256, max_pixels=MAX_OUTPUT_PIXELS, min_ratio=1 / 4, max_ratio=4.0
)
FILL_PICTURE = PictureRule(fields=("image",), required=1, min_side=64, max_bytes=MAX_UPLOAD_BYTES)


def _withdrawn_control(kind: str, guidance: float, *own: OptionSpec) -> ModelCard:
    """Canny and depth: gone since the end of October 2025; FLUX.2 takes the picture as a reference instead."""
    return ModelCard(
        name=f"flux-pro-1.0-{kind}",
        provider="bfl",
        endpoint=f"/v1/flux-pro-1.0-{kind}",
        label=f"FLUX.1 {kind.capitalize()} [pro]",
        summary=f"Kept the {'outlines' if kind == 'canny' else 'depth'} of a picture while repainting it",
        tasks=CONTROL,
        options=(
            *own,
            FILL_STEPS,
            replace(FILL_GUIDANCE, default=guidance, minimum=1.0),
            _upsampling(False),
            SAFETY_0_TO_6,
        ),
        size=FILL_SIZE,
        pictures=replace(FILL_PICTURE, fields=("control_image",), min_side=256),
        formats=("jpeg", "png"),
        price=Price(first=5, source=PRICE_SOURCE),
        state="withdrawn",
        state_since="2025-10-31",
        successor="flux-2-pro",
    )


CANNY_THRESHOLDS = tuple(
    OptionSpec(
        name=f"canny_{side}_threshold",
        kind="int",
        default=default,
        minimum=0,
        maximum=500,
        step=1,
        help=f"The {side} threshold of the edge detector.",
    )
    for side, default in (("low", 50), ("high", 200))
)

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
        options=(STEPS, GUIDANCE, _upsampling(True), SAFETY_0_TO_5),
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
        options=(_upsampling(False), SAFETY_0_TO_6),
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
        options=(RAW, _upsampling(False), SAFETY_0_TO_6),
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
        options=(_upsampling(False), SAFETY_0_TO_6),
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
        options=(_upsampling(False), SAFETY_0_TO_6),
        size=FLUX_1_RATIO,
        pictures=KONTEXT_PICTURES,
        default_format="png",
        active_limit=6,
        price=Price(first=8, source=PRICE_SOURCE),
        typical_seconds=9,
    ),
    ModelCard(
        name="flux-pro-1.0-fill",
        provider="bfl",
        endpoint="/v1/flux-pro-1.0-fill",
        label="FLUX.1 Fill [pro]",
        summary="Paints what the prompt says into the mask, in the style of its surroundings",
        tasks=FILL,
        options=(FILL_STEPS, FILL_GUIDANCE, _upsampling(False), SAFETY_0_TO_6),
        size=FILL_SIZE,
        pictures=FILL_PICTURE,
        mask="white_repaints",
        prompt_required=False,
        price=Price(first=5, source=PRICE_SOURCE),
        typical_seconds=10,
    ),
    ModelCard(
        name="flux-pro-1.0-expand",
        provider="bfl",
        endpoint="/v1/flux-pro-1.0-expand",
        label="FLUX.1 Expand [pro]",
        summary="Continues a picture beyond its edges, guided by a prompt if you like",
        tasks=EXPAND,
        options=(*MARGINS, FILL_STEPS, FILL_GUIDANCE, _upsampling(False), SAFETY_0_TO_6),
        size=FILL_SIZE,
        pictures=replace(FILL_PICTURE, min_side=256),
        prompt_required=False,
        price=Price(first=5, source=PRICE_SOURCE),
        typical_seconds=10,
    ),
    ModelCard(
        name="flux-tools-erase-v1",
        provider="bfl",
        endpoint="/v1/flux-tools/erase-v1",
        label="FLUX Erase",
        summary="Removes what the mask covers and closes the gap, without any prompt",
        tasks=ERASE,
        options=(DILATION, SAFETY_0_TO_5),
        size=TOOL_SIZE,
        pictures=FILL_PICTURE,
        mask="white_repaints",
        default_format="png",
        prompt_required=False,
        max_prompt=0,
        price=Price(first=3, source=OBSERVED),
        typical_seconds=6,
    ),
    ModelCard(
        name="flux-tools-outpainting-v1",
        provider="bfl",
        endpoint="/v1/flux-tools/outpainting-v1",
        label="FLUX Outpainting",
        summary="Places a picture on a larger canvas of up to 4 megapixels and paints the rest",
        tasks=EXPAND,
        options=(*OFFSETS, OUTPAINTING_MODE, PUP_SWITCH, SAFETY_0_TO_5),
        size=FLUX_2_SIZE,
        pictures=PictureRule(fields=("input_image",), required=1, min_side=64, max_bytes=MAX_UPLOAD_BYTES),
        default_format="png",
        seed=False,
        prompt_required=False,
        price=Price(first=20, modes={"fast": 4.5}, source=OBSERVED),
        typical_seconds=15,
    ),
    _withdrawn_control("canny", 30.0, *CANNY_THRESHOLDS),
    _withdrawn_control("depth", 15.0),
)
"""In the order of the model selector."""
