"""What FLUX Tiny can draw: its closed vocabulary, and the sentence for a word outside of it."""

from __future__ import annotations

import re
from difflib import get_close_matches

COLOURS = {
    "red": (220, 30, 30),
    "green": (30, 150, 50),
    "blue": (30, 60, 220),
    "yellow": (250, 220, 30),
    "orange": (250, 130, 20),
    "purple": (130, 40, 170),
    "pink": (250, 140, 190),
    "cyan": (40, 210, 220),
    "brown": (120, 70, 30),
    "white": (250, 250, 250),
    "black": (15, 15, 15),
    "gray": (128, 128, 128),
}
"""Name -> RGB it was trained with."""

SHAPES = ("circle", "square", "triangle", "star", "ring", "diamond", "cross", "heart")

SIZES = {"small": 19, "medium": 31, "large": 45}
"""Name -> radius in pixels of the 128 x 128 picture."""

POSITIONS = {
    "center": (0, 0),
    "left": (-1, 0),
    "right": (1, 0),
    "top": (0, -1),
    "bottom": (0, 1),
    "top left": (-1, -1),
    "top right": (1, -1),
    "bottom left": (-1, 1),
    "bottom right": (1, 1),
}
"""Name -> direction from the middle."""

SYNONYMS = {
    "grey": "gray",
    "violet": "purple",
    "tiny": "small",
    "little": "small",
    "big": "large",
    "huge": "large",
    "middle": "center",
    "centre": "center",
    "centered": "center",
    "upper": "top",
    "lower": "bottom",
    "disk": "circle",
    "turquoise": "cyan",
}
"""Words people use -> the word it was trained on."""

FILLERS = frozenset(
    {"a", "an", "the", "of", "on", "in", "at", "with", "and", "to", "for", "from", "by", "one", "it", "is", "there"}
    | {"please", "draw", "paint", "make", "create", "generate", "show", "me", "put", "into", "turn", "change"}
    | {"image", "picture", "photo", "illustration", "icon", "logo", "shape", "background", "backdrop", "corner", "side"}
    | {"simple", "flat", "minimal", "nice", "beautiful", "clean", "bright", "solid", "plain", "style"}
    | {"color", "colored", "colour", "coloured", "high", "quality", "digital", "art", "sharp"}
)
"""Words that say nothing about shape, colour, size or place."""

WORD = re.compile(r"[^\W\d_]+")
KNOWN = frozenset(COLOURS) | frozenset(SHAPES) | frozenset(SIZES) | FILLERS | {w for p in POSITIONS for w in p.split()}


def translated(prompt: str) -> str:
    """The prompt in the words FLUX Tiny was trained on."""
    return WORD.sub(lambda found: SYNONYMS.get(found[0].casefold(), found[0].casefold()), prompt)


def unknown_words(prompt: str) -> list[str]:
    """The words of a prompt that FLUX Tiny does not know, in order, each once."""
    return list(dict.fromkeys(word for word in WORD.findall(translated(prompt)) if word not in KNOWN))


def refusal(prompt: str) -> str:
    """A sentence for a prompt FLUX Tiny cannot draw; empty when it can."""
    unknown = unknown_words(prompt)
    words = set(WORD.findall(translated(prompt)))
    if unknown:
        named = ", ".join(f"“{word[:30]}”" for word in unknown[:3])
        near = get_close_matches(unknown[0][:30], KNOWN - FILLERS, n=1, cutoff=0.7)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        return f"FLUX Tiny does not know {named}.{hint} {ABILITY}"
    if not words & (set(SHAPES) | set(COLOURS)):
        return f"Name a shape or a colour. {ABILITY}"
    return ""


ABILITY = (
    f"It is a small model for trying out and draws one shape ({', '.join(SHAPES)}) in one of twelve colours "
    f"({', '.join(COLOURS)}), small, medium or large, at a place such as “top left”, on a coloured background: "
    "“a red circle on a blue background”."
)
