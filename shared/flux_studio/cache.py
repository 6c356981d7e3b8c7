"""A bounded memory of what was looked up before: what was not asked for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LeastRecentlyUsed(Generic[K, V]):
    """At most `size` entries, 0 keeps none; for one event loop, no step of it waits."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """The entry, which counts as just used; None when it is not (any more) there."""
        if key in self._entries:
            self._entries.move_to_end(key)
        return self._entries.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep an entry, at the cost of the one that was not used longest."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        self._shrink()

    def forget(self, key: K) -> None:
        self._entries.pop(key, None)

    def resize(self, size: int) -> None:
        """Change the number of entries; the least recently used go if there are too many now."""
        self._size = size
        self._shrink()

    def _shrink(self) -> None:
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)
