"""Size and number said in words at the beginning or end of a prompt: "16:9, 2 images" (pure).

Only what stands there alone, set off by a comma, a semicolon, a line or (in front) a colon, and can mean nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ..catalog.aspect import parse_size, parse_size_class
from ..catalog.check import MAX_COUNT
from .parse import Typed
from .quotes import quoted_spans
from .values import FlagValue

NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
RATIOS = (
    "1:1",
    "5:4",
    "4:5",
    "4:3",
    "3:4",
    "3:2",
    "2:3",
    "16:10",
    "10:16",
    "16:9",
    "9:16",
    "2:1",
    "1:2",
    "21:9",
    "9:21",
)
"""Written with a colon many things are no ratio: 12:30, a score of 3:0."""
SHAPES = {
    "square": "1:1",
    "landscape": "3:2",
    "horizontal": "3:2",
    "portrait": "2:3",
    "upright": "2:3",
    "vertical": "9:16",
    "widescreen": "16:9",
    "wide": "16:9",
    "panorama": "21:9",
    "panoramic": "21:9",
}
"""Needs "format" beside it, or another wish next to it: a portrait and a landscape are also what a picture shows."""

MAX_WISHES = 4
LONGEST_WISH = 40
"""Characters of one wish in words."""

_THINGS = r"(?:images?|pictures?|pics?|photos?|variants?|variations?|versions?|renders?)"
_COUNT = re.compile(rf"(?:make |create |generate |give me )?(\d{{1,2}}|{'|'.join(NUMBERS)}) (?:different )?{_THINGS}")
_RATIO = re.compile(
    r"(?:in |aspect ratio |ratio |format |ar )*(\d{1,2}) ?: ?(\d{1,2})(?: (?:format|ratio|aspect ratio))?"
)
_SHAPE = re.compile(
    rf"(?:in )?(?:an? )?({'|'.join(SHAPES)}) (?:format|orientation|mode|ratio|aspect ratio|picture format)"
)
_BARE_SHAPE = re.compile(rf"(?:in )?({'|'.join(SHAPES)})")
_PIXELS = re.compile(r"(?:size )?(\d{3,4} ?[x×*] ?\d{3,4})(?: ?(?:px|pixels?))?")
_CLASS = re.compile(r"(?:in )?([124]k)(?: resolution| size)?")
_FRONT = re.compile(r"\s*([^,;:\n]{1,40})([,;\n]|:(?=\s))\s*")
_FRONT_RATIO = re.compile(r"\s*(\d{1,2} ?: ?\d{1,2})([,;\n]|:(?=\s))\s*")
_BACK_IN = re.compile(
    r"(\s)\s*(in \d{1,2} ?: ?\d{1,2}|in (?:portrait|landscape|square|vertical|upright|horizontal) format)[.\s]*$",
    re.IGNORECASE,
)
"""Clear enough to stand without a comma: "a fox in 16:9"."""
_BACK = re.compile(r"\s*([,;\n]|[.!?](?=\s))\s*([^,;\n.!?]{1,40})[.\s]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """One wish that was said: what it sets, to what, and the words."""

    sets: str
    value: FlagValue
    words: str
    alone: bool = True
    """Whether it counts without another wish beside it."""


def with_words(typed: Typed) -> Typed:
    """Take wishes said in words out of the prompt; a flag that says the same thing leaves them where they are.

    A notice names what was understood. Words in quotes, and all words between others, stay prompt text.
    """
    prompt, wishes = _taken(typed.prompt)
    shaped = {"size", "aspect"} & set(typed.flags)
    new = {wish.sets: wish for wish in wishes}
    clash = any(wish.sets in typed.flags or (shaped and wish.sets in ("size", "aspect")) for wish in wishes)
    pixels = "aspect" in new and "size" in new and not isinstance(new["size"].value, str)
    if not wishes or clash or pixels or len(new) < len(wishes) or not any(wish.alone for wish in wishes):
        return typed
    rest = _read(prompt)
    if not prompt.strip() or (rest and rest.alone):
        return typed  # nothing but wishes: there is no picture in them
    said = ", ".join(f"“{wish.words}”" for wish in wishes)
    taken = ", ".join(_meaning(wish) for wish in wishes)
    was, it = ("was", "it") if len(wishes) == 1 else ("were", "they")
    notice = f"{said} {was} read as {taken}; in quotes {it} would stay part of the prompt."
    flags = {**typed.flags, **{name: wish.value for name, wish in new.items()}}
    return replace(typed, prompt=prompt, flags=flags, notices=(*typed.notices, notice))


def _taken(prompt: str) -> tuple[str, list[_Wish]]:
    """Cut wishes off both ends."""
    wishes: list[_Wish] = []
    for cut in (_cut_back, _cut_front):
        for _ in range(MAX_WISHES):
            rest, wish = cut(prompt)
            if wish is None:
                break
            prompt = rest
            wishes.append(wish)
    return prompt, wishes


def _cut_back(prompt: str) -> tuple[str, _Wish | None]:
    """A wish after the last comma; a full stop before it stays, for it ends the sentence before."""
    end = prompt[-LONGEST_WISH * 2 :]
    match, start = _BACK_IN.search(end) or _BACK.search(end), len(prompt) - len(end)
    if match is None or _is_quoted(prompt, start + match.start(2)):
        return prompt, None
    kept = match[1] if match[1] in ".!?" else ""
    return prompt[: start + match.start()] + kept, _read(match[2])


def _cut_front(prompt: str) -> tuple[str, _Wish | None]:
    match = _FRONT_RATIO.match(prompt) or _FRONT.match(prompt)
    if match is None or _is_quoted(prompt, match.start(1)):
        return prompt, None
    return prompt[match.end() :], _read(match[1])


def _is_quoted(prompt: str, place: int) -> bool:
    return any(start <= place < end for start, end in quoted_spans(prompt))


def _read(text: str) -> _Wish | None:
    """What one piece of text wishes, when it wishes nothing else besides."""
    words = " ".join(text.split())
    plain = words.casefold()
    for pattern, reader in _READERS.items():
        match = pattern.fullmatch(plain)
        wish = reader(match, words) if match else None
        if wish:
            return wish
    return None


def _count(match: re.Match[str], words: str) -> _Wish | None:
    count = NUMBERS.get(match[1]) or int(match[1])
    return _Wish(sets="count", value=count, words=words) if 1 <= count <= MAX_COUNT else None


def _ratio(match: re.Match[str], words: str) -> _Wish | None:
    ratio = f"{int(match[1])}:{int(match[2])}"
    return _Wish(sets="aspect", value=ratio, words=words) if ratio in RATIOS else None


def _shape(match: re.Match[str], words: str) -> _Wish:
    return _Wish(sets="aspect", value=SHAPES[match[1]], words=words)


def _bare_shape(match: re.Match[str], words: str) -> _Wish:
    return _Wish(sets="aspect", value=SHAPES[match[1]], words=words, alone=False)


def _pixels(match: re.Match[str], words: str) -> _Wish | None:
    size = parse_size(match[1])
    return _Wish(sets="size", value=size, words=words) if size else None


def _size_class(match: re.Match[str], words: str) -> _Wish | None:
    return _Wish(sets="size", value=parse_size_class(match[1]), words=words)


_READERS: Mapping[re.Pattern[str], Callable[[re.Match[str], str], _Wish | None]] = {
    _COUNT: _count,
    _RATIO: _ratio,
    _SHAPE: _shape,
    _BARE_SHAPE: _bare_shape,
    _PIXELS: _pixels,
    _CLASS: _size_class,
}


def _meaning(wish: _Wish) -> str:
    name = {"count": "n", "aspect": "ar"}.get(wish.sets, wish.sets)
    shown = str(wish.value).replace(" ", "").replace("×", "x")
    return f"`--{name} {shown}`"
