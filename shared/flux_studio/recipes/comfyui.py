"""ComfyUI keeps the whole graph of a picture; this reads model, words, seed and size off it (pure, never raises)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .document import Recipe

MAX_NODES = 2000
MAX_STEPS = 20
"""Links that are followed from the sampler to the words it got."""

MODEL_INPUTS = ("unet_name", "ckpt_name", "model_name", "gguf_name")
TEXT_INPUTS = ("text", "text_g", "clip_l", "t5xxl", "value", "string")
LINKS: Mapping[str, tuple[str, ...]] = {
    "positive": ("positive", "guider", "conditioning", "cond1", "conditioning_1"),
    "negative": ("negative", "conditioning"),
}
"""Inputs that lead from a sampler towards its words, the likelier one first."""
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "steps": ("steps",),
    "guidance": ("guidance", "cfg"),
    "sampler": ("sampler_name",),
    "scheduler": ("scheduler",),
    "strength": ("denoise",),
}

Graph = Mapping[str, Mapping[str, Any]]


def read_graph(data: Mapping[str, Any]) -> Recipe | None:
    """Read the text `prompt` of a ComfyUI picture: {id: {class_type, inputs}}; None for anything else."""
    graph: Graph = {name: node for name, node in list(data.items())[:MAX_NODES] if _is_node(node)}
    sampler = next((name for name, node in graph.items() if "Sampler" in node["class_type"]), None)
    if sampler is None:
        return None
    latent = [node["inputs"] for node in graph.values() if "Latent" in node["class_type"]]
    size: Mapping[str, Any] = next(
        (inputs for inputs in latent if _whole(inputs.get("width")) and _whole(inputs.get("height"))), {}
    )
    return Recipe.from_json(
        {
            "source": "ComfyUI",
            "version": "unknown",
            "model": _first(graph, MODEL_INPUTS, str) or "unknown",
            "prompt": _words(graph, sampler, "positive"),
            "negative_prompt": _words(graph, sampler, "negative"),
            "seed": _first(graph, ("seed", "noise_seed"), int),
            "width": size.get("width", 0),
            "height": size.get("height", 0),
            "options": {name: _first(graph, inputs, (int, float, str)) for name, inputs in OPTIONS.items()},
        }
    )


def _is_node(node: object) -> bool:
    return (
        isinstance(node, Mapping)
        and isinstance(node.get("class_type"), str)
        and isinstance(node.get("inputs"), Mapping)
    )


def _whole(value: object) -> bool:
    return type(value) is int and value > 0


def _first(graph: Graph, names: tuple[str, ...], kind: type | tuple[type, ...]) -> Any:
    """The first plain value any node has under one of these names; a list there is a link to another node."""
    found = (node["inputs"].get(name) for name in names for node in graph.values())
    return next((value for value in found if isinstance(value, kind) and not isinstance(value, bool)), None)


def _words(graph: Graph, sampler: str, side: str) -> str:
    """The text a sampler's side leads to: of the nodes on the way, the first that holds words."""
    for inputs in _way(graph, sampler, side):
        text = next((inputs[name] for name in TEXT_INPUTS if isinstance(inputs.get(name), str)), "")
        if text.strip():
            return str(text)
    return ""


def _way(graph: Graph, start: str, side: str) -> Iterator[Mapping[str, Any]]:
    name = start
    for step in range(MAX_STEPS):
        inputs = graph[name]["inputs"]
        if step:
            yield inputs
        followed = (*LINKS[side], *TEXT_INPUTS) if step or side == "positive" else LINKS[side][:1]
        links = (_target(inputs.get(key)) for key in followed)
        name = next((target for target in links if target in graph), "")
        if not name:
            return


def _target(link: object) -> str:
    return str(link[0]) if isinstance(link, list) and link else ""
