"""What a refusal or a strange answer of BFL means to the person who asked (pure)."""

from __future__ import annotations

from typing import Any

from ..catalog.card import ModelCard
from ..catalog.flux_finetuned import FINETUNE_ID, WITHDRAWN
from ..errors import (
    AuthenticationFailed,
    ConfigurationError,
    InvalidRequest,
    InvalidRequests,
    OutOfCredits,
    ProviderError,
    StudioError,
    UnexpectedResponse,
)
from ..http import Answer
from ..types import Request
from .bfl_moderation import LABEL, NAME, shorten
from .bfl_request import our_name, our_value

MAX_FAULTS = 8


def submission_error(answer: Answer, request: Request, card: ModelCard) -> StudioError:
    """The error for a paid request that was refused; nothing was started."""
    words = _said(answer)
    if answer.status == 402:
        return out_of_credits(words)
    if answer.status in (401, 403):
        return wrong_key(answer)
    if answer.status == 404:
        valve = "FLUX_FINETUNE_ENDPOINT" if card.pinned else "FLUX_API_ENDPOINT"
        return ConfigurationError(
            f"{LABEL} does not offer {card.label} at this address. An admin should check {valve} in the "
            "valves of FLUX Studio; the model may also have been withdrawn.",
            detail=f"HTTP 404 for {card.endpoint}: {words}",
        )
    if answer.status == 400 and FINETUNE_ID in card.extra and "finetune" in words.lower():
        return ConfigurationError(unknown_finetune(card), detail=f"HTTP 400 for {card.endpoint}: {words}")
    detail = answer.json.get("detail") if isinstance(answer.json, dict) else None
    if answer.status == 422 and isinstance(detail, list):
        faults = [_fault(entry, request, card) for entry in detail[:MAX_FAULTS] if isinstance(entry, dict)]
        if faults:
            return faults[0] if len(faults) == 1 else InvalidRequests(faults)
    if answer.status in (400, 413, 422):
        return ProviderError(
            f"{LABEL} did not accept the request: “{words or answer.status}”. Nothing was started.",
            provider=NAME,
            status=answer.status,
            detail=words,
        )
    return unexpected(answer)


def training_error(answer: Answer) -> StudioError:
    """The error for a training that was refused; nothing was started."""
    words = _said(answer)
    if answer.status == 404:
        return ConfigurationError(
            f"{LABEL} no longer offers training: it was withdrawn on {WITHDRAWN}. What was trained before still works "
            "on its cluster; new ones are made as a LoRA for FLUX.2 [klein] and uploaded at dashboard.bfl.ai.",
            detail=f"HTTP 404 for /v1/finetune: {words}",
        )
    if answer.status == 402:
        return out_of_credits(words)
    if answer.status in (401, 403):
        return wrong_key(answer)
    if answer.status in (400, 413, 422):
        return ProviderError(
            f"{LABEL} did not accept the training: “{words or _first_fault(answer) or answer.status}”. "
            "Nothing was started.",
            provider=NAME,
            status=answer.status,
            detail=f"HTTP {answer.status}: {answer.text}",
        )
    return unexpected(answer)


def _first_fault(answer: Answer) -> str:
    detail = answer.json.get("detail") if isinstance(answer.json, dict) else None
    entry = detail[0] if isinstance(detail, list) and detail and isinstance(detail[0], dict) else {}
    place = entry.get("loc")
    field = place[-1] if isinstance(place, list) and place else "request"
    return shorten(f"{field}: {entry['msg']}") if isinstance(entry.get("msg"), str) else ""


def out_of_credits(words: str) -> OutOfCredits:
    """The account is empty."""
    return OutOfCredits(
        f"The {LABEL} account has no credits left. An admin can add some at dashboard.bfl.ai.",
        provider=NAME,
        status=402,
        detail=words,
    )


def unknown_finetune(card: ModelCard) -> str:
    """Why a finetune was not found: where it lives, or that it is not there yet."""
    where = (
        " A finetune exists only on the cluster where it was trained: an admin should check FLUX_FINETUNE_ENDPOINT "
        "in the valves of FLUX Studio."
        if card.pinned
        else " An admin should check its name in the dashboard of BFL."
    )
    return f"{LABEL} does not know the finetune of {card.label}, or it is not ready yet.{where} Nothing was started."


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


def _fault(entry: dict[str, Any], request: Request, card: ModelCard) -> InvalidRequest:
    """One entry of a 422 list: loc is ["body", field, …]."""
    place = entry.get("loc")
    path = [part for part in place if isinstance(part, str)] if isinstance(place, list) else []
    field = next((part for part in path if part not in ("body", "query")), "request")
    number = next((part for part in place if type(part) is int), 0) if isinstance(place, list) else 0
    name = shorten(our_name(field, card, number))
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
    return said(answer.json.get("detail")) if isinstance(answer.json, dict) else shorten(answer.text)


def said(details: object) -> str:
    """The service's words in a text, or in the first field of an object, as one short line."""
    if isinstance(details, dict):
        details = details.get("error") or details.get("message") or next(iter(details.values()), "")
    return shorten(details) if isinstance(details, (str, int, float)) else ""
