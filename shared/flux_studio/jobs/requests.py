"""A request as JSON and back, so that a job which was not sent yet can be run by another worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import StorageError
from ..types import Picture, Request, Size

EDIT = "edit"
"""Key of what an edit keeps besides: mask, region, work area (edits.Edit). Its pictures are the originals."""

MARKUP = "markup"
"""Key of a drawing over the picture: base64 PNG of the region's size (the picture's without one)."""


def request_to_json(request: Request, *, private: bool = False) -> dict[str, Any]:
    """Plain JSON with file ids in place of pictures; `private` leaves the prompt out (temporary chats)."""
    return {
        "task": request.task,
        "model": request.model,
        "prompt": None if private else request.prompt,
        "typed": None if private else request.typed,
        "pictures": [picture.file for picture in request.pictures],
        "hashes": [] if private else [picture.id for picture in request.pictures],
        "masked": request.mask is not None,
        "marked": request.markup is not None,
        "size": [request.size.width, request.size.height] if request.size else None,
        "aspect": request.aspect,
        "size_class": request.size_class,
        "count": request.count,
        "seed": request.seed,
        "format": request.format,
        "options": dict(request.options),
    }


def without_prompt(data: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON of a temporary chat: no prompt in any wording, no drawing, nothing that tells its pictures apart."""
    return {**{name: value for name, value in data.items() if name not in ("typed", "hashes", MARKUP)}, "prompt": None}


def rerunnable(data: Mapping[str, Any] | None) -> bool:
    """Whether the JSON holds everything: a prompt, mask and drawing if there were any, a file id for each picture."""
    if data is None or data.get("prompt") is None or not all(_files(data)):
        return False
    return (not data.get("marked") or MARKUP in data) and (not data.get("masked") or EDIT in data)


def picture_files(data: Mapping[str, Any] | None) -> tuple[str, ...]:
    """File ids of the input pictures in order; raises StorageError when the request cannot be made again."""
    if data is None or not rerunnable(data):
        raise StorageError("This request was not kept completely, so it cannot be run again. Please send it once more.")
    return tuple(str(file) for file in _files(data))


def request_from_json(data: Mapping[str, Any], pictures: Sequence[Picture] = ()) -> Request:
    """Make the request again with the pictures of picture_files(data); raises StorageError.

    For an edit that is the wish, with the whole original: edits.provider_request cuts out what is sent.
    """
    if len(picture_files(data)) != len(pictures):
        raise StorageError("A picture of this request is gone, so it cannot be run again.")
    size = data.get("size")
    return Request(
        task=data["task"],
        model=data["model"],
        prompt=data["prompt"],
        typed=data.get("typed"),
        pictures=tuple(pictures),
        size=Size(width=size[0], height=size[1]) if size else None,
        aspect=data.get("aspect"),
        size_class=data.get("size_class"),
        count=data.get("count", 1),
        seed=data.get("seed"),
        format=data.get("format"),
        options=dict(data.get("options") or {}),
    )


def _files(data: Mapping[str, Any]) -> Sequence[str | None]:
    return data.get("pictures") or ()
