"""The FLUX models that work on an area of a picture, one row each; facts as of November 2026 (docs.bfl.ai)."""

from __future__ import annotations

from dataclasses import replace

from ..types import Task
from .card import ModelCard, OptionSpec, PictureRule, Price, SizeRule
from .flux_parts import (
    FLUX_2_SIZE,
    GUIDANCE,
    MAX_UPLOAD_BYTES,
    OBSERVED,
    PRICE_SOURCE,
    PUP_SWITCH,
    SAFETY_0_TO_5,
    SAFETY_0_TO_6,
    STEPS,
    TOOL_SIZE,
    upsampling,
)

FILL: frozenset[Task] = frozenset({"inpaint", "expand"})
"""Expanding is filling on an enlarged canvas."""
ERASE: frozenset[Task] = frozenset({"erase"})
EXPAND: frozenset[Task] = frozenset({"expand"})
CONTROL: frozenset[Task] = frozenset({"edit", "inpaint"})

FILL_GUIDANCE = replace(GUIDANCE, default=60.0, maximum=100.0, step=0.5)
FILL_STEPS = replace(STEPS, minimum=15)


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

FILL_SIDE = 1440
"""Longest side of what comes back from fill (1080 x 1920 came back as 810 x 1440); more would only be scaled down."""
FILL_SIZE = SizeRule(
    kind="input", multiple=16, minimum=256, maximum=FILL_SIDE, max_pixels=FILL_SIDE**2, min_ratio=1 / 4, max_ratio=4.0
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
            upsampling(False),
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

FLUX_EDITOR_CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="flux-pro-1.0-fill",
        provider="bfl",
        endpoint="/v1/flux-pro-1.0-fill",
        label="FLUX.1 Fill [pro]",
        summary="Paints what the prompt says into the mask, in the style of its surroundings",
        tasks=FILL,
        options=(FILL_STEPS, FILL_GUIDANCE, upsampling(False), SAFETY_0_TO_6),
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
        options=(*MARGINS, FILL_STEPS, FILL_GUIDANCE, upsampling(False), SAFETY_0_TO_6),
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
"""In the order of the editor's list; the withdrawn ones are kept to name their successor."""
