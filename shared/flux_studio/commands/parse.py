"""Chat text in, prompt and flags out (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..errors import InvalidRequest, InvalidRequests
from .addressed import addressed, mistyped
from .flags import FLAGS, Flag, find_flag, near_flag
from .quotes import closing_after, quoted_spans
from .table import COMMANDS, Command
from .values import FlagValue, read_value

BLANKS = " \t\u00a0"
MAX_TEXT = 200_000
"""Characters of a message; far more than any model takes as a prompt, little enough to read at once."""
MAX_FAULTS = 10
"""More wrong flags than these are not listed: the text is no message to us then."""

_FLAG = re.compile(
    r"(?<!\S)(?P<dashes>--|[—–―]{1,2}|[—–―]-|-[—–―])(?P<name>[^\W\d_][\w-]*)(?P<sign>[=:：＝]|(?=[\s,.;!?)]|$))"
)
"""Two dashes at the start of a word with a letter after them; the chat box turns them into one long dash."""
_CLOSING_DASH = re.compile(r"\w(?:--|[—–―])(?=[\s,.;:!?]|$)")
_SPACED_PAIR = re.compile(r"\d[\d.]*[ \t]*[:：xX×*][ \t]*\d[\d.]*")
_SWITCH_WORD = re.compile(rf"[{BLANKS}]+(on|off|true|false)(?![\w'’-])", re.IGNORECASE)
_WORD = re.compile(r"\S+")
_ASIDE_LENGTH = 300
_QUOTED_VALUE_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a person typed: the prompt without flags and command, and the flags by what they set."""

    prompt: str
    flags: Mapping[str, FlagValue] = field(default_factory=dict)
    command: Command | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One flag in the text: its place and the text of its value, None when it has none."""

    start: int
    end: int
    name: str
    flag: Flag | None
    value: str | None


def parse(text: str, enabled: Collection[str] = COMMANDS) -> Typed:
    """Take command and flags out of a message; everything else of it stays verbatim.

    Only `enabled` commands are any, and all of them behind /flux.
    Words in double quotes are never flags. Raises InvalidRequest on field "--name" for an unknown,
    repeated or valueless flag and for a bad value, InvalidRequests for several of them, on field "command"
    for an unknown word behind /flux.
    """
    if len(text) > MAX_TEXT:
        raise InvalidRequest("message", f"{len(text):,} characters", f"up to {MAX_TEXT:,} characters")
    command, body = _split_command(text, enabled)
    values: dict[str, FlagValue] = {}
    faults: list[InvalidRequest] = []
    spans: list[tuple[int, int]] = []
    for item in _flags(body):
        spans.append((item.start, item.end))
        try:
            _take(item, values)
        except InvalidRequest as fault:
            faults.append(fault)
            if len(faults) == MAX_FAULTS:
                break
    if faults:
        raise faults[0] if len(faults) == 1 else InvalidRequests(faults)
    notices = () if command or not (hint := mistyped(text, enabled)) else (hint,)
    prompt = _without(body, spans)
    return Typed(prompt=prompt, flags=MappingProxyType(values), command=command, notices=notices)


def _split_command(text: str, enabled: Collection[str]) -> tuple[Command | None, str]:
    found = addressed(text, enabled)
    return (found.command, text[found.end :].lstrip()) if found else (None, text)


def _flags(text: str) -> Iterator[_Found]:
    """Find the flags outside of quotations, in order and without overlap."""
    quotations = iter(quoted_spans(text))
    quotation = next(quotations, None)
    position = 0
    for match in _FLAG.finditer(text):
        while quotation is not None and quotation[1] <= match.start():
            quotation = next(quotations, None)
        quoted = quotation is not None and quotation[0] <= match.start()
        if quoted or match.start() < position or _is_prose(text, match):
            continue
        flag = find_flag(match["name"])
        value, position = _value(text, match, flag)
        yield _Found(start=match.start(), end=position, name=match["name"], flag=flag, value=value)


def _is_prose(text: str, match: re.Match[str]) -> bool:
    """Whether dashes before an unknown word are punctuation: an aside —such as this— or speech in another language."""
    name = match["name"]
    if find_flag(name):
        return False
    typographic = match["dashes"] != "--"
    if typographic and (not name.isascii() or name[0].isupper()):
        return True
    return _CLOSING_DASH.search(text, match.start("name"), match.end() + _ASIDE_LENGTH) is not None


def _value(text: str, match: re.Match[str], flag: Flag | None) -> tuple[str | None, int]:
    """Return the text of a flag's value and where flag and value end."""
    end = match.end()
    if flag is None:
        return None, end
    if match["sign"]:
        return _word(text, end, flag)
    if not flag.takes_value:
        switch = _SWITCH_WORD.match(text, end)
        return (switch[1], switch.end()) if switch else (None, end)
    start = end
    while start < len(text) and text[start] in BLANKS:
        start += 1
    if start == end or _FLAG.match(text, start):
        return None, end
    value, stop = _word(text, start, flag)
    return value, stop if value else end


