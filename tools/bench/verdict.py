"""What a job that was caught by a kill must have come to: the promises of the job table as pure checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tools.asking import Question

STATES = ("queued", "submitting", "submitted", "downloading", "stored")
"""Every state in which a kill can find an unfinished job."""
PAID = frozenset({"submitted", "downloading", "stored", "delivered"})
"""From here on the picture is ordered for sure and has to arrive."""
MAY_BE_BILLED = "may have been billed"
NOT_SENT = "was not sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """A job at the moment of the kill."""

    question: Question
    state: str
    at: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What became of a job, as the person, the host and the provider see it."""

    phase: str
    content: str
    """Text of the answer."""
    pictures: int
    """In the message."""
    readable: bool
    """Whether the host hands all of them out as pictures."""
    orders: int
    """Accepted requests at the provider."""
    spare_files: int
    """Files of this chat that no answer shows."""
    at: float
    """When the row was changed last, seconds since the epoch."""

    @property
    def says_billed(self) -> bool:
        return MAY_BE_BILLED in self.content

    @property
    def says_not_sent(self) -> bool:
        return NOT_SENT in self.content

    @property
    def told(self) -> bool:
        """Whether the person knows why there is no picture."""
        return self.says_billed or self.says_not_sent

    @property
    def delivered(self) -> bool:
        return self.phase == "delivered" and self.pictures == 1 and self.readable


def problems_of(caught: Caught, ending: Ending) -> list[str]:
    """Every promise that was broken, as a sentence; empty when all were kept."""
    return [f"{caught.question.marker} (killed in {caught.state}): {text}" for text in _broken(caught, ending)]


def _broken(caught: Caught, ending: Ending) -> Iterator[str]:
    if ending.orders > 1:
        yield f"ordered {ending.orders} times"
    if ending.delivered and not ending.orders:
        yield "has a picture that the provider knows nothing of"
    if ending.pictures > 1:
        yield f"{ending.pictures} pictures in its message"
    if caught.state in PAID and not ending.delivered:
        yield f"paid, but ended as {ending.phase} with {ending.pictures} pictures: {ending.content!r}"
    if caught.state == "submitting" and not (ending.phase == "failed" and ending.says_billed):
        yield f"must say “{MAY_BE_BILLED}”, but ended as {ending.phase}: {ending.content!r}"
    if caught.state == "queued" and not (ending.delivered or (ending.says_not_sent and not ending.orders)):
        yield f"neither made nor said to be unsent, ended as {ending.phase}: {ending.content!r}"
    if ending.says_not_sent and ending.orders:
        yield "said to be unsent, but it was ordered"
    if ending.pictures and not ending.readable:
        yield "its picture cannot be read"
