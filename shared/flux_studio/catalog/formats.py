"""File formats and what only some of them can hold: transparency, a level of compression (pure)."""

from __future__ import annotations

from collections.abc import Mapping, MutableSequence
from types import MappingProxyType

from ..types import Format, OptionValue
from .card import ModelCard

TRANSPARENT: tuple[Format, ...] = ("png", "webp")


def fitting_format(
    wish: Format | None, options: Mapping[str, OptionValue], card: ModelCard, notices: MutableSequence[str]
) -> tuple[Format | None, Mapping[str, OptionValue]]:
    """Return a format that can hold what is asked for, and the options that mean something in it.

    A transparent background decides the format, the format decides about compression; each change gets a notice.
    """
    if options.get("background") == "transparent" and wish not in TRANSPARENT:
        better = next((form for form in TRANSPARENT if form in card.formats), wish)
        if wish is not None:
            notices.append(f"Transparency needs png or webp, so the format is {better} instead of {wish}.")
        wish = better
    if "compression" in options and wish == "png":
        notices.append("Compression has no meaning for png and was left out.")
        options = MappingProxyType({name: value for name, value in options.items() if name != "compression"})
    return wish, options
