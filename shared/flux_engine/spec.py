"""One job as one JSON document: read, checked against hostile input, written again."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from .errors import EngineFault, invalid

Task = Literal["generate", "edit", "inpaint"]
Format = Literal["png", "jpeg", "webp"]
Scheduler = Literal["euler", "karras", "exponential", "stochastic"]

MAX_COUNT = 4
MAX_SEED = 2**32 - 1
MAX_PROMPT = 32_000
MAX_PICTURE_BYTES = 32 * 1024 * 1024
MAX_PICTURES = 10
MAX_LORAS = 8
MULTIPLE = 16
"""FLUX pipelines floor sizes to multiples of 16 (VAE factor 8, patches of 2): rounding happens here and is told."""

ALIASES = {
    "num_images": "count",
    "num_inference_steps": "steps",
    "guidance_scale": "guidance",
    "output_format": "format",
    "model_name": "model",
    "init_image": "picture",
    "image": "picture",
    "mask_image": "mask",
}
"""Names of the RunPod FLUX worker's documented contract, so that its clients work unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Bounds of a number, both allowed."""

    low: float
    high: float
    whole: bool = False

    def __str__(self) -> str:
        return f"{'a whole number' if self.whole else 'a number'} {self.low:g} to {self.high:g}"


RANGES: Mapping[str, Range] = {
    "width": Range(low=64, high=2048, whole=True),
    "height": Range(low=64, high=2048, whole=True),
    "steps": Range(low=1, high=100, whole=True),
    "guidance": Range(low=0, high=100),
    "strength": Range(low=0, high=1),
    "count": Range(low=1, high=MAX_COUNT, whole=True),
    "seed": Range(low=0, high=MAX_SEED, whole=True),
    "preview_every": Range(low=0, high=100, whole=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraUse:
    """A LoRA of the engine's catalogue and how strongly it acts; 0 is as good as none."""

    name: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """What is to be made. None means: the model's own default."""

    task: Task
    model: str
    prompt: str
    seeds: tuple[int, ...]
    """One per picture."""
    width: int | None = None
    height: int | None = None
    """Pixels, multiples of 16."""
    steps: int | None = None
    guidance: float | None = None
    strength: float | None = None
    """0 keeps the input picture, 1 ignores it; only where a model starts from a noised picture."""
    pictures: tuple[bytes, ...] = field(default=(), repr=False)
    """Encoded files (PNG, JPEG, WebP), in order."""
    mask: bytes | None = field(default=None, repr=False)
    """Encoded picture of the first input's size; white is repainted."""
    loras: tuple[LoraUse, ...] = ()
    scheduler: Scheduler | None = None
    format: Format = "png"
    preview_every: int = 2
    """Steps between two previews, 0 = none."""
    notes: tuple[str, ...] = ()
    """What was changed to make the job possible, in sentences."""


def parse(document: object) -> JobSpec:
    """Read a job. Raises EngineFault (code "invalid") naming the first wrong field and what is allowed."""
    if not isinstance(document, Mapping):
        raise invalid("job", "A job is one JSON object.")
    given = {ALIASES.get(str(name), str(name)): value for name, value in document.items() if value is not None}
    task = _task(given)
    notes: list[str] = []
    loras = _loras(given)
    pictures = _pictures(given)
    mask = _file("mask", given["mask"]) if given.get("mask") else None
    _check_inputs(task, pictures, mask)
    return JobSpec(
        task=task,
        model=_text(given, "model", longest=200),
        prompt=_text(given, "prompt", longest=MAX_PROMPT),
        seeds=_seeds(given),
        width=_side(given, "width", notes),
        height=_side(given, "height", notes),
        steps=cast("int | None", _number(given, "steps")),
        guidance=_number(given, "guidance"),
        strength=_number(given, "strength"),
        pictures=pictures,
        mask=mask,
        loras=loras,
        scheduler=cast("Scheduler | None", _choice(given, "scheduler", get_args(Scheduler))),
        format=cast(Format, _choice(given, "format", get_args(Format)) or "png"),
        preview_every=int(_number(given, "preview_every") or 0) if "preview_every" in given else 2,
        notes=tuple(notes),
    )


def to_json(spec: JobSpec) -> dict[str, Any]:
    """Write a job so that `parse` reads the same one."""
    written: dict[str, Any] = {
        "task": spec.task,
        "model": spec.model,
        "prompt": spec.prompt,
        "seeds": list(spec.seeds),
        "format": spec.format,
        "preview_every": spec.preview_every,
        "pictures": [base64.b64encode(data).decode("ascii") for data in spec.pictures],
        "loras": [{"name": use.name, "scale": use.scale} for use in spec.loras],
    }
    for name in ("width", "height", "steps", "guidance", "strength", "scheduler"):
        if (value := getattr(spec, name)) is not None:
            written[name] = value
    if spec.mask is not None:
        written["mask"] = base64.b64encode(spec.mask).decode("ascii")
    return written


def _task(given: Mapping[str, Any]) -> Task:
    if "task" not in given:
        if given.get("mask"):
            return "inpaint"
        return "edit" if given.get("picture") or given.get("pictures") else "generate"
    return cast(Task, _choice(given, "task", get_args(Task)))


def _check_inputs(task: Task, pictures: Sequence[bytes], mask: bytes | None) -> None:
    if task != "generate" and not pictures:
        raise invalid("picture", f"The task {task} needs a picture.")
    if task == "generate" and pictures:
        raise invalid("picture", "The task generate takes no picture; the task edit does.")
    if (task == "inpaint") != (mask is not None):
        raise invalid("mask", "A mask belongs to the task inpaint, and to no other.")


def _text(given: Mapping[str, Any], name: str, *, longest: int) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise invalid(name, f"{name}: a text is needed.")
    if len(value) > longest:
        raise invalid(name, f"{name}: {len(value):,} characters are too many; allowed are {longest:,}.")
    return value.strip()


def _number(given: Mapping[str, Any], name: str) -> float | None:
    if name not in given:
        return None
    value, allowed = given[name], RANGES[name]
    # NaN lies in no range, and comparing takes integers of any length
    if type(value) not in (int, float) or not allowed.low <= value <= allowed.high:
        raise invalid(name, f"{name}: {str(value)[:40]!r} is not possible; allowed is {allowed}.")
    if allowed.whole and value != int(value):
        raise invalid(name, f"{name}: {value!r} is not possible; allowed is {allowed}.")
    return int(value) if allowed.whole else float(value)


def _side(given: Mapping[str, Any], name: str, notes: list[str]) -> int | None:
    value = _number(given, name)
    if value is None:
        return None
    rounded = max(MULTIPLE * 4, round(value / MULTIPLE) * MULTIPLE)
    if rounded != value:
        notes.append(f"The {name} {value:g} became {rounded}: sides are multiples of {MULTIPLE}.")
    return int(rounded)


def _choice(given: Mapping[str, Any], name: str, allowed: Sequence[str]) -> str | None:
    if name not in given:
        return None
    value = str(given[name]).strip().casefold()
    value = {"jpg": "jpeg"}.get(value, value)
    if value not in allowed:
        raise invalid(name, f"{name}: {value[:40]!r} is not possible; allowed is {', '.join(allowed)}.")
    return value


def _seeds(given: Mapping[str, Any]) -> tuple[int, ...]:
    if "seeds" in given:
        listed = given["seeds"]
        if not isinstance(listed, Sequence) or isinstance(listed, str) or not 1 <= len(listed) <= MAX_COUNT:
            raise invalid("seeds", f"seeds: a list of 1 to {MAX_COUNT} seeds is needed.")
        return tuple(int(_number({"seed": seed}, "seed") or 0) for seed in listed)
    count = int(_number(given, "count") or 1) if "count" in given else 1
    first = _number(given, "seed")
    start = secrets.randbelow(MAX_SEED + 1) if first is None else int(first)
    return tuple((start + place) % (MAX_SEED + 1) for place in range(count))


def _pictures(given: Mapping[str, Any]) -> tuple[bytes, ...]:
    listed = given.get("pictures", [])
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise invalid("pictures", "pictures: a list of base64 texts is needed.")
    texts = [*([given["picture"]] if given.get("picture") else []), *listed]
    if len(texts) > MAX_PICTURES:
        raise invalid("pictures", f"pictures: {len(texts)} are too many; allowed are {MAX_PICTURES}.")
    return tuple(_file("picture", text) for text in texts)


def _file(name: str, text: object) -> bytes:
    if not isinstance(text, str):
        raise invalid(name, f"{name}: a base64 text is needed.")
    body = text.partition(",")[2] if text.startswith("data:") else text
    if len(body) > MAX_PICTURE_BYTES * 4 // 3 + 4:
        raise invalid(name, f"{name}: more than {MAX_PICTURE_BYTES // 1024**2} MiB.")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(name, f"{name}: not readable as base64.") from None


def _loras(given: Mapping[str, Any]) -> tuple[LoraUse, ...]:
    rows = given.get("loras", [])
    if given.get("lora_path"):
        # The older contract's default; 0.7 is its documented figure.
        rows = [{"name": given["lora_path"], "scale": given.get("lora_scale", 0.7)}]
    if not isinstance(rows, Sequence) or isinstance(rows, str) or len(rows) > MAX_LORAS:
        raise invalid("loras", f"loras: a list of up to {MAX_LORAS} entries with name and scale is needed.")
    return tuple(_lora(row) for row in rows)


def _lora(row: object) -> LoraUse:
    if not isinstance(row, Mapping) or not isinstance(row.get("name"), str):
        raise invalid("loras", "loras: each entry has a name and a scale.")
    scale = row.get("scale", 1.0)
    if type(scale) not in (int, float) or not -2 <= scale <= 2:
        raise invalid("loras", f"loras: the scale {str(scale)[:40]!r} is not possible; allowed is -2 to 2.")
    return LoraUse(name=row["name"].strip(), scale=float(scale))


__all__ = ["EngineFault", "JobSpec", "LoraUse", "parse", "to_json"]
