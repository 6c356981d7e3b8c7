"""From BFL's answers to states and errors of this package (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..catalog.card import ModelCard
from ..errors import (
    MaybeSubmitted,
    ProviderError,
    UnexpectedResponse,
)
from ..http import Answer
from ..types import Request
from .bfl_errors import said, submission_error, wrong_key
from .bfl_moderation import LABEL, MODERATED, NAME, refusal, shorten

SANDBOX_HEADER = "x-flux-studio-sandbox"
SANDBOX_NOTE = "sandbox"

RUNNING = frozenset({"Pending", "Reasoning", "Generating", "Processing", "Queued"})
"""Words for a job that goes on: documented, seen since mid-2026, or reported by others (bfl_api.md section 3.3)."""
UNKNOWN_TASK = "Task not found"
FAILED = frozenset({"Error", "Failed"})

MAX_ID = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A job was started."""

    id: str
    polling_url: str
    cost: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The job goes on; `progress` 0 to 1, None when the model does not tell."""

    progress: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The picture can be fetched at `sample`."""

    sample: str
    seed: int | None = None
    prompt: str | None = None
    cost: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The task is unknown where it was asked for; right after the submission that passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """The answer makes no sense; a repetition may."""

    status: int


PollState = Waiting | Ready | Missing | Unreadable


def read_submission(answer: Answer, request: Request, card: ModelCard, endpoint: str) -> Submission:
    """Read the answer to a paid request.

    Raises InvalidRequest naming our fields, ConfigurationError, AuthenticationFailed, OutOfCredits, ProviderError,
    and MaybeSubmitted when the answer says yes but not which job.
    """
    if answer.status != 200:
        raise submission_error(answer, request, card)
    body = answer.json if isinstance(answer.json, dict) else {}
    task = body.get("id")
    if not isinstance(task, str) or not 0 < len(task) <= MAX_ID:
        raise MaybeSubmitted(
            f"{LABEL} took the request but the answer cannot be read, so the picture cannot be fetched. "
            "It may have been billed; it is not repeated by itself.",
            provider=NAME,
            status=200,
            detail=f"no usable id in {answer.text!r}",
        )
    polling_url = body.get("polling_url")
    if not isinstance(polling_url, str) or not polling_url:
        polling_url = f"{endpoint}/v1/get_result?id={quote(task, safe='')}"
    return Submission(id=task, polling_url=polling_url, cost=amount(body.get("cost")), notes=notes(answer))


def read_poll(answer: Answer, request_id: str) -> PollState:
    """Read the state of a job; the body counts before the HTTP status, for failed tasks come under 422 and 503.

    Raises Refused, ProviderError for a failed job, AuthenticationFailed, and UnexpectedResponse for an unknown state.
    """
    body = answer.json if isinstance(answer.json, dict) else {}
    status = body.get("status")
    if isinstance(status, str) and status:
        return _read_state(status, body, answer, request_id)
    if answer.status == 404:
        return Missing()
    if answer.status in (401, 403):
        raise wrong_key(answer)
    # The job is paid: whatever stands between us and it may be gone with the next question.
    return Unreadable(status=answer.status)


def notes(answer: Answer) -> tuple[str, ...]:
    """What a caption must say about the service that answered."""
    return (SANDBOX_NOTE,) if answer.headers.get(SANDBOX_HEADER) else ()


def _read_state(status: str, body: dict[str, Any], answer: Answer, request_id: str) -> PollState:
    if status in RUNNING:
        return Waiting(progress=share(body.get("progress")))
    if status == UNKNOWN_TASK:
        return Missing()
    if status == "Ready":
        return _read_ready(body, answer, request_id)
    if status in MODERATED:
        raise refusal(MODERATED[status], body.get("details"), request_id)
    why = said(body.get("details"))
    if status in FAILED:
        raise ProviderError(
            f"{LABEL} could not make this picture{f': “{why}”' if why else ''}. Change the request or try again; "
            "whether it was billed is not known.",
            provider=NAME,
            status=answer.status,
            request_id=request_id,
            detail=f"{request_id} ended as {status}: {why}",
        )
    raise UnexpectedResponse(
        f"{LABEL} reported a state this release does not know: “{shorten(status)}”.",
        provider=NAME,
        status=answer.status,
        request_id=request_id,
        detail=f"{request_id} has the state {shorten(status)}: {why}",
    )


def _read_ready(body: dict[str, Any], answer: Answer, request_id: str) -> Ready:
    result = body.get("result") if isinstance(body.get("result"), dict) else {}
    assert isinstance(result, dict)
    sample = result.get("sample")
    if not isinstance(sample, str) or not sample:
        raise UnexpectedResponse(
            f"{LABEL} says the picture is ready but gave no address to fetch it from. It was probably billed.",
            provider=NAME,
            status=answer.status,
            request_id=request_id,
            detail=f"{request_id}: Ready without a sample",
        )
    seed, prompt = result.get("seed"), result.get("prompt")
    return Ready(
        sample=sample,
        seed=seed if type(seed) is int else None,
        prompt=prompt if isinstance(prompt, str) and prompt else None,
        cost=amount(body.get("cost")),
        notes=notes(answer),
    )


def amount(value: object) -> float | None:
    """A cost in credits; BFL's figures carry rounding noise (7.000000000000001 was recorded)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        return None
    return round(float(value), 6)


def share(value: object) -> float | None:
    """A progress of 0 to 1; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return min(1.0, max(0.0, float(value)))
