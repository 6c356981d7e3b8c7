"""From a checked request to the engine's job document (pure)."""

from __future__ import annotations

import base64
from typing import Any

from ..catalog.card import ModelCard
from ..imaging import for_upload
from ..types import Request, Task

TASKS: dict[Task, str] = {"generate": "generate", "edit": "edit", "inpaint": "inpaint", "expand": "inpaint"}
"""Expanding is inpainting on an enlarged canvas."""


def build_job(request: Request, card: ModelCard) -> dict[str, Any]:
    """Return the job as JSON; pictures and mask as base64. Encodes pictures, so call it off the event loop."""
    job: dict[str, Any] = {
        "task": task_of(request),
        "model": card.name,
        "prompt": request.prompt.strip(),
        "count": request.count,
        "format": request.format or card.default_format,
        **{name: value for name, value in request.options.items() if card.option(name)},
    }
    if request.seed is not None:
        job["seed"] = request.seed
    if request.size is not None:
        job |= {"width": request.size.width, "height": request.size.height}
    if request.pictures:
        job["pictures"] = [_base64(for_upload(picture, card.pictures).data) for picture in request.pictures]
    if request.mask is not None:
        from ..imaging.masks import threshold, to_png

        job["mask"] = _base64(to_png(threshold(request.mask)))
    return job


def task_of(request: Request) -> str:
    """The engine's word for a task; with a mask it is always inpainting."""
    return "inpaint" if request.mask is not None else TASKS.get(request.task, request.task)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
