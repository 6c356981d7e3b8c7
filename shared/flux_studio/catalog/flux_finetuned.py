"""Models that a finetune makes: a row for each kind of base, and the card of one registered finetune."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from .card import ModelCard, OptionSpec, PictureRule, Price
from .flux import KLEIN_REFERENCES
from .flux_editor import CANNY_THRESHOLDS, CONTROL, FILL, FILL_GUIDANCE, FILL_PICTURE, FILL_SIZE, FILL_STEPS
from .flux_first import FIRST_SIZE, ULTRA_SIZE
from .flux_parts import (
    ALL_ROUND,
    FLUX_2_SIZE,
    GENERATE,
    GUIDANCE,
    IMAGE_PROMPT,
    IMAGE_PROMPT_STRENGTH,
    MAX_UPLOAD_BYTES,
    OBSERVED,
    SAFETY_0_TO_5,
    SAFETY_0_TO_6,
    STEPS,
    upsampling,
)

FINETUNE_ID = "finetune_id"
PREFIX = "finetune-"
"""Every finetune's chat model begins with it."""
WITHDRAWN = "2025-10-31"
"""BFL's release notes declare finetuning of FLUX.1 deprecated from this day; what was trained before still answers."""

STRENGTH = OptionSpec(
    name="finetune_strength",
    kind="float",
    default=1.0,
    minimum=0.0,
    maximum=2.0,
    step=0.05,
    advanced=False,
    always_sent=True,
    help="How strongly the finetune shows: 0 not at all, 2 most.",
)
"""1.0 is what people of finetuning interfaces are used to; BFL's own defaults are 1.1 and 1.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finetune:
    """One finetune as a registry knows it."""

    id: str
    """Its id in the registry; the chat model is called finetune-<id>."""
    remote_id: str
    """Black Forest Labs' finetune_id, or the name of an uploaded LoRA (another organisation's: org-id/name)."""
    base: str
    """Which model it is used with: a key of FINETUNE_BASES."""
    label: str
    trigger_word: str = ""
    """The word that calls the concept in prompts."""
    strength: float | None = None
    """0 to 2; None = the usual 1.0."""


def _first(name: str, label: str, *options: OptionSpec, **facts: Any) -> ModelCard:
    """A base of the first generation: trained at BFL, on one cluster."""
    row = ModelCard(
        name=name,
        provider="bfl",
        endpoint=f"/v1/{name}",
        label=label,
        summary="A finetune that you have trained",
        tasks=GENERATE,
        options=(STRENGTH, *options, upsampling(False), SAFETY_0_TO_6),
        size=FILL_SIZE,
        state="deprecated",
        state_since=WITHDRAWN,
        extra={FINETUNE_ID: ""},
        pinned=True,
    )
    return replace(row, **facts)


def _klein(kind: str) -> ModelCard:
    """A LoRA that was uploaded in BFL's dashboard; the endpoint must fit its base model and precision."""
    return ModelCard(
        name=f"flux-2-klein-{kind}-finetuned",
        provider="bfl",
        endpoint=f"/v1/flux-2-klein-{kind}-finetuned",
        label=f"FLUX.2 [klein] {kind} LoRA",
        summary="A LoRA that you have uploaded",
        tasks=ALL_ROUND,
        options=(STRENGTH, SAFETY_0_TO_5),
        size=FLUX_2_SIZE,
        pictures=KLEIN_REFERENCES,
        extra={FINETUNE_ID: ""},
        typical_seconds=3,
    )


_CONTROL = PictureRule(fields=("control_image",), required=1, min_side=256, max_bytes=MAX_UPLOAD_BYTES)


def _control(kind: str, guidance: float, *own: OptionSpec) -> ModelCard:
    return _first(
        f"flux-pro-1.0-{kind}-finetuned",
        f"FLUX.1 {kind.capitalize()} [pro] finetuned",
        *own,
        FILL_STEPS,
        replace(FILL_GUIDANCE, default=guidance, minimum=1.0),
        tasks=CONTROL,
        pictures=_CONTROL,
        formats=("jpeg", "png"),
    )


_BASES: Mapping[str, ModelCard] = {
    "pro": _first(
        "flux-pro-finetuned",
        "FLUX.1 [pro] finetuned",
        replace(STEPS, default=40),
        replace(GUIDANCE, default=2.5, maximum=5.0),
        size=FIRST_SIZE,
        pictures=IMAGE_PROMPT,
        formats=("jpeg", "png"),
        price=Price(first=6, source=OBSERVED),
    ),
    "ultra": _first(
        "flux-pro-1.1-ultra-finetuned",
        "FLUX1.1 [pro] ultra finetuned",
        IMAGE_PROMPT_STRENGTH,
        size=ULTRA_SIZE,
        pictures=IMAGE_PROMPT,
        price=Price(first=7, source=OBSERVED),
    ),
    "fill": _first(
        "flux-pro-1.0-fill-finetuned",
        "FLUX.1 Fill [pro] finetuned",
        FILL_STEPS,
        FILL_GUIDANCE,
        tasks=FILL,
        pictures=FILL_PICTURE,
        mask="white_repaints",
        prompt_required=False,
    ),
    "canny": _control("canny", 30.0, *CANNY_THRESHOLDS),
    "depth": _control("depth", 15.0),
    **{f"klein-{kind}": _klein(kind) for kind in ("4b", "9b", "9b-kv", "9b-kv-bf16", "base-4b", "base-9b")},
}
FINETUNE_BASES: Mapping[str, ModelCard] = MappingProxyType(_BASES)
"""What a finetune can be used with -> the row without the finetune's own id."""


def finetuned_card(finetune: Finetune) -> ModelCard:
    """Return the card of a registered finetune. Raises KeyError for a base that is no key of FINETUNE_BASES."""
    base = FINETUNE_BASES[finetune.base]
    call = f"; write “{finetune.trigger_word}” into the prompt" if finetune.trigger_word else ""
    strength = STRENGTH if finetune.strength is None else replace(STRENGTH, default=finetune.strength)
    return replace(
        base,
        name=f"{PREFIX}{finetune.id}",
        label=f"{finetune.label} ({finetune.base})",
        summary=f"Finetune for {base.label.removesuffix(' finetuned').removesuffix(' LoRA')}{call}",
        options=tuple(strength if spec.name == STRENGTH.name else spec for spec in base.options),
        extra={**base.extra, FINETUNE_ID: finetune.remote_id},
    )
