"""Which calls may be repeated and when, as pure functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

Method = Literal["paid", "read"]
"""paid = starts a job that costs money; read = changes nothing at the provider."""

Outcome = Literal["not_connected", "broken"] | int
"""not_connected = surely did not arrive; broken = sent, and no complete answer came back; otherwise the HTTP status."""

RETRYABLE_READS = frozenset({408, 425, 429, 500, 502, 503, 504})
MAYBE_STARTED = frozenset({408, 502, 504, 520, 521, 522, 523, 524})
"""A gateway in front of the service answered: the request may have gone through behind it (52x are Cloudflare's)."""

FIRST_DELAY = 0.5
MAX_DELAY = 30.0
"""Seconds; 0.5 x 2^n with full jitter and a cap of 30 s are the figures of BFL's own client."""
MAX_RETRY_AFTER = 120.0
"""Seconds; a service that asks for a longer pause gets no repetition, the user gets the sentence."""


def may_repeat(
    method: Method, outcome: Outcome, attempt: int, retries: int, *, wait: float = 0.0, remaining: float | None = None
) -> bool:
    """Whether a call may be sent again.

    `attempt` counts from 0, `wait` is the pause before the repetition and `remaining` the time left, both in
    seconds. A paid call is repeated only when it surely started nothing: no connection, or refused with 429.
    """
    if attempt >= retries or wait > MAX_RETRY_AFTER:
        return False
    if remaining is not None and wait >= remaining:
        return False
    if outcome == "not_connected":
        return True
    if method == "paid":
        return outcome == 429
    return outcome == "broken" or outcome in RETRYABLE_READS


def may_have_started(outcome: Outcome) -> bool:
    """Whether a paid call with this outcome may have started a job although no usable answer came."""
    return outcome == "broken" or outcome in MAYBE_STARTED


def delay(attempt: int, retry_after: float | None, jitter: Callable[[], float]) -> float:
    """Seconds to wait before repetition `attempt` + 1; `jitter` gives 0 to 1. The service's own figure wins."""
    if retry_after is not None:
        return retry_after
    return min(MAX_DELAY, FIRST_DELAY * 2.0 ** min(attempt, 16)) * jitter()


def parse_retry_after(text: str | None, now: float) -> float | None:
    """Seconds named by a Retry-After header, in either of its two forms; None when absent or meaningless.

    `now` is in seconds since the epoch.
    """
    text = (text or "").strip()
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.fromtimestamp(now, UTC)).total_seconds())
