"""From BFL's answers to states and errors of this package (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..catalog.card import ModelCard
from ..errors import (
    AuthenticationFailed,
    ConfigurationError,
    InvalidRequest,
    InvalidRequests,
    MaybeSubmitted,
    OutOfCredits,
    ProviderError,
    StudioError,
    UnexpectedResponse,
)
from ..http import Answer
from ..types import Request
from .bfl_moderation import LABEL, MODERATED, NAME, refusal, shorten
from .bfl_request import our_name, our_value

SANDBOX_HEADER = "x-flux-studio-sandbox"
SANDBOX_NOTE = "sandbox"

RUNNING = frozenset({"Pending", "Reasoning", "Generating", "Processing", "Queued"})
"""Words for a job that goes on: documented, seen since mid-2026, or reported by others (bfl_api.md section 3.3)."""
UNKNOWN_TASK = "Task not found"
FAILED = frozenset({"Error", "Failed"})

MAX_ID = 200
MAX_FAULTS = 8


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


def submission_error(answer: Answer, request: Request, card: ModelCard) -> StudioError:
    """The error for a paid request that was refused; nothing was started."""
    said = _said(answer)
    if answer.status == 402:
        return OutOfCredits(
            f"The {LABEL} account has no credits left. An admin can add some at dashboard.bfl.ai.",
            provider=NAME,
            status=402,
            detail=said,
        )
    if answer.status in (401, 403):
        return wrong_key(answer)
    if answer.status == 404:
        return ConfigurationError(
            f"{LABEL} does not offer {card.label} at this address. An admin should check FLUX_API_ENDPOINT in the "
            "valves of FLUX Studio; the model may also have been withdrawn.",
            detail=f"HTTP 404 for {card.endpoint}: {said}",
        )
    detail = answer.json.get("detail") if isinstance(answer.json, dict) else None
    if answer.status == 422 and isinstance(detail, list):
        faults = [_fault(entry, request, card) for entry in detail[:MAX_FAULTS] if isinstance(entry, dict)]
        if faults:
            return faults[0] if len(faults) == 1 else InvalidRequests(faults)
    if answer.status in (400, 413, 422):
        return ProviderError(
            f"{LABEL} did not accept the request: “{said or answer.status}”. Nothing was started.",
            provider=NAME,
            status=answer.status,
            detail=said,
        )
    return unexpected(answer)


def wrong_key(answer: Answer) -> AuthenticationFailed:
    """BFL answers a missing, wrong or unentitled key with 403, never 401."""
    return AuthenticationFailed(
        f"{LABEL} did not accept the API key. An admin should check FLUX_API_KEY in the valves of FLUX Studio; "
        "if you entered a key of your own, check that one.",
        provider=NAME,
        status=answer.status,
        detail=_said(answer),
    )


def unexpected(answer: Answer, request_id: str = "") -> UnexpectedResponse:
    """An answer outside the protocol."""
    return UnexpectedResponse(
        f"{LABEL} answered something this release does not understand (HTTP {answer.status}).",
        provider=NAME,
        status=answer.status,
        request_id=request_id,
        detail=f"HTTP {answer.status}: {answer.text}",
    )


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
    if answer.status == 200 or answer.status >= 500:
        return Unreadable(status=answer.status)
    raise unexpected(answer, request_id)


def notes(answer: Answer) -> tuple[str, ...]:
    """What a caption must say about the service that answered."""
    return (SANDBOX_NOTE,) if answer.headers.get(SANDBOX_HEADER) else ()


def _read_state(status: str, body: dict[str, Any], answer: Answer, request_id: str) -> PollState:
    if status in RUNNING:
        return Waiting(progress=_share(body.get("progress")))
    if status == UNKNOWN_TASK:
        return Missing()
    if status == "Ready":
        return _read_ready(body, answer, request_id)
    if status in MODERATED:
        raise refusal(MODERATED[status], body.get("details"), request_id)
    said = _words(body.get("details"))
    if status in FAILED:
        raise ProviderError(
            f"{LABEL} could not make this picture{f': “{said}”' if said else ''}. Change the request or try again; "
            "whether it was billed is not known.",
            provider=NAME,
            status=answer.status,
            request_id=request_id,
            detail=f"{request_id} ended as {status}: {said}",
        )
    raise UnexpectedResponse(
        f"{LABEL} reported a state this release does not know: “{shorten(status)}”.",
        provider=NAME,
        status=answer.status,
        request_id=request_id,
        detail=f"{request_id} has the state {shorten(status)}: {said}",
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


def _fault(entry: dict[str, Any], request: Request, card: ModelCard) -> InvalidRequest:
    """One entry of a 422 list: loc is ["body", field, …]."""
    place = entry.get("loc")
    path = [part for part in place if isinstance(part, str)] if isinstance(place, list) else []
    field = next((part for part in path if part not in ("body", "query")), "request")
    name = shorten(our_name(field, card))
    message = shorten(entry.get("msg") if isinstance(entry.get("msg"), str) else "not acceptable")
    spec = card.option(name)
    allowed = spec.allowed if spec is not None else message
    value = our_value(name, request)
    shown = f" “{shorten(value, 60)}”" if value not in (None, "") else ""
    return InvalidRequest(
        name,
        value,
        allowed,
        sentence=f"{LABEL} does not accept {name}{shown}: {message}.",
        detail=f"{card.endpoint} {field}: {message}",
    )


def _said(answer: Answer) -> str:
    """The service's own explanation, as one short line."""
    return _words(answer.json.get("detail")) if isinstance(answer.json, dict) else shorten(answer.text)


def _words(details: object) -> str:
    if isinstance(details, dict):
        details = details.get("error") or details.get("message") or next(iter(details.values()), "")
    return shorten(details) if isinstance(details, (str, int, float)) else ""


def amount(value: object) -> float | None:
    """A cost in credits; BFL's figures carry rounding noise (7.000000000000001 was recorded)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        return None
    return round(float(value), 6)


def _share(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return min(1.0, max(0.0, float(value)))