def _word(text: str, start: int, flag: Flag) -> tuple[str | None, int]:
    """Read one value at `start`: quoted, two numbers with blanks between, or up to the next blank."""
    quoted = closing_after(text, start, _QUOTED_VALUE_LENGTH)
    if quoted is not None:
        return text[start + 1 : quoted - 1], quoted
    if flag.kind == "list":
        return _list(text, start)
    if flag.kind in ("aspect", "size") and (pair := _SPACED_PAIR.match(text, start)):
        word, stop = pair[0], pair.end()
    elif plain := _WORD.match(text, start):
        word, stop = plain[0], plain.end()
    else:
        return None, start
    kept = word.rstrip(",;.!?)")
    return kept or None, stop - len(word) + len(kept)


def _list(text: str, start: int) -> tuple[str | None, int]:
    """Read words up to the next flag or the end of the line."""
    end = text.find("\n", start)
    following = _FLAG.search(text, start, end if end >= 0 else len(text))
    stop = following.start() if following else end if end >= 0 else len(text)
    kept = text[start:stop].rstrip(f"{BLANKS}\r,;.")
    return kept or None, start + len(kept)


def _take(item: _Found, values: dict[str, FlagValue]) -> None:
    """Put one flag's value where it belongs; raises InvalidRequest."""
    flag = item.flag
    if flag is None:
        raise _unknown(item.name)
    field_name = f"--{flag.name}"
    if flag.sets in values:
        sentence = f"{field_name} is given more than once; keep one of them."
        raise InvalidRequest(field_name, item.value or "", "one value", sentence=sentence)
    # A flag that fails still counts as given, so that its repetition is not a second riddle.
    values[flag.sets] = None
    if item.value is None and flag.takes_value:
        sentence = f"{field_name} needs a value: {flag.allowed}."
        raise InvalidRequest(field_name, "", flag.allowed, sentence=sentence)
    values[flag.sets] = True if item.value is None else read_value(flag, item.value, field_name)


def _unknown(name: str) -> InvalidRequest:
    shown, near = name[:40], near_flag(name)
    hint = f"did you mean --{near}?" if near else f"there are: {', '.join(f'--{flag.name}' for flag in FLAGS)}."
    sentence = f"There is no flag --{shown}; {hint} Words that only look like a flag belong in quotes."
    return InvalidRequest(f"--{shown}", name, f"--{near}" if near else "a known flag", sentence=sentence)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """Cut the spans out together with the blanks that set them off; the rest stays as it is."""
    kept: list[str] = []
    position = 0
    for start, end in _merged(text, spans):
        start, end = _widened(text, start, end)
        kept.append(text[position : max(start, position)])
        position = end
    return "".join([*kept, text[position:]])


def _merged(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join spans that only blanks separate."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and not text[joined[-1][1] : start].strip(BLANKS):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Take the blanks before a span along; at the start of a line those after it, and an emptied line as a whole."""
    while start > 0 and text[start - 1] in BLANKS:
        start -= 1
    if start > 0 and text[start - 1] != "\n":
        return start, end
    while end < len(text) and text[end] in BLANKS:
        end += 1
    if end == len(text) or text[end] == "\n":
        if start > 0:
            return start - 1, end
        return start, min(end + 1, len(text))
    return start, end
