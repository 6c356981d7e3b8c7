"""Whose turn it is: the fair order of waiting jobs under an account's limits (pure)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from .store import Admission, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What the order has to know of one queued job with a live lease."""

    id: str
    user: str
    model: str
    created_at: float
    index: int = 0
    active_of_model: int | None = None


def decide(
    job: str, *, waiting: Sequence[Waiting], active: Sequence[tuple[str, str]], recent: int, limits: Limits
) -> Admission:
    """Hand out the free slots in fair order and say whether `job` gets one of them.

    `active` names (user, model) of each job in an ACTIVE phase, `recent` counts the admissions of the
    last 60 s. A job whose model is full is passed over, so that it holds up no other model.
    """
    free = limits.active - len(active)
    if limits.per_minute:
        free = min(free, limits.per_minute - recent)
    of_model = Counter(model for _, model in active)
    for ahead, candidate in enumerate(fair_order(waiting, Counter(user for user, _ in active))):
        own = candidate.id == job
        limit = limits.active_of_model if own else candidate.active_of_model
        fits = free > 0 and (limit is None or of_model[candidate.model] < limit)
        if own:
            return Admission(admitted=fits, position=0 if fits else ahead)
        if fits:
            free -= 1
            of_model[candidate.model] += 1
    return Admission(admitted=False, position=len(waiting))


def fair_order(waiting: Sequence[Waiting], active_of_user: Counter[str]) -> list[Waiting]:
    """Sort so that a user with fewer active jobs goes first, then the older job; each turn counts as one more."""
    before: dict[str, int] = defaultdict(int, active_of_user)
    turns: list[tuple[int, Waiting]] = []
    for candidate in sorted(waiting, key=_age):
        turns.append((before[candidate.user], candidate))
        before[candidate.user] += 1
    return [candidate for _, candidate in sorted(turns, key=lambda turn: (turn[0], *_age(turn[1])))]


def _age(candidate: Waiting) -> tuple[float, int, str]:
    return (candidate.created_at, candidate.index, candidate.id)
