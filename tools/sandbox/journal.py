"""Everything that reached the sandbox, and what a good client would never have sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 10_000
"""Entries of each kind; older ones are dropped, so that a long demo stays small."""
SECRET_HEADERS = frozenset({"x-key", "authorization", "api-key", "cookie"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One POST to a generating endpoint that had a valid key."""

    endpoint: str
    """Path: /v1/flux-2-pro."""
    body: Mapping[str, Any]
    """The decoded body; each picture text is replaced by {bytes, sha256, mime, width, height, problem}."""
    headers: Mapping[str, str]
    """Names in lower case, without the key."""
    time: float
    status: int
    """HTTP status of the answer; 0 when the connection was reset."""
    task: str | None = None
    """Id of the task that was created, None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One get_result call."""

    task: str
    time: float
    status: int
    state: str = ""
    """The status word of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One request at the delivery host."""

    path: str
    time: float
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Something a good client never does."""

    kind: str
    detail: str
    time: float


class Journal:
    """The four lists, newest last."""

    def __init__(self) -> None:
        self.calls: deque[Call] = deque(maxlen=KEPT)
        self.polls: deque[Poll] = deque(maxlen=KEPT)
        self.downloads: deque[Download] = deque(maxlen=KEPT)
        self.violations: deque[Violation] = deque(maxlen=KEPT)

    def violation(self, kind: str, detail: str, time: float) -> None:
        self.violations.append(Violation(kind=kind, detail=detail, time=time))

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        lists: dict[str, deque[Any]] = {
            "calls": self.calls,
            "polls": self.polls,
            "downloads": self.downloads,
            "violations": self.violations,
        }
        return {name: [asdict(entry) for entry in entries] for name, entries in lists.items()}

    def clear(self) -> None:
        for entries in (self.calls, self.polls, self.downloads, self.violations):
            entries.clear()


def open_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers in lower case without anything secret."""
    return {name.lower(): value for name, value in headers.items() if name.lower() not in SECRET_HEADERS}
