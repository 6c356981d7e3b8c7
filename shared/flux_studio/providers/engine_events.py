"""Reads the engine's events: states, results and failures (pure)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from ..catalog.card import ModelCard
from ..errors import AuthenticationFailed, EngineError, InvalidRequest, StudioError, UnexpectedResponse
from ..imaging.decode import inspect
from ..types import JobState, Picture, Queued, Result, Running, Timings

Event = dict[str, Any]

NAME = "engine"
LONGEST = 86_400.0
"""Seconds beyond which a duration is a mistake."""
MOST_STEPS = 1_000_000
UNREADABLE = "The engine answered something this release does not understand."


def read_state(event: Mapping[str, Any]) -> JobState | None:
    """The state an event stands for; None for signs of life and events of later releases."""
    kind = event.get("event")
    if kind == "queued":
        position = event.get("position")
        return Queued(position=position if isinstance(position, int) else None)
    if kind in ("loading", "started"):
        return Running(loading=kind == "loading")
    if kind == "step":
        return Running(progress=_progress(event), preview=_preview(event))
    return None


def read_result(event: Mapping[str, Any], card: ModelCard) -> Result:
    """The finished pictures. Raises UnexpectedResponse for anything that is no picture."""
    texts = event.get("pictures")
    if not isinstance(texts, list) or not texts:
        raise UnexpectedResponse(UNREADABLE, provider=NAME, detail="a result without pictures")
    seeds = event.get("seeds")
    notes = event.get("notes")
    return Result(
        pictures=tuple(_picture(text) for text in texts),
        model=card.name,
        seed=seeds[0] if isinstance(seeds, list) and seeds and isinstance(seeds[0], int) else None,
        timings=Timings(provider=_seconds(event)),
        notes=tuple(str(note)[:200] for note in notes) if isinstance(notes, list) else (),
    )


def failure(event: Mapping[str, Any], card: ModelCard) -> StudioError:
    """The error an event tells, with the engine's own advice."""
    told = event.get("error")
    error: Mapping[str, Any] = told if isinstance(told, Mapping) else {"sentence": str(told)[:300]}
    if event.get("status") == 401:
        return AuthenticationFailed(
            "The engine did not accept the token. An admin enters what “studio.py engine” prints as ENGINE_API_KEY "
            "in the valves of FLUX Studio.",
            provider=NAME,
            status=401,
        )
    sentence = " ".join(str(error.get(part) or "") for part in ("sentence", "advice")).strip()
    if error.get("code") == "invalid":
        field = str(error.get("field") or "request")
        return InvalidRequest(field, "", "", sentence=sentence or f"{card.label}: {field} is not possible.")
    return EngineError(sentence or "The engine could not make this picture.", detail=f"{error.get('code')}: {sentence}")


def crashed(event: Mapping[str, Any]) -> bool:
    """Whether the worker died, which a second try may survive."""
    error = event.get("error")
    return isinstance(error, Mapping) and error.get("code") == "crashed"


def _progress(event: Mapping[str, Any]) -> float | None:
    step, steps = event.get("step"), event.get("steps")
    if isinstance(step, int) and isinstance(steps, int) and 0 <= step <= steps and 0 < steps <= MOST_STEPS:
        return step / steps
    return None


def _preview(event: Mapping[str, Any]) -> Picture | None:
    """A preview that cannot be read is no reason to lose the picture."""
    text = event.get("preview")
    if not isinstance(text, str):
        return None
    try:
        return inspect(base64.b64decode(text, validate=True))
    except (InvalidRequest, binascii.Error, ValueError):
        return None


def _picture(text: object) -> Picture:
    try:
        return inspect(base64.b64decode(str(text), validate=True))
    except (InvalidRequest, binascii.Error, ValueError) as error:
        raise UnexpectedResponse(UNREADABLE, provider=NAME, detail=f"a picture that is none: {error}") from error


def _seconds(event: Mapping[str, Any]) -> float:
    seconds = event.get("seconds")
    return float(seconds) if isinstance(seconds, (int, float)) and 0 <= seconds <= LONGEST else 0.0
