"""Shorten what only a page itself ever sees: own properties, functions used often, keys of texts, names of colours."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

INTERNAL = "internal.txt"
"""File of a page's folder: its properties that may be renamed, divided by space; lines with # say why."""

GLOBALS = (
    *(f"Math.{name}" for name in ("round", "max", "min", "floor", "abs", "ceil", "sqrt")),
    *("Array.isArray", "Number.isInteger", "Object.assign", "Object.entries", "JSON.stringify"),
    *("Uint8Array", "Uint32Array", "Float64Array", "RangeError", "String", "Number", "document"),
    *("setTimeout", "clearTimeout", "createImageBitmap"),
)
"""Written often in pages; none of them needs to know what it is called on."""

GLOBALS_MODULE = "globals-of-the-browser.js"

TEXT_KEY = re.compile(r'(?<=[{,])"([a-z]\w*(?:\.\w+)+)":(?=")')
"""In a table; after `?` the same is one of two texts."""
QUOTED = re.compile(r'"([a-z]\w*(?:\.\w+)+)"')
ASSEMBLED = re.compile(r"`([a-z][\w.]*\.)\$\{")
STYLES = re.compile(r"<style>.*?</style>", re.DOTALL)
CUSTOM_PROPERTY = re.compile(r"--[a-z][a-z-]{2,}(?=[:),])")
QUOTED_CUSTOM_PROPERTY = re.compile(r'(?<=")--[a-z][a-z-]{2,}(?=")')


def script_options(page: Path, folder: Path) -> list[str]:
    """Return esbuild's options for the script of `page`; writes a module that they need into `folder`."""
    aliases = {chain: f"global_{chain.replace('.', '_')}" for chain in GLOBALS}
    module = folder / GLOBALS_MODULE
    lines = (f"export const {alias} = globalThis.{chain};\n" for chain, alias in aliases.items())
    module.write_text("".join(lines), "utf-8")
    options = [f"--inject:{module}", *(f"--define:{chain}={alias}" for chain, alias in aliases.items())]
    names = internal_names(page)
    return [*options, f"--mangle-props=^({'|'.join(names)})$"] if names else options


def internal_names(page: Path) -> list[str]:
    """Return the names that INTERNAL lists, sorted; none when the page has no such file."""
    path = page / INTERNAL
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return sorted({name for line in lines if not line.startswith("#") for name in line.split()})


def shorten_text_keys(script: str) -> str:
    """Give keys of the table of texts ("notice.noAnswer") short names, in the table and where they are used.

    A key that is put together while the page runs, or that begins or goes on another one, stays.
    """
    keys = list(dict.fromkeys(TEXT_KEY.findall(script)))
    assembled = tuple(ASSEMBLED.findall(script))
    fixed = [key for key in keys if not key.startswith(assembled) and not _related(key, keys)]
    short = dict(zip(fixed, _short_names(script), strict=False))
    script = TEXT_KEY.sub(lambda found: f"{short[found[1]]}:" if found[1] in short else found[0], script)
    return QUOTED.sub(lambda found: f'"{short[found[1]]}"' if found[1] in short else found[0], script)


def shorten_custom_properties(page: str) -> str:
    """Give the custom properties of the page's stylesheets (`--line-strong`) names of one or two letters.

    In the script they count where they are a whole text in double quotes: `--line)` may also be a subtraction.
    """
    uses = CUSTOM_PROPERTY.findall("".join(STYLES.findall(page)))
    names = sorted(set(uses), key=lambda name: (-uses.count(name), name))
    short = {name: f"--{letters}" for name, letters in zip(names, _letters(), strict=False)}

    def renamed(found: re.Match[str]) -> str:
        return short.get(found[0], found[0])

    page = STYLES.sub(lambda style: CUSTOM_PROPERTY.sub(renamed, style[0]), page)
    return QUOTED_CUSTOM_PROPERTY.sub(renamed, page)


def _related(key: str, keys: Iterable[str]) -> bool:
    return any(other.startswith(f"{key}.") or key.startswith(f"{other}.") for other in keys)


def _short_names(script: str) -> Iterator[str]:
    """Names that are identifiers, and that no text of the script is."""
    return (f"${letters}" for letters in _letters() if f'"${letters}"' not in script)


def _letters() -> Iterator[str]:
    for length in (1, 2):
        yield from map("".join, product(string.ascii_letters, repeat=length))
