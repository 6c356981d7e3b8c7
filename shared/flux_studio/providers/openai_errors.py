"""From what the openai SDK raises, and what OpenAI's servers say, to the errors of this package."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..catalog.card import ModelCard
from ..errors import (
    AuthenticationFailed,
    ConfigurationError,
    InvalidRequest,
    OutOfCredits,
    ProviderError,
    Refused,
    StudioError,
    UnexpectedResponse,
)
from ..http import CallFailed
from ..http.policy import parse_retry_after
from .bfl_moderation import ADVICE, shorten

NAME = "openai"

MODERATED = frozenset(
    {"moderation_blocked", "content_policy_violation", "content_filter", "ResponsibleAIPolicyViolation"}
)
"""Codes of a refusal; the last two are Azure's, the second stands in an inner error there."""
OUT_OF_CREDITS = frozenset({"billing_hard_limit_reached", "insufficient_quota", "project_spend_limit_exceeded"})
WRONG_KEY = frozenset({"invalid_api_key"})
NO_MODEL = frozenset({"model_not_found", "DeploymentNotFound"})
VIOLATIONS = re.compile(r"safety_violations=\[([^\]]{0,200})\]")
RETRY_AFTER = "retry-after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a server said about a failed call; every field may be missing."""

    status: int | None = None
    code: str = ""
    param: str = ""
    message: str = ""
    request_id: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Whom the sentences are about."""

    label: str
    card: ModelCard


def read(error: Any, now: float) -> Said:
    """Read an `openai.APIError`; fields and shapes differ between servers, so each is looked at by itself.

    `now` is in seconds since the epoch. Never reads the error's own text: in some versions it holds the whole body.
    """
    body = error.body if isinstance(getattr(error, "body", None), Mapping) else {}
    inner = body.get("innererror") or body.get("inner_error")
    code = getattr(error, "code", None) or body.get("code")
    if isinstance(inner, Mapping) and inner.get("code") in MODERATED:
        code = inner["code"]
    headers = getattr(getattr(error, "response", None), "headers", {})
    return Said(
        status=getattr(error, "status_code", None),
        code=str(code or ""),
        param=str(getattr(error, "param", None) or ""),
        message=_words(error, body),
        request_id=str(getattr(error, "request_id", None) or headers.get("x-request-id") or ""),
        retry_after=parse_retry_after(headers.get(RETRY_AFTER), now),
    )


def unsent(error: BaseException) -> CallFailed | StudioError | None:
    """What our own transport raised, wherever the SDK has put it; None when a server answered."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, CallFailed | StudioError):
            return seen
        seen = seen.__cause__
    return None


def may_repeat(said: Said) -> CallFailed | None:
    """The failure that the rules of repetition decide about: too many calls, or a fault of the server itself."""
    if said.status is None or said.code in (OUT_OF_CREDITS | MODERATED):
        return None
    if said.status == 429 or said.status >= 500 or said.status == 408:
        return CallFailed(said.status, _detail(said), retry_after=said.retry_after)
    return None


