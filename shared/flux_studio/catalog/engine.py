"""The models of the own engine, one row each; names and defaults are those of shared/flux_engine/models.py."""

from __future__ import annotations

from dataclasses import replace

from ..types import Size, Task
from .card import ModelCard, OptionSpec, PictureRule, Price, SizeRule

PROVIDER = "engine"
ALL: frozenset[Task] = frozenset({"generate", "edit", "inpaint"})
FILL: frozenset[Task] = frozenset({"inpaint", "expand"})
EDITS: frozenset[Task] = frozenset({"generate", "edit"})

FREE = Price(first=0.0, source="made on the admin's own machine")
ONE_PICTURE = PictureRule(fields=("picture",), min_side=64, max_pixels=4_194_304)
REFERENCES = PictureRule(fields=tuple(f"picture_{number}" for number in range(1, 5)), max_pixels=4_194_304)

STEPS = OptionSpec(
    name="steps", kind="int", default=28, minimum=1, maximum=100, step=1, help="More steps: finer, slower."
)
GUIDANCE = OptionSpec(
    name="guidance",
    kind="float",
    default=3.5,
    minimum=0.0,
    maximum=30.0,
    step=0.1,
    help="How closely the picture follows the prompt.",
)
STRENGTH = OptionSpec(
    name="strength",
    kind="float",
    default=0.8,
    minimum=0.0,
    maximum=1.0,
    step=0.05,
    help="0 keeps the given picture, 1 ignores it.",
)

LOCAL_SIZE = SizeRule(
    kind="free",
    default=Size(width=1024, height=1024),
    multiple=16,
    minimum=256,
    maximum=2048,
    max_pixels=2_097_152,
    min_ratio=1 / 4,
    max_ratio=4.0,
)
TINY_SIZE = SizeRule(
    kind="free",
    default=Size(width=128, height=128),
    multiple=16,
    minimum=128,
    maximum=128,
    max_pixels=128 * 128,
    min_ratio=1.0,
    max_ratio=1.0,
    typical_pixels=128 * 128,
)


def _options(steps: int, guidance: float | None, strength: float | None) -> tuple[OptionSpec, ...]:
    """The settings of a model, standing at its own defaults; None = it has no such setting."""
    rows = [replace(STEPS, default=steps)]
    if guidance is not None:
        rows.append(replace(GUIDANCE, default=guidance))
    if strength is not None:
        rows.append(replace(STRENGTH, default=strength))
    return tuple(rows)


ENGINE_CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="flux-tiny",
        provider=PROVIDER,
        price=FREE,
        endpoint="/v1/jobs",
        label="FLUX Tiny",
        summary="Draws coloured shapes in a second: a small FLUX for trying out; nothing leaves this server",
        tasks=ALL,
        options=_options(8, 3.5, 0.9),
        size=TINY_SIZE,
        pictures=ONE_PICTURE,
        mask="white_repaints",
        default_format="png",
        max_prompt=500,
        typical_seconds=1.0,
    ),
    ModelCard(
        name="local-flux-2-klein-4b",
        provider=PROVIDER,
        price=FREE,
        endpoint="/v1/jobs",
        label="FLUX.2 [klein] 4B, own GPU",
        summary="Fast and free to use; edits with up to 4 references; nothing leaves this server",
        tasks=ALL,
        options=_options(4, None, None),
        size=LOCAL_SIZE,
        pictures=REFERENCES,
        mask="white_repaints",
        default_format="png",
        typical_seconds=3.0,
        listed=False,
    ),
    ModelCard(
        name="local-flux-1-schnell",
        provider=PROVIDER,
        price=FREE,
        endpoint="/v1/jobs",
        label="FLUX.1 [schnell], own GPU",
        summary="Four steps a picture, free to use; nothing leaves this server",
        tasks=ALL,
        options=_options(4, None, 0.8),
        size=LOCAL_SIZE,
        pictures=ONE_PICTURE,
        mask="white_repaints",
        default_format="png",
        typical_seconds=4.0,
        listed=False,
    ),
    ModelCard(
        name="local-flux-1-dev",
        provider=PROVIDER,
        price=FREE,
        endpoint="/v1/jobs",
        label="FLUX.1 [dev], own GPU",
        summary="The open model of the first generation, for non-commercial use; nothing leaves this server",
        tasks=ALL,
        options=_options(28, 3.5, 0.8),
        size=LOCAL_SIZE,
        pictures=ONE_PICTURE,
        mask="white_repaints",
        default_format="png",
        typical_seconds=20.0,
        listed=False,
    ),
    ModelCard(
        name="local-flux-1-fill",
        provider=PROVIDER,
        price=FREE,
        endpoint="/v1/jobs",
        label="FLUX.1 Fill [dev], own GPU",
        summary="Repaints an area, for non-commercial use; nothing leaves this server",
        tasks=FILL,
        options=_options(50, 30.0, None),
        size=LOCAL_SIZE,
        pictures=replace(ONE_PICTURE, required=1),
        mask="white_repaints",
        default_format="png",
        typical_seconds=30.0,
        listed=False,
    ),
    ModelCard(
        name="local-flux-1-kontext",
        provider=PROVIDER,
        price=FREE,
        endpoint="/v1/jobs",
        label="FLUX.1 Kontext [dev], own GPU",
        summary="Edits by instruction, for non-commercial use; nothing leaves this server",
        tasks=ALL,
        options=_options(28, 2.5, None),
        size=LOCAL_SIZE,
        pictures=ONE_PICTURE,
        mask="white_repaints",
        default_format="png",
        typical_seconds=25.0,
        listed=False,
    ),
    ModelCard(
        name="local-flux-2-dev",
        provider=PROVIDER,
        price=FREE,
        endpoint="/v1/jobs",
        label="FLUX.2 [dev], own GPU",
        summary="The large open model, edits with references, for non-commercial use; nothing leaves this server",
        tasks=EDITS,
        options=_options(50, 4.0, None),
        size=LOCAL_SIZE,
        pictures=REFERENCES,
        default_format="png",
        typical_seconds=60.0,
        listed=False,
    ),
)
"""FLUX Tiny comes with the engine; the others are shown when the admin names them in MODELS and has their weights."""
