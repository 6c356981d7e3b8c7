"""The finetunes of the sandbox's account: what each is, and how its training goes with time."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .faults import Faults

OLD_FINETUNE = "sandbox-finetune"
"""Trained before training was withdrawn; ready from the start."""
UPLOADED_LORA = "sandbox-lora"
"""Uploaded in the dashboard, for FLUX.2 [klein]."""
PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
MOST_PICTURES = 1000
"""Of an archive; BFL advises 20 and more than a hundred were used."""


@dataclass(slots=True, kw_only=True)
class Finetune:
    """One finetune. Times are seconds of the sandbox's clock."""

    id: str
    details: Mapping[str, Any]
    """What was asked for: finetune_comment, trigger_word, mode, iterations …"""
    created: float
    duration: float
    faults: Faults = field(default_factory=dict)
    polls: int = 0

    def share(self, now: float) -> float:
        return min(1.0, max(0.0, (now - self.created) / self.duration)) if self.duration > 0 else 1.0

    def failed(self, now: float) -> bool:
        return "training-failed" in self.faults and self.share(now) >= 1.0

    def ready(self, now: float) -> bool:
        return self.share(now) >= 1.0 and "training-failed" not in self.faults


def old_finetunes(now: float) -> dict[str, Finetune]:
    """What the account has before anything is trained."""
    details = {
        "finetune_comment": "A finetune of before",
        "trigger_word": "TOK",
        "mode": "character",
        "iterations": 300,
    }
    return {OLD_FINETUNE: Finetune(id=OLD_FINETUNE, details=details, created=now - 3600, duration=60.0)}


def archive_problem(text: str) -> str | None:
    """Why a training cannot use its archive, None when it can."""
    try:
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(text, validate=True))) as archive:
            names = archive.namelist()
    except (binascii.Error, ValueError, zipfile.BadZipFile):
        return "file_data must be the base64 text of a ZIP file"
    pictures = [name for name in names if name.lower().endswith(PICTURE_ENDINGS)]
    if not 0 < len(pictures) <= MOST_PICTURES:
        return f"the archive must hold 1 to {MOST_PICTURES} pictures (jpg, jpeg, png, webp)"
    return None
