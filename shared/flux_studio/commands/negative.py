"""--no: what must not be seen, said in words that such models understand: what is there instead (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..catalog import ModelCard
from .parse import Typed
from .values import FlagValue

INSTEAD: Mapping[str, str] = {
    **dict.fromkeys(
        ("text", "words", "letters", "lettering", "writing", "captions", "watermark", "watermarks", "logo", "logos"),
        "clean, unmarked surfaces",
    ),
    **dict.fromkeys(("signature", "signatures", "copyright", "stamp"), "clean, unmarked surfaces"),
    **dict.fromkeys(("people", "persons", "person", "humans", "crowd", "crowds"), "a deserted scene"),
    **dict.fromkeys(("cars", "traffic", "vehicles"), "quiet, empty roads"),
    **dict.fromkeys(("buildings", "houses"), "open, untouched land"),
    **dict.fromkeys(("trees", "plants", "grass"), "bare ground"),
    **dict.fromkeys(("clouds", "cloud"), "a clear sky"),
    **dict.fromkeys(("rain", "snow", "fog", "mist", "haze"), "clear, dry weather"),
    **dict.fromkeys(("blur", "blurry", "bokeh", "out of focus", "soft focus"), "everything in sharp focus"),
    **dict.fromkeys(("noise", "grain", "grainy", "artifacts", "jpeg artifacts"), "a smooth, clean image"),
    **dict.fromkeys(("low quality", "bad quality", "worst quality", "lowres"), "high quality with fine detail"),
    **dict.fromkeys(
        ("deformed", "bad anatomy", "extra fingers", "extra limbs", "bad hands"), "natural, correct anatomy"
    ),
    **dict.fromkeys(("shadow", "shadows"), "even light from all sides"),
    **dict.fromkeys(("dark", "darkness", "night"), "bright daylight"),
    **dict.fromkeys(("glare", "reflections", "reflection"), "matte surfaces"),
    **dict.fromkeys(("color", "colors", "colour", "colours"), "black and white"),
    **dict.fromkeys(("background", "clutter", "distractions"), "a plain, seamless background"),
    **dict.fromkeys(("frame", "border", "borders"), "an image that fills its edges"),
    **dict.fromkeys(("beard", "moustache", "mustache"), "a clean-shaven face"),
    **dict.fromkeys(("glasses", "sunglasses"), "uncovered eyes"),
    **dict.fromkeys(("hat", "hats"), "a bare head"),
    **dict.fromkeys(("smile", "smiling"), "a serious expression"),
    **dict.fromkeys(("makeup", "make-up"), "natural skin"),
}
"""Naming a thing makes these models draw it, so the words say what takes its place."""

MAX_WORDS = 20
LONGEST = 80
"""Of the things that are named, how many and how many characters of each."""


def with_positive_words(typed: Typed, card: ModelCard, unwanted: FlagValue) -> Typed:
    """Add to the prompt what shall be there instead of the unwanted things, with a notice.

    What has no opposite in the table is asked to be left out by name, which is weaker; the notice says so.
    """
    if not isinstance(unwanted, str):
        return typed
    things = list(dict.fromkeys(" ".join(part.split())[:LONGEST] for part in unwanted.replace(";", ",").split(",")))
    things = [thing for thing in things if thing][:MAX_WORDS]
    positive = list(dict.fromkeys(INSTEAD[key] for thing in things if (key := _key(thing)) in INSTEAD))
    rest = [thing for thing in things if _key(thing) not in INSTEAD]
    said = [*positive, *([f"free of {_listed(rest)}"] if rest else [])]
    if not said:
        return typed
    prompt = ", ".join(part for part in (typed.prompt.rstrip(" ,.\n"), *said) if part)
    return replace(typed, prompt=prompt, notices=(*typed.notices, _notice(card, things, said, rest)))


def _key(thing: str) -> str:
    return thing.casefold().removeprefix("any ").removeprefix("no ")


def _notice(card: ModelCard, things: list[str], said: list[str], rest: list[str]) -> str:
    weaker = f" For {_listed([f'“{thing}”' for thing in rest])} say what should be there instead." if rest else ""
    return f"{card.label} has no negative prompt: “{', '.join(things)}” was said as “{', '.join(said)}”.{weaker}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
