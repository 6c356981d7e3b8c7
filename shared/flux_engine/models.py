"""The models the engine knows: where their weights come from, their defaults, sizes in memory and licences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .families import FAMILIES, Family

TINY_FOLDER = Path(__file__).parent / "tiny" / "weights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Gigabytes (10^9 bytes) in bf16, by component."""

    transformer: float
    text: float
    vae: float = 0.2

    @property
    def total(self) -> float:
        return self.transformer + self.text + self.vae

    @property
    def largest(self) -> float:
        return max(self.transformer, self.text, self.vae)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One row of MODELS, or a folder an admin has put below the engine's models folder."""

    name: str
    label: str
    family: Family
    source: str | Path
    """Repository on the Hugging Face hub, or a folder."""
    steps: int
    guidance: float
    size: int = 1024
    """Side of the square that is made without a wish, pixels."""
    sequence: int = 512
    """Text tokens; padding takes part in attention, so the number belongs to the recipe."""
    licence: str = ""
    commercial: bool | None = None
    """None: not known."""
    gated: bool = False
    weights: Weights | None = None
    strength: float = 0.8
    """Default where a task takes one."""
    vocabulary: bool = False
    """Only the closed vocabulary of FLUX Tiny is understood."""

    @property
    def local(self) -> bool:
        return isinstance(self.source, Path)


_FLUX_1 = Weights(transformer=23.8, text=9.8)
"""FLUX.1: transformer 23.8 GB, T5 9.5 GB, CLIP 0.25 GB in bf16."""

MODELS: Mapping[str, Model] = {
    row.name: row
    for row in (
        Model(
            name="flux-tiny",
            label="FLUX Tiny",
            family=FAMILIES["flux-1"],
            source=TINY_FOLDER,
            steps=8,
            guidance=3.5,
            size=128,
            sequence=24,
            licence="MIT, made by this project",
            commercial=True,
            weights=Weights(transformer=0.01, text=0.002, vae=0.001),
            strength=0.9,
            vocabulary=True,
        ),
        Model(
            name="local-flux-2-klein-4b",
            label="FLUX.2 [klein] 4B, own GPU",
            family=FAMILIES["flux-2-klein"],
            source="black-forest-labs/FLUX.2-klein-4B",
            steps=4,
            guidance=1.0,
            licence="Apache-2.0",
            commercial=True,
            weights=Weights(transformer=7.75, text=8.05),
        ),
        Model(
            name="local-flux-1-schnell",
            label="FLUX.1 [schnell], own GPU",
            family=FAMILIES["flux-1"],
            source="black-forest-labs/FLUX.1-schnell",
            steps=4,
            guidance=0.0,
            sequence=256,
            licence="Apache-2.0",
            commercial=True,
            gated=True,
            weights=_FLUX_1,
        ),
        Model(
            name="local-flux-1-dev",
            label="FLUX.1 [dev], own GPU",
            family=FAMILIES["flux-1"],
            source="black-forest-labs/FLUX.1-dev",
            steps=28,
            guidance=3.5,
            licence="FLUX.1 [dev] non-commercial",
            commercial=False,
            gated=True,
            weights=_FLUX_1,
        ),
        Model(
            name="local-flux-1-fill",
            label="FLUX.1 Fill [dev], own GPU",
            family=FAMILIES["flux-1-fill"],
            source="black-forest-labs/FLUX.1-Fill-dev",
            steps=50,
            guidance=30.0,
            licence="FLUX.1 [dev] non-commercial",
            commercial=False,
            gated=True,
            weights=_FLUX_1,
            strength=1.0,
        ),
        Model(
            name="local-flux-1-kontext",
            label="FLUX.1 Kontext [dev], own GPU",
            family=FAMILIES["flux-1-kontext"],
            source="black-forest-labs/FLUX.1-Kontext-dev",
            steps=28,
            guidance=2.5,
            licence="FLUX.1 [dev] non-commercial",
            commercial=False,
            gated=True,
            weights=_FLUX_1,
            strength=1.0,
        ),
        Model(
            name="local-flux-2-dev",
            label="FLUX.2 [dev], own GPU",
            family=FAMILIES["flux-2"],
            source="black-forest-labs/FLUX.2-dev",
            steps=50,
            guidance=4.0,
            licence="FLUX.2 [dev] non-commercial",
            commercial=False,
            gated=True,
            weights=Weights(transformer=64.0, text=48.0),
        ),
    )
}
"""Defaults are those of the models' own cards; sizes in memory are measured on the published weights (bf16)."""
