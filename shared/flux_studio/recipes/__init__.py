"""What made a picture: the document, the picture that carries it, and what other tools write (pure)."""

from __future__ import annotations

from .document import KEY, Recipe, is_private, write
from .picture import embed, read

__all__ = ["KEY", "Recipe", "embed", "is_private", "read", "write"]
