"""Pictures named in a prompt: #3 of the chat, [Image 2] and image 2 among the inputs (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .quotes import quoted_spans

_MENTION = re.compile(
    r"(?<![\w#&/])#(?P<number>\d{1,2})(?![\w#])"
    r"|\[\s*(?:image|picture|img)\s*#?\s*(?P<bracketed>\d{1,2})\s*\]"
    r"|\b(?P<word>image|picture)\s(?P<plain>\d{1,2})(?![\w.:])",
    re.IGNORECASE,
)
"""Three digits after # are more often a colour than a picture; --edit takes any number."""
_LEAD = re.compile(r"\s*(?:edit\s+)?#\d{1,2}(?:\s*[:,;–—-]\s*|\s+|\s*$)", re.IGNORECASE)
_JOINER = re.compile(r"(?:edit|and|[\s,:;.&+])*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One picture named in a prompt."""

    start: int
    end: int
    kind: Literal["chat", "input", "words"]
    """chat: #3, its number in the chat; input: [Image 2], its place among the inputs; words: image 2, maybe that."""
    number: int
    leads: bool = False
    """Whether the prompt begins with it, as in "edit #2: make it night"."""
    word: str = ""


def mentions(prompt: str) -> list[Mention]:
    """All pictures named outside of quotes, in order."""
    quoted = quoted_spans(prompt)
    lead = _LEAD.match(prompt)
    return [
        _mention(found, lead.end() if lead else 0)
        for found in _MENTION.finditer(prompt)
        if not any(start <= found.start() < end for start, end in quoted)
    ]


def is_only_a_choice(prompt: str) -> bool:
    """Whether a message says nothing but which picture: "#3", "edit #2 and #4"."""
    found = [mention for mention in mentions(prompt) if mention.kind == "chat"]
    rest = _replaced(prompt, [(mention.start, mention.end, "") for mention in found])
    return bool(found) and _JOINER.fullmatch(rest) is not None


def without_lead(prompt: str) -> str:
    """A prompt without the "#2:" or "edit #2" that it begins with."""
    lead = _LEAD.match(prompt)
    return prompt[lead.end() :] if lead else prompt


def renamed(prompt: str, place_of: Callable[[Mention], int | None], inputs: int) -> str:
    """The prompt with every picture called as the provider numbers it: image 1, image 2 …

    `place_of` gives a mention's 1-based place among the `inputs` pictures that are sent, None for words that name no
    picture. With a single one it is "the image", and a leading "#2:" goes.
    """
    changes: list[tuple[int, int, str]] = []
    for mention in mentions(prompt):
        place = place_of(mention)
        if place is None or (mention.kind == "words" and mention.number == place):
            continue
        if mention.kind == "words":
            changes.append((mention.start, mention.end, f"{mention.word} {place}"))
        elif mention.leads and inputs == 1 and (lead := _LEAD.match(prompt)):
            changes.append((0, lead.end(), ""))
        else:
            changes.append((mention.start, mention.end, "the image" if inputs == 1 else f"image {place}"))
    return _replaced(prompt, changes)


def _mention(found: re.Match[str], lead: int) -> Mention:
    start, end = found.span()
    if found["number"]:
        return Mention(start=start, end=end, kind="chat", number=int(found["number"]), leads=end <= lead)
    if found["bracketed"]:
        return Mention(start=start, end=end, kind="input", number=int(found["bracketed"]))
    return Mention(start=start, end=end, kind="words", number=int(found["plain"]), word=found["word"])


def _replaced(text: str, changes: list[tuple[int, int, str]]) -> str:
    parts, position = [], 0
    for start, end, new in changes:
        parts += [text[position:start], new]
        position = end
    return "".join([*parts, text[position:]])
