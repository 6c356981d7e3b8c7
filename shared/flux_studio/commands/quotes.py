"""Where a text is quoted: words in quotes belong to the prompt, whatever they look like."""

from __future__ import annotations

import re
from collections.abc import Mapping

_OPENING = re.compile(r'(?<![^\s(\[{=:,])["“„«](?=\S)')
"""An opening mark stands at the start of a word: the inch sign of 12" opens nothing."""
_CLOSING: Mapping[str, re.Pattern[str]] = {
    '"': re.compile('["”]'),
    "“": re.compile('[”"]'),
    "„": re.compile('[“”"]'),
    "«": re.compile("»"),
}
"""The chat box turns straight quotes into curly ones, not always both of a pair."""


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Return start and end of every quotation, marks included, in order; one that is never closed is none."""
    spans: list[tuple[int, int]] = []
    unclosed: set[str] = set()
    position = 0
    for opening in _OPENING.finditer(text):
        if opening.start() < position or opening[0] in unclosed:
            continue
        closing = _CLOSING[opening[0]].search(text, opening.end())
        if closing is None:
            # No later mark of this kind can close either, so a hostile text is still read in one pass.
            unclosed.add(opening[0])
            continue
        position = closing.end()
        spans.append((opening.start(), position))
    return spans


def closing_after(text: str, position: int, limit: int) -> int | None:
    """Return the end of the quotation that opens at `position` within `limit` characters of one line."""
    pattern = _CLOSING.get(text[position : position + 1])
    if pattern is None:
        return None
    closing = pattern.search(text, position + 1, position + 1 + limit)
    if closing is None or "\n" in text[position : closing.end()]:
        return None
    return closing.end()
