"""A refused prompt in gentler words, offered for one press; sent only when the person wants it (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

SOFTER: Mapping[str, str] = {
    r"naked|nude|unclothed|topless|undressed": "fully clothed",
    r"nudity": "flowing robes",
    r"sexy|seductive|erotic|sensual|provocative|lewd": "elegant",
    r"lingerie|underwear|bikini|thong": "a long summer dress",
    r"breasts|cleavage|buttocks": "shoulders",
    r"bloody|gory|bloodstained": "dramatic",
    r"blood|gore": "red paint",
    r"killing|murdering|stabbing|shooting|beheading": "facing",
    r"kills|murders|stabs|shoots|beheads": "faces",
    r"killed|murdered|stabbed|beheaded": "defeated",
    r"corpse|corpses|dead body|dead bodies": "resting figure",
    r"guns?|rifles?|pistols?|weapons?|knife|knives|swords?": "theatre prop",
    r"wounded|injured|mutilated": "tired",
    r"torture|violence": "tension",
    r"mickey mouse": "a cheerful cartoon mouse",
    r"pikachu": "a small yellow fantasy creature",
    r"(?:super mario|mario bros)": "a cheerful cartoon plumber",
    r"(?:batman|superman|spider-?man|iron man|wonder woman)": "a masked hero of an invented story",
    r"darth vader": "a dark armoured villain of an invented story",
    r"harry potter": "a young wizard of an invented story",
    r"(?:disney|pixar|dreamworks|studio ghibli|ghibli|marvel|pok[eé]mon)": "hand-drawn",
    r"(?:nike|adidas|coca[- ]cola|pepsi|gucci|rolex|apple logo)": "an invented brand",
}
"""Words that moderation often stumbles over -> what may be meant instead; matched as whole words in any case."""

MANNERS: Mapping[str, str] = {
    "sexual": "Tasteful, everyone fully clothed",
    "violence": "Peaceful, nobody hurt",
    "derivative works": "An original design with invented characters",
    "public figure": "With invented people who resemble nobody",
}
"""Part of a reason, in lower case -> how the picture is asked for."""
USUAL = "Tasteful and suitable for all ages"

_STYLE = re.compile(r"\b(in the )style of (?:[A-Z][\w.'’-]*)(?: (?:de |van |von )?[A-Z][\w.'’-]*){0,3}")
_WORDS = [(re.compile(rf"\b(?:{words})\b", re.IGNORECASE), instead) for words, instead in SOFTER.items()]

SHOWN = 300
"""Characters of a suggestion that stand in a sentence; the button holds all of it."""


def softened(prompt: str, reasons: Sequence[str] = ()) -> str:
    """Return the prompt with gentler words, led by the manner that the moderation's reasons ask for.

    >>> softened("a bloody knight", ("Violence",))
    'Peaceful, nobody hurt: a dramatic knight'
    """
    text = _STYLE.sub(r"\1style of old master paintings", prompt)
    for pattern, instead in _WORDS:
        text = pattern.sub(instead, text)
    manners = [manner for part, manner in MANNERS.items() if any(part in reason.lower() for reason in reasons)]
    lead = "; ".join(manners) or USUAL
    return text if text.startswith(f"{lead}: ") else f"{lead}: {text.strip()}"


def suggestion(question: str, prompt: str, reasons: Sequence[str] = ()) -> str:
    """The whole message to send instead: command and flags of the question stay where they are."""
    gentler = softened(prompt, reasons)
    return question.replace(prompt, gentler, 1) if prompt.strip() and prompt in question else gentler


def advice(message: str) -> str:
    """The sentence that shows the suggestion."""
    line = " ".join(message.split())
    return f"A gentler wording to try: “{line if len(line) <= SHOWN else f'{line[: SHOWN - 1]}…'}”."
