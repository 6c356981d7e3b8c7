"""What other tools write into their pictures, read into the same recipe (pure; whatever it finds, it never raises)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .comfyui import read_graph
from .document import Recipe

OPTIONS: Mapping[str, str] = {
    "steps": "steps",
    "guidance": "guidance",
    "guidance_scale": "guidance",
    "cfg_scale": "guidance",
    "sampler": "sampler",
    "scheduler": "scheduler",
    "image_strength": "strength",
    "quantize": "quantize",
}
"""Name in a tool's JSON -> our name of the option."""

_SETTING = re.compile(r'([A-Za-z][\w /-]{0,40}): *("(?:\\.|[^"\\]){0,2000}"|[^,]{0,300})(?:, *|$)')
_LONGEST_LINE = 20_000
_PAIR = re.compile(r"(\d{1,5})\D{1,5}(\d{1,5})")
"""Width and height in 1024x768 and (1024, 768)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tool:
    """A program that writes one flat JSON object."""

    name: str
    marks: tuple[str, ...]
    """Keys that only this tool's object has, all of them."""
    prompt: str = "prompt"
    negative: str = "negative_prompt"
    model: str = "model"
    version: str = "version"


TOOLS: tuple[_Tool, ...] = (
    _Tool(name="mflux", marks=("mflux_version", "prompt"), version="mflux_version"),
    _Tool(name="Fooocus", marks=("base_model", "prompt", "performance"), model="base_model"),
    _Tool(
        name="InvokeAI",
        marks=("positive_prompt", "generation_mode"),
        prompt="positive_prompt",
        version="app_version",
    ),
)


def read_foreign(texts: Mapping[str, str]) -> Recipe | None:
    """The recipe that A1111 and its kin, ComfyUI, mflux, Fooocus or InvokeAI wrote into a picture; else None."""
    for text in texts.values():
        data = parsed(text) if text.lstrip()[:1] == "{" else None
        if isinstance(data, dict) and (found := _from_object(data) or read_graph(data)):
            return found
    return next((found for text in texts.values() if (found := read_a1111(text))), None)


def parsed(text: str) -> object:
    """The JSON of a text, None when it is none (also when it nests deeper than Python goes)."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read_a1111(text: str) -> Recipe | None:
    """Read `prompt`, `Negative prompt: …` and the last line `Steps: 20, Sampler: …, Seed: 1, Size: 512x768`."""
    lines = text.strip().splitlines()
    if not lines or not lines[-1].lstrip().startswith("Steps: "):
        return None
    settings = {match[1].strip(): match[2].strip('"') for match in _SETTING.finditer(lines[-1][:_LONGEST_LINE])}
    prompt, _, negative = "\n".join(lines[:-1]).partition("Negative prompt:")
    width, height = _pair(settings.get("Size"))
    options: dict[str, object] = {
        "steps": _number(settings.get("Steps")),
        "guidance": _number(settings.get("CFG scale")),
    }
    options |= {"sampler": settings.get("Sampler"), "strength": _number(settings.get("Denoising strength"))}
    return Recipe.from_json(
        {
            "source": "Forge" if settings.get("Version", "").startswith("f") else "Automatic1111",
            "version": settings.get("Version") or "unknown",
            "model": settings.get("Model") or "unknown",
            "prompt": prompt.strip(),
            "negative_prompt": negative.strip(),
            "seed": _number(settings.get("Seed")),
            "width": width,
            "height": height,
            "options": options,
        }
    )


def _from_object(data: Mapping[str, Any]) -> Recipe | None:
    tool = next((tool for tool in TOOLS if all(mark in data for mark in tool.marks)), None)
    if tool is None:
        return None
    width, height = _pair(data.get("resolution"))
    model = data.get(tool.model)
    return Recipe.from_json(
        {
            "source": tool.name,
            "version": str(data.get(tool.version) or "unknown"),
            "model": (model.get("name") if isinstance(model, Mapping) else model) or "unknown",
            "prompt": data.get(tool.prompt),
            "negative_prompt": data.get(tool.negative),
            "seed": _number(data.get("seed")),
            "width": _number(data.get("width")) or width,
            "height": _number(data.get("height")) or height,
            "options": {name: data.get(theirs) for theirs, name in OPTIONS.items() if data.get(theirs) is not None},
        }
    )


def _pair(text: object) -> tuple[int, int]:
    match = _PAIR.search(str(text)[:40]) if text else None
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _number(value: object) -> int | float | None:
    """A number, also one that is written as text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    text = value.strip() if isinstance(value, str) else ""
    readers: tuple[tuple[str, Callable[[str], int | float]], ...] = ((r"\d{1,19}", int), (r"\d{1,9}\.\d{1,9}", float))
    return next((read(text) for pattern, read in readers if re.fullmatch(pattern, text)), None)
