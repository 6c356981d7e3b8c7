"""Read the value of a flag or chat variable out of its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..catalog.aspect import parse_aspect, parse_size, parse_size_class
from ..errors import InvalidRequest
from ..types import OptionValue, Size
from .flags import Flag, FlagKind

FlagValue = OptionValue | Size | None
"""None is a value too: --seed random asks for no fixed seed."""

_WHOLE = re.compile(r"[+-]?\d{1,12}")
_DECIMAL = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,9})?")
_SWITCHES = {
    **dict.fromkeys(("on", "true", "yes", "1"), True),
    **dict.fromkeys(("off", "false", "no", "0"), False),
}
_OTHER_NAMES = {"jpg": "jpeg"}


def read_value(flag: Flag, text: str, field: str) -> FlagValue:
    """Return the value in the flag's type; raises InvalidRequest on `field` with what is allowed."""
    try:
        value = _READERS[flag.kind](flag, text.strip())
    except ValueError:
        raise InvalidRequest(field, text, flag.allowed) from None
    return value


def _aspect(flag: Flag, text: str) -> FlagValue:
    return _required(parse_aspect(text))


def _size(flag: Flag, text: str) -> FlagValue:
    return parse_size_class(text) or _required(parse_size(text))


def _whole(flag: Flag, text: str) -> FlagValue:
    if not _WHOLE.fullmatch(text):
        raise ValueError
    return int(_in_range(flag, int(text)))


def _seed(flag: Flag, text: str) -> FlagValue:
    return None if text.casefold() in ("random", "-1") else _whole(flag, text)


def _decimal(flag: Flag, text: str) -> FlagValue:
    if not _DECIMAL.fullmatch(text):
        raise ValueError
    return _in_range(flag, float(text.replace(",", ".")))


def _switch(flag: Flag, text: str) -> FlagValue:
    return _required(_SWITCHES.get(text.casefold()))


def _choice(flag: Flag, text: str) -> FlagValue:
    word = _OTHER_NAMES.get(text.casefold(), text.casefold())
    return _required(word if word in flag.choices else None)


def _picture(flag: Flag, text: str) -> FlagValue:
    return _whole(flag, text.removeprefix("#"))


def _text(flag: Flag, text: str) -> FlagValue:
    return _required(text or None)


_READERS: Mapping[FlagKind, Callable[[Flag, str], FlagValue]] = {
    "aspect": _aspect,
    "size": _size,
    "int": _whole,
    "seed": _seed,
    "float": _decimal,
    "bool": _switch,
    "choice": _choice,
    "text": _text,
    "picture": _picture,
    "list": _text,
}


def _in_range(flag: Flag, value: float) -> float:
    below = flag.minimum is not None and value < flag.minimum
    if below or (flag.maximum is not None and value > flag.maximum):
        raise ValueError
    return value


def _required(value: FlagValue) -> FlagValue:
    if value is None:
        raise ValueError
    return value
