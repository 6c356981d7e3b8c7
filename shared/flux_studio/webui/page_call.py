"""One call of a page, before anything in it is believed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCall:
    """One call of a page. Only `user` is known for sure; everything in `data` and `body` is a claim."""

    user: Any
    app: Any
    body: Mapping[str, Any]
    data: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A required text of the call; raises InvalidRequest naming it."""
        value = self.data.get(name)
        if not isinstance(value, str) or not value or len(value) > 10_000:
            raise InvalidRequest(name, value, "a text")
        return value


Operation = Callable[[PageCall], Awaitable[dict[str, Any]]]
