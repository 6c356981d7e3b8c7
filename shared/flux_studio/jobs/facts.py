"""What a log line may tell of a job: its names and figures, never its person, prompt or pictures."""

from __future__ import annotations

import hashlib

from .record import JobRecord

Facts = dict[str, str | float]


def facts(record: JobRecord) -> Facts:
    """Fields of a JSON log line, those that are not known yet left out; `seconds` from sending until stored."""
    outcome, handle = record.outcome, record.handle
    cost = outcome.cost if outcome else handle.cost if handle else None
    known: dict[str, str | float | None] = {
        "job": record.id,
        "request": record.request_id,
        "task": (handle.remote_id if handle else "") or (outcome.remote_id if outcome else ""),
        "kind": record.task,
        "model": record.model,
        "phase": record.phase,
        "user": fingerprint(record.user),
        "seconds": round(outcome.seconds, 3) if outcome else None,
        "cost": cost,
        "currency": outcome.currency if outcome and cost is not None else None,
        "attempts": record.attempts or None,
    }
    return {name: value for name, value in known.items() if value not in (None, "")}


def extra(record: JobRecord) -> dict[str, Facts]:
    """For the `extra` of a log call; `logs.JsonLines` writes them as fields of their own."""
    return {"facts": facts(record)}


def fingerprint(user: str) -> str:
    """Twelve hex digits that tell one person's lines from another's without naming anybody."""
    return hashlib.sha256(user.encode()).hexdigest()[:12] if user else ""
