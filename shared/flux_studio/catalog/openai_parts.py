"""What several OpenAI rows have in common: settings, sizes, limits and prices."""

from __future__ import annotations

from collections.abc import Mapping

from ..types import Size
from .card import OptionSpec, PictureRule, SizeRule, TokenPrice
from .tokens import PREVIEWS

PRICES = "developers.openai.com, pages of the models, November 2026"

BACKGROUND = OptionSpec(
    name="background",
    kind="choice",
    default="auto",
    choices=("auto", "opaque", "transparent"),
    advanced=False,
    help="Transparent leaves everything around the motif open (png and webp).",
)
COMPRESSION = OptionSpec(
    name="compression",
    kind="int",
    default=100,
    minimum=0,
    maximum=100,
    field="output_compression",
    help="Quality of jpeg and webp files: less is smaller.",
)
MODERATION = OptionSpec(
    name="moderation",
    kind="choice",
    default="auto",
    choices=("auto", "low"),
    help="Low lets more pass, where the admin's safety tolerance is 5 or 6.",
)
COMPLEXITY = OptionSpec(
    name="complexity",
    kind="choice",
    choices=("low", "medium", "high"),
    help="How much is planned before drawing: more for dense text and full scenes.",
)
FIDELITY = OptionSpec(
    name="input_fidelity",
    kind="choice",
    default="low",
    choices=("high", "low"),
    help="How closely an edit keeps faces and details of your picture.",
)
PREVIEW_COUNT = OptionSpec(
    name="previews",
    kind="int",
    default=PREVIEWS,
    minimum=0,
    maximum=3,
    step=1,
    field="partial_images",
    advanced=False,
    help="How many half-finished pictures are shown while it draws.",
)


def quality(*more: str) -> OptionSpec:
    return OptionSpec(
        name="quality",
        kind="choice",
        default="auto",
        choices=("auto", "low", "medium", "high", *more),
        advanced=False,
        help="Higher takes longer and costs more.",
    )


COMMON = (BACKGROUND, PREVIEW_COUNT, COMPRESSION, MODERATION)

FREE_SIZE = SizeRule(
    kind="free",
    multiple=16,
    minimum=16,
    maximum=3840,
    min_pixels=655_360,
    max_pixels=8_294_400,
    # OpenAI calls everything larger experimental, and it costs by area.
    area_pixels=2560 * 1440,
    keeps_ratio=True,
    min_ratio=1 / 3,
    max_ratio=3.0,
    typical_pixels=1024 * 1024,
)
THREE_SIZES = SizeRule(
    kind="choice",
    choices=(Size(width=1024, height=1024), Size(width=1536, height=1024), Size(width=1024, height=1536)),
    min_ratio=1 / 3,
    max_ratio=3.0,
    max_pixels=1536 * 1024,
    typical_pixels=1024 * 1024,
)

INPUTS = PictureRule(fields=("image",) * 16, min_side=16, max_pixels=8_294_400, max_bytes=20 * 1024 * 1024)
"""16 files below 50 MB each; larger ones than the largest output only cost time, so they are scaled down here."""

DRAWN: Mapping[str, float] = {
    "auto": 1056,
    "low": 272,
    "medium": 1056,
    "high": 4160,
    "xhigh": 8320,
    "max": 16_640,
}
"""Output tokens of a picture of 1024 x 1024, up to high as published for GPT Image 1 and 1.5; xhigh and max are not
published and set high on purpose, so that an estimate does not promise too little."""
DRAWN_BY_MINI: Mapping[str, float] = {"auto": 1375, "low": 625, "medium": 1375, "high": 4500}
"""The published prices per picture divided by the price of a token."""
SEEN_CLOSELY = 4160.0
SEEN_BRIEFLY = 600.0
"""Input tokens of a picture of 1024 x 1024 with high and with low fidelity (OpenAI's vision guide)."""

PRICE_2 = TokenPrice(text_in=5, image_in=8, image_out=30, drawn=DRAWN, seen=SEEN_CLOSELY, source=PRICES)
PRICE_1_5 = TokenPrice(text_in=5, image_in=8, image_out=32, drawn=DRAWN, seen=SEEN_BRIEFLY, source=PRICES)
PRICE_MINI = TokenPrice(text_in=2, image_in=2.5, image_out=8, drawn=DRAWN_BY_MINI, seen=SEEN_BRIEFLY, source=PRICES)
