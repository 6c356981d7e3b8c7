"""Leave out of a page what only its sources need: comments, indentation and spaces; no name is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .sources import BuildError

# One alternative per kind of piece; a slash is told from a regular expression by what stands before it.
TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
    | (?P<space>[ \t\n]+)
    | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<template>`)
    | (?P<word>[\w$#]+)
    | (?P<mark>.)""",
    re.DOTALL | re.VERBOSE,
)
REGULAR_EXPRESSION = re.compile(r"/(?![*/])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")
WORDS_BEFORE_EXPRESSIONS = frozenset({"return", "typeof", "case", "in", "of", "void", "delete", "await", "throw"})
MARKS_AFTER_VALUES = frozenset(")]}")

# Behind these no statement can end, and before these none can begin, so no line break is needed.
OPEN_ENDS = frozenset("{([,;")
CLOSERS = frozenset("})],;.?:")
IS_WORD = re.compile(r"[\w$#]")

STYLE_PART = re.compile(r'("(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|/\*.*?\*/)', re.DOTALL)
STYLE_SPACE = re.compile(r"\s*([{};,>])\s*|(?<=:)\s+|\s+(?=!)")


def compact_script(text: str, where: str) -> str:
    """Return the same JavaScript with as little space between its tokens as possible.

    Raises BuildError, naming `where`, for a string, template or regular expression without end.
    """
    parts: list[str] = []
    gap = last = ""
    for kind, piece in _tokens(text, where):
        if kind in ("space", "comment"):
            gap += "\n" if "\n" in piece else " "
            continue
        # A regular expression takes a word right behind it for its flags.
        before = "x" if last == "expression" else parts[-1][-1] if parts else ""
        if piece == "}" and len(parts) > 1 and parts[-1] == ";" and parts[-2][-1] not in "();{":
            parts.pop()  # only behind a parenthesis may it be a statement of its own
        parts.append(_between(before, gap, piece[0]) + piece)
        gap, last = "", kind
    return "".join(parts) + "\n"


def _between(before: str, gap: str, after: str) -> str:
    """What must stay of a gap: a line break that may end a statement, or a space that keeps two tokens apart."""
    if "\n" in gap and before and before not in OPEN_ENDS and after not in CLOSERS:
        return "\n"
    if gap and before and ((IS_WORD.match(before) and IS_WORD.match(after)) or (before == after and before in "+-/")):
        return " "
    return ""


def _tokens(text: str, where: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) of everything that stands there; what is yielded makes the whole text again."""
    at, last = 0, ""
    while at < len(text):
        expression = REGULAR_EXPRESSION.match(text, at) if text[at] == "/" and _starts_expression(last) else None
        found = expression or TOKEN.match(text, at)
        assert found  # the last alternative takes any character
        kind, piece = ("expression" if expression else str(found.lastgroup)), found[0]
        if kind == "template":
            piece = text[at : _template_end(text, at, where)]
        if kind == "mark" and piece in "\"'":
            raise BuildError(f"{where}:{text.count(chr(10), 0, at) + 1}: a string without end")
        at += len(piece)
        last = last if kind in ("space", "comment") else piece
        yield kind, piece


def _starts_expression(last: str) -> bool:
    """Whether a slash after this piece begins a regular expression, rather than divides."""
    if IS_WORD.match(last[-1:] or ";"):
        return last in WORDS_BEFORE_EXPRESSIONS
    return last not in MARKS_AFTER_VALUES and last[:1] not in ("`", '"', "'")


def _template_end(text: str, start: int, where: str) -> int:
    """Return the index behind a template literal, whatever is nested in it."""
    at = start + 1
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == "`":
            return at + 1
        elif text.startswith("${", at):
            at = _placeholder_end(text, at + 2, where)
        else:
            at += 1
    raise BuildError(f"{where}:{text.count(chr(10), 0, start) + 1}: a template without end")


def _placeholder_end(text: str, start: int, where: str) -> int:
    """Return the index behind the brace that ends a placeholder of a template."""
    depth, length = 1, 0
    for _, piece in _tokens(text[start:], where):
        length += len(piece)
        depth += (piece == "{") - (piece == "}")
        if depth == 0:
            return start + length
    raise BuildError(f"{where}:{text.count(chr(10), 0, start) + 1}: a template without end")


def compact_style(text: str) -> str:
    """Return the same stylesheet without comments and idle spaces; strings stay as they are."""
    pieces = ["" if part.startswith("/*") else part for part in STYLE_PART.split(text)]
    for index in range(0, len(pieces), 2):
        spaced = STYLE_SPACE.sub(lambda found: found[1] or "", re.sub(r"\s+", " ", pieces[index]))
        pieces[index] = spaced.replace(";}", "}").replace("}", "}\n").replace("}\n}", "}}")
    return "".join(pieces).strip() + "\n"
