"""What a refusal by BFL's moderation tells the user, and how the service's own words are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ..errors import Refused

NAME = "bfl"
LABEL = "Black Forest Labs"

MODERATED: Mapping[str, Literal["input", "output"]] = {"Request Moderated": "input", "Content Moderated": "output"}

REFUSAL: Mapping[Literal["input", "output"], str] = {
    "input": f"{LABEL} refused the input (the prompt or an attached picture)",
    "output": f"{LABEL} made a picture, but its moderation withheld the output",
}
CHANGE: Mapping[Literal["input", "output"], str] = {
    "input": "reword the prompt or use another picture",
    "output": "reword the prompt or try another seed",
}
ADVICE: Mapping[str, str] = {
    "derivative works": "leave out names of brands, characters, films and artists",
    "sexual": "describe clothed people and a neutral scene",
    "violence": "leave out injuries, weapons and threats",
    "public figure": "leave out names of real people",
}
"""Part of a reason, in lower case -> what to change."""

MAX_SHOWN = 200
"""Characters of the provider's own words that are repeated to people."""
MAX_REASONS = 8


def refusal(stage: Literal["input", "output"], details: object, request_id: str) -> Refused:
    """The sentence for a moderated job: what was refused, why, what to change, and that nothing repeats it."""
    reasons = moderation_reasons(details)
    why = f": {', '.join(reasons)}" if reasons else ""
    hints = [text for part, text in ADVICE.items() if any(part in reason.lower() for reason in reasons)]
    change = "; ".join([CHANGE[stage], *hints])
    return Refused(
        f"{REFUSAL[stage]}{why}. To go on, {change}. Nothing is repeated by itself; "
        "whether it was billed is not known.",
        stage=stage,
        reasons=reasons,
        detail=f"{request_id}: {stage} moderated{why}",
    )


def moderation_reasons(details: object) -> tuple[str, ...]:
    """The reasons in `details`, which may be an object with a list, a text, or nothing."""
    if isinstance(details, dict):
        details = details.get("Moderation Reasons", list(details.values()))
    entries = details if isinstance(details, list) else [details]
    texts = (shorten(entry) for entry in entries[:MAX_REASONS] if isinstance(entry, str))
    return tuple(text for text in texts if text)


def shorten(text: object, length: int = MAX_SHOWN) -> str:
    """Somebody else's words as one line of limited length."""
    line = " ".join(str(text)[: 4 * length].split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
