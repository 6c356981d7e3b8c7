"""What is wrong with a request, in a message's words: flags instead of the models' own names."""

from __future__ import annotations

import re

from ..errors import InvalidRequest, InvalidRequests
from .flags import FLAGS

NAMED = {flag.sets: f"--{flag.name}" for flag in FLAGS}
QUOTED = re.compile(r"“([a-z_]+)”")
HAS = re.compile(r"(?<=; it has: )[a-z_, ]+")


def in_flags(fault: InvalidRequest) -> InvalidRequest:
    """The same fault with flags in its sentence (pure); what has no flag keeps its name."""
    if isinstance(fault, InvalidRequests):
        return InvalidRequests([in_flags(part) for part in fault.faults])
    sentence = fault.sentence
    if (flag := NAMED.get(fault.field)) and sentence.startswith(f"{fault.field}: "):
        sentence = flag + sentence[len(fault.field) :]
    elif flag and f"“{fault.field}”" in sentence:
        sentence = QUOTED.sub(lambda name: NAMED.get(name[1], name[0]), sentence, count=1)
        sentence = HAS.sub(_flags_only, sentence)
    return InvalidRequest(fault.field, fault.value, fault.allowed, sentence=sentence, detail=fault.detail)


def _flags_only(names: re.Match[str]) -> str:
    """Of a list of settings those that a message can set."""
    return ", ".join(NAMED[name] for name in names[0].split(", ") if name in NAMED) or "none"
