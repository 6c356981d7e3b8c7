"""The account at Black Forest Labs: its key, and the credits that are left on it."""

from __future__ import annotations

import math

from ..errors import ConfigurationError, ProviderError, Unavailable
from ..http import Answer, HttpClient
from ..settings import Settings
from .bfl_errors import unexpected, wrong_key
from .bfl_moderation import LABEL, NAME

CREDITS_PATH = "/v1/credits"


async def credits(settings: Settings, http: HttpClient | None = None) -> float:
    """Return what is left on the account of these settings, in credits (1 credit = 0.01 USD).

    Jobs that were running when it ran dry may have taken it below zero. Asking is free and the cheapest way to
    try a key. Raises ConfigurationError without one, AuthenticationFailed for a wrong one, RateLimited, Unavailable,
    UnexpectedResponse.
    """
    require_key(settings)
    client = http or HttpClient(settings)
    answer = await client.get_json(f"{settings.flux_endpoint}{CREDITS_PATH}", settings.flux_key)
    left = answer.json.get("credits") if isinstance(answer.json, dict) else None
    if answer.status != 200 or isinstance(left, bool) or not isinstance(left, (int, float)) or not math.isfinite(left):
        raise reading_fault(answer)
    return round(float(left), 6)


def require_key(settings: Settings) -> None:
    """Raise ConfigurationError saying who has to enter the key, and where, when there is none."""
    if not settings.flux_key:
        own = "Enter your own as FLUX_API_KEY in your valves of FLUX Studio, or an admin"
        who = own if settings.allow_user_keys else "An admin"
        raise ConfigurationError(
            f"There is no key for {LABEL} yet. {who} has to set FLUX_API_KEY in the valves of FLUX Studio; "
            "keys are made at dashboard.bfl.ai."
        )


def reading_fault(answer: Answer) -> ProviderError:
    """The error for an answer that does not hold what was asked for; the call itself costs nothing."""
    if answer.status in (401, 403):
        return wrong_key(answer)
    if answer.status >= 500:
        return Unavailable(
            f"{LABEL} has a fault at the moment (HTTP {answer.status}). Please try again in a few minutes.",
            provider=NAME,
            status=answer.status,
            detail=f"HTTP {answer.status}: {answer.text}",
        )
    return unexpected(answer)
