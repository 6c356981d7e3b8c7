"""The settings of a training at Black Forest Labs, one row each; facts of its OpenAPI document of 2025."""

from __future__ import annotations

from .card import OptionSpec

TRAINING_OPTIONS: tuple[OptionSpec, ...] = (
    OptionSpec(
        name="mode",
        kind="choice",
        choices=("general", "character", "style", "product"),
        advanced=False,
        help="What the pictures have in common; it steers the automatic captions.",
    ),
    OptionSpec(
        name="iterations",
        kind="int",
        default=300,
        minimum=100,
        maximum=1000,
        step=50,
        help="How long it trains: more learns more and copies more.",
    ),
    OptionSpec(
        name="learning_rate",
        kind="float",
        minimum=1e-6,
        maximum=0.005,
        help="Size of each step; without a wish 0.00001 for full and 0.0001 for lora.",
    ),
    OptionSpec(
        name="captioning",
        kind="bool",
        default=True,
        advanced=False,
        help="Write captions for the pictures that have none.",
    ),
    OptionSpec(
        name="priority",
        kind="choice",
        default="quality",
        choices=("speed", "quality", "high_res_only"),
        help="Faster, finer, or only at high resolution.",
    ),
    OptionSpec(
        name="finetune_type",
        kind="choice",
        default="full",
        choices=("lora", "full"),
        help="An adapter, or a full training from which an adapter is drawn.",
    ),
    OptionSpec(name="lora_rank", kind="choice", default="32", choices=("16", "32"), help="How much an adapter holds."),
)
"""Checked before anything is sent and read by whoever draws a form; `mode` has no default and must be chosen."""
DEFAULT_TRIGGER_WORD = "TOK"
