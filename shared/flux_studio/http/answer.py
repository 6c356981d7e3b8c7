"""What came back from a call: status, headers and a body of limited size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_TEXT = 500
"""Characters of a body that is not JSON kept for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One complete answer; a status of 400 and more is an answer too."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Names without regard to case."""
    json: Any | None = field(default=None, repr=False)
    """The decoded body, None when it is not JSON."""
    text: str = field(default="", repr=False)
    """The beginning of the body, on one line."""


def read_answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Decode a body whatever its content type says: error pages come as HTML, JSON as text."""
    text = body.decode("utf-8", errors="replace")
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        decoded = None
    return Answer(status=status, headers=headers, json=decoded, text=" ".join(text[: 4 * MAX_TEXT].split())[:MAX_TEXT])
