"""Loads a model onto a device once and makes one pipeline per task out of the same weights."""

from __future__ import annotations

import inspect
import logging
from dataclasses import dataclass, field
from typing import Any

from .errors import EngineFault
from .families import Way
from .memory import Device, Plan
from .models import Model
from .spec import Scheduler, Task

log = logging.getLogger("flux_engine.loading")

SCHEDULERS: dict[Scheduler, dict[str, bool]] = {
    "euler": {},
    "karras": {"use_karras_sigmas": True},
    "exponential": {"use_exponential_sigmas": True},
    "stochastic": {"stochastic_sampling": True},
}
"""Ways of the Euler flow-matching scheduler; the others of diffusers do not take FLUX's own noise levels."""


@dataclass(slots=True, kw_only=True)
class Loaded:
    """One model on its device. Not safe for two jobs at a time: LoRAs and hooks live on the shared weights."""

    model: Model
    device: Device
    plan: Plan
    base: Any
    """The diffusers pipeline of the folder."""
    pipelines: dict[str, Any] = field(default_factory=dict)
    """Class name -> pipeline; all share the base's components."""
    adapters: dict[str, str] = field(default_factory=dict)
    """File of each loaded LoRA -> its adapter name, oldest use first."""

    def way(self, task: Task) -> Way:
        """Raises EngineFault ("unsupported") naming what the model can do."""
        found = self.model.family.ways.get(task)
        if found is None:
            can = ", ".join(self.model.family.ways)
            raise EngineFault("unsupported", f"{self.model.label} cannot {task} pictures; it can: {can}.", field="task")
        return found

    def pipeline(self, way: Way, scheduler: Scheduler | None) -> Any:
        """The pipeline of a task with a scheduler of its own: schedulers count steps and must not be shared."""
        import diffusers

        if way.pipeline not in self.pipelines:
            self.pipelines[way.pipeline] = self._built(getattr(diffusers, way.pipeline))
        pipeline = self.pipelines[way.pipeline]
        changes = SCHEDULERS[scheduler] if scheduler else {}
        pipeline.scheduler = type(self.base.scheduler).from_config(self.base.scheduler.config, **changes)
        return pipeline

    def _built(self, kind: Any) -> Any:
        """`from_pipe` refuses some autoencoders by their type, the plain constructor takes them."""
        wanted = inspect.signature(kind.__init__).parameters
        given = {**{name: value for name, value in self.base.config.items() if name in wanted}, **self.base.components}
        pipeline = kind(**{name: value for name, value in given.items() if name in wanted})
        pipeline.set_progress_bar_config(disable=True)
        if self.plan.placement == "model_offload":
            pipeline.enable_model_cpu_offload(device=self.device.name)
        return pipeline


def load(model: Model, device: Device, plan: Plan) -> Loaded:
    """Read the weights (safetensors only, no code of the folder, no network) and place them. Raises EngineFault."""
    import torch
    from diffusers import DiffusionPipeline

    dtype = getattr(torch, plan.dtype)
    base = DiffusionPipeline.from_pretrained(
        str(model.source),
        dtype=dtype,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
        **_quantised(plan, dtype),
    )
    base.set_progress_bar_config(disable=True)
    _place(base, device, plan)
    log.info("%s loaded on %s: %s", model.name, device.name, plan)
    return Loaded(model=model, device=device, plan=plan, base=base)


def _place(base: Any, device: Device, plan: Plan) -> None:
    if plan.tiling:
        base.vae.enable_tiling()
    if plan.placement == "resident":
        base.to(device.name)
    elif plan.placement == "group_offload":
        import torch

        base.enable_group_offload(
            onload_device=torch.device(device.name),
            offload_device=torch.device("cpu"),
            offload_type="block_level",
            num_blocks_per_group=1,
            use_stream=True,
        )


def _quantised(plan: Plan, dtype: Any) -> dict[str, Any]:
    """Arguments that quantise transformer and text encoders while they are read."""
    if plan.quantisation == "none":
        return {}
    from diffusers import PipelineQuantizationConfig

    try:
        ours, theirs = _configs(plan, dtype)
    except ImportError as error:
        raise EngineFault(
            "unsupported",
            f"{plan.quantisation}-bit weights need a package that is missing: {error.name}.",
            advice=f"Install it into the engine's environment: pip install {error.name}.",
        ) from error
    mapping = {"transformer": ours, "text_encoder_2": theirs, "text_encoder": theirs}
    return {"quantization_config": PipelineQuantizationConfig(quant_mapping=mapping)}


def _configs(plan: Plan, dtype: Any) -> tuple[Any, Any]:
    """The settings for diffusers' and for transformers' own models."""
    import diffusers
    import transformers

    if plan.quantisation == "8":
        from torchao.quantization import Int8WeightOnlyConfig

        return diffusers.TorchAoConfig(Int8WeightOnlyConfig()), transformers.TorchAoConfig(Int8WeightOnlyConfig())
    import bitsandbytes  # noqa: F401 - missing is told before gigabytes are read

    four = {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_compute_dtype": dtype}
    return diffusers.BitsAndBytesConfig(**four), transformers.BitsAndBytesConfig(**four)
