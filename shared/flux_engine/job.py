"""The heart: run one job on a loaded model, blocking, with events out and a flag to stop it."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import loras, pictures
from .catalogue import Catalogue
from .devices import peak_memory
from .errors import Cancelled, EngineFault, invalid
from .families import Way
from .loading import Loaded
from .models import Model
from .previews import preview
from .spec import MULTIPLE, JobSpec
from .tiny import vocabulary

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One denoising step is done; `preview` is a small JPEG or None."""

    number: int
    of: int
    preview: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a job made: encoded files with their seeds, and how."""

    files: tuple[bytes, ...] = field(repr=False)
    mime: str
    seeds: tuple[int, ...]
    width: int
    height: int
    steps: int
    guidance: float | None
    seconds: float
    """From the first step to the last file."""
    peak_memory: float
    """GB."""
    device: str
    exact: bool
    notes: tuple[str, ...] = ()


def run_job(
    spec: JobSpec, loaded: Loaded, catalogue: Catalogue, on_step: Callable[[Step], None], cancelled: Callable[[], bool]
) -> Made:
    """Make the pictures of one job.

    Raises EngineFault, and Cancelled between two steps when `cancelled` says so. Same seed, same picture: each has a
    CPU generator of its own, and on the CPU, where a batch is no faster, each is a call of its own, bit for bit.
    """
    started = time.monotonic()
    notes = list(spec.notes)
    loras.apply(loaded, [(catalogue.lora(use.name), use.scale) for use in spec.loras])
    call = _prepared(spec, loaded, catalogue, notes)
    batches = [(seed,) for seed in spec.seeds] if loaded.device.kind == "cpu" else [spec.seeds]
    made: list[Image] = []
    for place, seeds in enumerate(batches):
        watch = _Watch(call, on_step, cancelled, done=place, batches=len(batches))
        made += _run(call, seeds, watch)
    finished = _outside_kept(spec, call.fitted, made)
    return Made(
        files=tuple(pictures.encode(picture, spec.format) for picture in finished),
        mime=pictures.MIME[spec.format],
        seeds=spec.seeds,
        width=call.width,
        height=call.height,
        steps=call.steps,
        guidance=call.guidance if loaded.model.family.guidance else None,
        seconds=time.monotonic() - started,
        peak_memory=peak_memory(loaded.device.name),
        device=loaded.device.name,
        exact=loaded.plan.exact,
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One job, ready for its pipeline."""

    pipeline: Any
    arguments: Mapping[str, Any]
    width: int
    height: int
    steps: int
    guidance: float
    preview_every: int
    fitted: list[Image]


def _prepared(spec: JobSpec, loaded: Loaded, catalogue: Catalogue, notes: list[str]) -> _Call:
    model, way = loaded.model, loaded.way(spec.task)
    prompt = _prompt(spec, model, catalogue)
    inputs = [pictures.decode(data, "picture") for data in spec.pictures]
    width, height = _size(spec, model, inputs, notes)
    fitted = [_fitted(picture, width, height) for picture in inputs]
    steps = spec.steps or model.steps
    guidance = model.guidance if spec.guidance is None else spec.guidance
    arguments = {
        "prompt": prompt,
        "width": width,
        "height": height,
        "num_inference_steps": steps,
        "guidance_scale": guidance,
        "max_sequence_length": model.sequence,
        **_inputs(spec, way, model, fitted, steps),
        **way.fixed,
        **({"max_area": width * height} if way.area_argument else {}),
    }
    return _Call(
        pipeline=loaded.pipeline(way, spec.scheduler),
        arguments=arguments,
        width=width,
        height=height,
        steps=steps,
        guidance=guidance,
        preview_every=spec.preview_every,
        fitted=fitted,
    )


def _run(call: _Call, seeds: tuple[int, ...], watch: _Watch) -> list[Image]:
    import torch

    arguments = {
        **call.arguments,
        "num_images_per_prompt": len(seeds),
        "generator": [torch.Generator("cpu").manual_seed(seed) for seed in seeds],
        "callback_on_step_end": watch.after_step,
        "callback_on_step_end_tensor_inputs": ["latents"],
    }
    watch.look()
    with torch.inference_mode():
        made: list[Image] = call.pipeline(**_accepted(call.pipeline, arguments)).images
    watch.look()
    return made


