"""Pictures as bytes: check, prepare, preview. Synchronous and pure: callers use asyncio.to_thread."""

from __future__ import annotations

from .decode import ALLOWED, MAX_BYTES, MAX_PIXELS, inspect
from .prepare import as_picture, for_upload
from .preview import thumbnail

__all__ = ["ALLOWED", "MAX_BYTES", "MAX_PIXELS", "as_picture", "for_upload", "inspect", "thumbnail"]
