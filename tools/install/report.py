"""What an installation did, item by item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """One item and what was done to it; nothing means it was already as wanted."""

    kind: str
    name: str
    done: Sequence[str]

    def __str__(self) -> str:
        return f"  {self.kind:9} {self.name:32} {', '.join(self.done) or 'unchanged'}"
