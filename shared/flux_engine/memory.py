"""How a model is placed on a device: chosen from its free memory, exact ways before approximate ones (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .errors import EngineFault
from .models import Model, Weights

Kind = Literal["cuda", "mps", "cpu"]
Placement = Literal["resident", "model_offload", "group_offload"]
Quantisation = Literal["none", "8", "4"]

WORKSPACE = 3.5
"""GB that a step at 1024 x 1024 needs beside the weights (activations, VAE, context)."""
GROUP = 5.0
"""GB on the device with block-wise offload and streams."""
SHARE: dict[Quantisation, float] = {"none": 1.0, "8": 0.53, "4": 0.31}
"""Part of the bf16 weights that stays, scales included."""
SMALL = Weights(transformer=0.5, text=0.5)
"""A model below this is placed without any arithmetic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What the plan needs to know of a device."""

    kind: Kind
    name: str
    free: float
    """GB (10^9 bytes) free on the device; main memory for cpu and mps."""
    host_free: float = 0.0
    """GB of free main memory, for weights that are offloaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One way to run a model; `exact` is False when pictures differ from the reference weights'."""

    dtype: Literal["float32", "bfloat16"]
    placement: Placement = "resident"
    quantisation: Quantisation = "none"
    tiling: bool = False
    """Decode the picture tile by tile, above 1 megapixel on small devices."""
    needs: float = 0.0
    """GB on the device, estimated."""

    @property
    def exact(self) -> bool:
        return self.quantisation == "none"

    def __str__(self) -> str:
        parts = [self.dtype, self.placement.replace("_", " ")]
        if self.quantisation != "none":
            parts.append(f"{self.quantisation} bit")
        return ", ".join(parts)


def choose(
    model: Model, device: Device, *, quantisation: Quantisation = "none", placement: Placement | None = None
) -> Plan:
    """Return the first way that fits: resident, then whole components in turn, then block by block.

    `quantisation` and `placement` are the admin's choice; a quantised plan is approximate and never chosen by
    itself. Raises EngineFault ("memory") when nothing fits, saying how much is missing.
    """
    weights = model.weights
    if weights is None or weights.total < SMALL.total:
        return Plan(dtype="float32" if device.kind == "cpu" else "bfloat16", needs=weights.total if weights else 0.0)
    plans = _possible(weights, device, quantisation)
    if placement is not None:
        plans = [plan for plan in plans if plan.placement == placement]
    for plan in plans:
        if plan.needs <= device.free and _host_fits(plan, weights, device):
            return plan
    raise too_large(model, device, plans, quantisation)


def too_large(model: Model, device: Device, plans: list[Plan], quantisation: Quantisation) -> EngineFault:
    """The fault of a model no plan fits, with the smallest need and what would help."""
    least = min((plan.needs for plan in plans), default=model.weights.total if model.weights else 0.0)
    advice = "Choose a smaller model"
    if quantisation == "none" and device.kind == "cuda":
        advice = "Start the engine with --quantize 8 or --quantize 4 (approximate), or choose a smaller model"
    return EngineFault(
        "memory",
        f"{model.label} needs about {least:.0f} GB on {device.name}, and {device.free:.0f} GB are free.",
        advice=f"{advice}; FLUX.2 [klein] 4B is the smallest of the real ones.",
    )


def _possible(weights: Weights, device: Device, quantisation: Quantisation) -> list[Plan]:
    share = SHARE[quantisation]
    tiling = device.free < 20
    resident = Plan(dtype="bfloat16", quantisation=quantisation, tiling=tiling, needs=weights.total * share + WORKSPACE)
    if device.kind != "cuda":  # offload has nowhere to go without a device of its own
        return [resident]
    largest = weights.largest * share + WORKSPACE
    return [
        resident,
        Plan(dtype="bfloat16", placement="model_offload", quantisation=quantisation, tiling=tiling, needs=largest),
        Plan(dtype="bfloat16", placement="group_offload", quantisation=quantisation, tiling=True, needs=GROUP),
    ]


def _host_fits(plan: Plan, weights: Weights, device: Device) -> bool:
    if plan.placement == "resident":
        return True
    return device.host_free >= weights.total * SHARE[plan.quantisation]