def studio_error(said: Said, speaker: Speaker, stage: Literal["input", "output"] = "input") -> StudioError:
    """The error for a call that failed for good: by its code first, then by its status, never by its words."""
    label, detail = speaker.label, _detail(said)
    facts: dict[str, Any] = {
        "provider": NAME,
        "status": said.status,
        "request_id": said.request_id,
        "detail": detail,
    }
    if said.code in MODERATED:
        return refused(said, label, stage)
    if said.code in OUT_OF_CREDITS or said.status == 402:
        return OutOfCredits(
            f"The {label} account has no credits left, or has reached its limit. An admin can change that at "
            "platform.openai.com under Billing.",
            **facts,
        )
    if said.code in WRONG_KEY or said.status == 401:
        return AuthenticationFailed(
            f"{label} did not accept the API key. An admin should check OPENAI_API_KEY in the valves of FLUX Studio; "
            "if you entered a key of your own, check that one.",
            **facts,
        )
    if said.status == 403:
        return AuthenticationFailed(
            f"{label} does not allow this key to use {speaker.card.label}. New models need a verified organisation: "
            "an admin can verify it at platform.openai.com under Settings, General.",
            **facts,
        )
    if said.code in NO_MODEL or said.status == 404:
        return ConfigurationError(
            f"{label} does not offer {speaker.card.label} at this address. An admin should check "
            "OPENAI_API_BASE_URL and OPENAI_MODEL_NAMES in the valves of FLUX Studio.",
            detail=detail,
        )
    if said.status in (400, 409, 413, 422):
        return _not_accepted(said, speaker, facts)
    if said.status is None:
        return ProviderError(
            f"{label} stopped in the middle of this picture{_quoted(said)}. Please try again; whether it was billed "
            "is not known.",
            **facts,
        )
    return UnexpectedResponse(
        f"{label} answered something this release does not understand (HTTP {said.status}).", **facts
    )


def refused(said: Said, label: str, stage: Literal["input", "output"]) -> Refused:
    """What was refused, why, and what to change."""
    found = VIOLATIONS.search(said.message)
    reasons = tuple(shorten(reason.strip(" '\"")) for reason in found[1].split(",") if reason.strip()) if found else ()
    hints = [text for part, text in ADVICE.items() if any(part in reason.lower() for reason in reasons)]
    change = "; ".join(["reword the prompt or use another picture", *hints])
    what = "refused the input (the prompt or an attached picture)"
    if stage == "output":
        what = "made a picture, but its moderation withheld the output"
    why = f": {', '.join(reasons)}" if reasons else ""
    return Refused(
        f"{label} {what}{why}. To go on, {change}. Nothing is repeated by itself.",
        stage=stage,
        reasons=reasons,
        detail=_detail(said),
    )


def _not_accepted(said: Said, speaker: Speaker, facts: Mapping[str, Any]) -> StudioError:
    if said.param:
        name = our_name(said.param, speaker.card)
        spec = speaker.card.option(name)
        allowed = spec.allowed if spec else said.message or "another value"
        sentence = f"{speaker.label} does not accept {name}{_quoted(said)}. Nothing was started."
        return InvalidRequest(name, said.param, allowed, sentence=sentence, detail=_detail(said))
    return ProviderError(f"{speaker.label} did not accept the request{_quoted(said)}. Nothing was started.", **facts)


def our_name(param: str, card: ModelCard) -> str:
    """The name people know for a field of the provider: picture 2 for image[1], compression for output_compression."""
    number = re.fullmatch(r"image(?:\[(\d*)\])?", param)
    if number:
        return f"picture {int(number[1]) + 1}" if number[1] else "picture"
    known = {"output_format": "format", **{spec.field or spec.name: spec.name for spec in card.options}}
    return shorten(known.get(param, param), 60)


def _words(error: Any, body: Mapping[str, Any]) -> str:
    """The server's explanation as one short line: OpenAI's message, FastAPI's detail, or plain text."""
    detail = body.get("detail")
    if isinstance(detail, list):
        parts = [
            f"{'.'.join(map(str, entry.get('loc', ())))}: {entry.get('msg', '')}"
            for entry in detail[:3]
            if isinstance(entry, Mapping)
        ]
        return shorten("; ".join(parts))
    for words in (body.get("message"), detail):
        if isinstance(words, str) and words:
            return shorten(words)
    raw = getattr(error, "body", None)
    return shorten(raw) if isinstance(raw, str) and "<" not in raw[:200] else ""


def _quoted(said: Said) -> str:
    return f": “{said.message.rstrip('.')}”" if said.message else ""


def _detail(said: Said) -> str:
    where = f"code {said.code or 'none'}, param {said.param or 'none'}, {said.request_id}"
    return f"HTTP {said.status}, {where}: {said.message}"
