"""FLUX.3 of Black Forest Labs; facts as of November 2026, from four implementers who agree (no copy of its schema)."""

from __future__ import annotations

from .card import ModelCard, OptionSpec, PictureRule, Price, SizeRule
from .flux_parts import ALL_ROUND, MAX_UPLOAD_BYTES, OBSERVED, safety

RATIOS = (
    "21:9", "2:1", "16:9", "3:2", "7:5", "4:3", "5:4", "1:1", "4:5", "3:4", "5:7", "2:3", "9:16", "1:2", "9:21",
)  # fmt: skip
RESOLUTION = OptionSpec(
    name="resolution",
    kind="choice",
    default="1k",
    choices=("768sq", "1k", "1.5k", "2k", "4k"),
    advanced=False,
    help="How large the picture becomes: about the area of a square with sides of that many pixels.",
)
GROUNDING = OptionSpec(
    name="grounding", kind="bool", default=True, help="Let the model look things up on the web before it draws."
)
REFERENCES = PictureRule(fields=("images",) * 10, min_side=256, max_pixels=4_000_000, max_bytes=MAX_UPLOAD_BYTES)
"""4 MP is the smaller of the two limits reported (the other is 16 MP)."""

FLUX_3_CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="flux-3-image",
        provider="bfl",
        endpoint="/v1/flux-3-image",
        label="FLUX.3 Image",
        summary="The newest generation, up to 4K; edits with up to 10 references",
        tasks=ALL_ROUND,
        options=(RESOLUTION, GROUNDING, safety(4)),
        size=SizeRule(kind="ratio", minimum=256, ratios=RATIOS, min_ratio=9 / 21, max_ratio=21 / 9),
        pictures=REFERENCES,
        formats=(),
        seed=False,
        max_prompt=15_000,
        price=Price(
            first=4.8,
            # 1.5k is not confirmed: it costs no more than the next tier.
            modes={"768sq": 4.1, "1.5k": 10.0, "2k": 10.0, "4k": 60.7},
            by="resolution",
            source=OBSERVED,
        ),
        typical_seconds=15,
    ),
)
"""Strict: a field it does not know is refused, so neither seed, size, mask nor format is sent."""