def _prompt(spec: JobSpec, model: Model, catalogue: Catalogue) -> str:
    """The prompt with the trigger words of its LoRAs, or FLUX Tiny's own words."""
    prompt = spec.prompt
    for use in spec.loras:
        trigger = catalogue.lora(use.name).trigger
        if trigger and use.scale and trigger.casefold() not in prompt.casefold():
            prompt = f"{trigger} {prompt}"
    if not model.vocabulary or spec.loras:  # a LoRA may have taught it new words
        return prompt
    if refusal := vocabulary.refusal(prompt):
        raise invalid("prompt", refusal)
    return vocabulary.translated(prompt)


def _size(spec: JobSpec, model: Model, inputs: list[Image], notes: list[str]) -> tuple[int, int]:
    """The wish, else the first input's ratio in the model's own area, else the model's square."""
    if spec.width and spec.height:
        return spec.width, spec.height
    if not inputs:
        return spec.width or model.size, spec.height or model.size
    first = inputs[0]
    scale = min(1.0, (model.size**2 / (first.width * first.height)) ** 0.5)
    width, height = (max(MULTIPLE * 4, round(side * scale / MULTIPLE) * MULTIPLE) for side in first.size)
    if (width, height) != first.size:
        notes.append(f"The picture of {first.width} x {first.height} was worked on at {width} x {height}.")
    return width, height


def _fitted(picture: Image, width: int, height: int) -> Image:
    from PIL.Image import Resampling

    return picture if picture.size == (width, height) else picture.resize((width, height), Resampling.LANCZOS)


def _inputs(spec: JobSpec, way: Way, model: Model, fitted: list[Image], steps: int) -> Mapping[str, Any]:
    if not fitted:
        return {}
    given: dict[str, Any] = {"image": fitted if way.many_pictures else fitted[0]}
    if spec.mask is not None:
        original = pictures.decode(spec.pictures[0], "picture")
        given["mask_image"] = pictures.decode_mask(spec.mask, original).resize(fitted[0].size)
    if way.takes_strength:
        strength = model.strength if spec.strength is None else spec.strength
        given["strength"] = max(strength, 1 / steps)  # below one whole step diffusers refuses to run
    return given


class _Watch:
    """What happens between two steps; raising there skips the decoding and leaves the pipeline usable."""

    def __init__(
        self, call: _Call, on_step: Callable[[Step], None], cancelled: Callable[[], bool], *, done: int, batches: int
    ) -> None:
        """`done` of `batches` have been made before this one."""
        self._call, self._on_step, self._cancelled = call, on_step, cancelled
        self._done, self._batches = done, batches

    def look(self) -> None:
        """Raises Cancelled."""
        if self._cancelled():
            raise Cancelled

    def after_step(self, pipeline: Any, index: int, _: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        """The pipeline's callback."""
        self.look()
        steps, number, every = int(pipeline.num_timesteps), index + 1, self._call.preview_every
        due = bool(every) and number < steps and number % every == 0
        shown = preview(pipeline, tensors["latents"], self._call.width, self._call.height) if due else None
        self._on_step(Step(number=self._done * steps + number, of=self._batches * steps, preview=shown))
        return {}


def _accepted(pipeline: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Only what this pipeline takes: not every class knows guidance or the number of text tokens."""
    known = inspect.signature(pipeline.__call__).parameters
    return {name: value for name, value in arguments.items() if name in known}


def _outside_kept(spec: JobSpec, fitted: list[Image], made: list[Image]) -> list[Image]:
    """A base model keeps the outside of a mask only roughly: the original is put back."""
    if spec.mask is None:
        return made
    from PIL import Image as Pillow

    original = pictures.decode(spec.pictures[0], "picture")
    mask = pictures.decode_mask(spec.mask, original).resize(fitted[0].size)
    return [Pillow.composite(_fitted(picture, *fitted[0].size), fitted[0], mask) for picture in made]


__all__ = ["EngineFault", "Made", "Step", "run_job"]
