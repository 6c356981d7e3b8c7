"""The recipe inside the picture file: written without touching a pixel, read back from any file (pure)."""

from __future__ import annotations

import json
from dataclasses import replace

from ..imaging.embedded import texts, with_text
from ..imaging.signature import PICTURE_MIMES, sniff
from ..types import Picture
from .document import KEY, Recipe
from .foreign import parsed, read_foreign


def embed(picture: Picture, recipe: Recipe) -> Picture:
    """Return the picture with its recipe inside, pixels and compressed data as they were.

    The very same picture when the file cannot take it in; the recipe is in the host's record in any case.
    """
    part = recipe.for_picture()
    for kept in (part, replace(part, typed="", final_prompt=None)):
        data = with_text(picture.data, picture.mime, KEY, _text(kept))
        if data is not None:
            return Picture(data=data, mime=picture.mime, width=picture.width, height=picture.height, file=picture.file)
    return picture


def read(data: bytes) -> Recipe | None:
    """The recipe in the bytes of a picture: ours, else that of another known tool. None without; never raises."""
    mime = sniff(data)
    found = texts(data, mime) if mime in PICTURE_MIMES else {}
    own = [recipe for text in found.values() if (recipe := _own(text))]
    return own[0] if own else read_foreign(found)


def _text(recipe: Recipe) -> str:
    compact = json.dumps({KEY: recipe.to_json()}, ensure_ascii=False, separators=(",", ":"))
    return compact.encode("utf-8", errors="replace").decode("utf-8")


def _own(text: str) -> Recipe | None:
    if f'"{KEY}"' not in text[:100]:
        return None
    data = parsed(text)
    return Recipe.from_json(data.get(KEY)) if isinstance(data, dict) else None
