"""What FLUX Studio makes of every fault of the sandbox: the table of docs/reliability.md, proven by a test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tools.sandbox.faults import FAULTS

Afterwards = Literal["done", "nothing", "told", "later", "over"]

AFTERWARDS: dict[Afterwards, str] = {
    "done": "the picture is there",
    "nothing": "nothing was started, nothing billed",
    "told": "nobody can know whether it was billed: said so, never sent again",
    "later": "ordered once; the job stays, and the picture comes with a later look",
    "over": "it cannot be had: said so, never sent again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One row: the error class a job ends with ("" = it ends with its picture) and words of its sentence."""

    fault: str
    error: str = ""
    words: tuple[str, ...] = ()
    billed: int = 1
    """Tasks the service has begun."""
    afterwards: Afterwards = "done"


def _told(fault: str, billed: int = 1) -> Expected:
    words = ("may have been billed", "not repeated by itself")
    return Expected(fault=fault, error="MaybeSubmitted", words=words, billed=billed, afterwards="told")


def _refused(fault: str, error: str, *words: str) -> Expected:
    return Expected(fault=fault, error=error, words=words, billed=0, afterwards="nothing")


def _over(fault: str, error: str, *words: str) -> Expected:
    return Expected(fault=fault, error=error, words=words, afterwards="over")


def _later(fault: str, error: str, *words: str) -> Expected:
    return Expected(fault=fault, error=error, words=words, afterwards="later")


EXPECTED: tuple[Expected, ...] = (
    _refused("invalid-key", "AuthenticationFailed", "did not accept the API key", "FLUX_API_KEY"),
    _refused("out-of-credits", "OutOfCredits", "no credits left", "dashboard.bfl.ai"),
    _refused("rate-limited", "RateLimited", "too many requests", "try again"),
    _refused("server-error", "Unavailable", "has a fault at the moment (HTTP 500)"),
    _refused("unavailable", "Unavailable", "has a fault at the moment (HTTP 503)"),
    _refused("redirecting-submit", "UnexpectedResponse", "does not understand (HTTP 307)"),
    _told("malformed-submit"),
    _told("connection-reset"),
    _told("reset-before", billed=0),
    _told("bad-gateway"),
    _told("huge-submit"),
    _told("slow-submit"),
    _later("foreign-polling-host", "HostNotTrusted", "key was not sent there", "FLUX_TRUSTED_HOSTS"),
    _over("request-moderated", "Refused", "refused the input", "Derivative Works Filter", "reword the prompt"),
    _over("content-moderated", "Refused", "withheld the output", "Sexual Content, Violence", "another seed"),
    _over("moderated-without-details", "Refused", "withheld the output"),
    _over("moderated-with-text", "Refused", "withheld the output", "Flagged by the output filter"),
    _over("error", "ProviderError", "could not make this picture", "please try again"),
    _over("failed-task", "ProviderError", "could not make this picture", "Invalid or corrupted image input"),
    _over("unknown-status", "ProviderError", "could not make this picture", "The worker gave up"),
    Expected(fault="new-states"),
    Expected(fault="slow"),
    _later("stuck", "JobTimeout", "did not finish the picture in time", "JOB_TIMEOUT"),
    Expected(fault="not-found-first"),
    _over("lost", "JobLost", "no longer holds this picture", "may have been billed"),
    Expected(fault="poll-unavailable"),
    Expected(fault="poll-rate-limited"),
    _later("malformed-poll", "Unavailable", "cannot read", "asked for again later"),
    Expected(fault="huge-poll"),
    Expected(fault="poll-reset"),
    Expected(fault="slow-poll"),
    Expected(fault="redirecting-poll"),
    _over("no-sample", "UnexpectedResponse", "gave no address", "probably billed"),
    _later("truncated-sample", "Unavailable", "did not answer completely"),
    _later("slow-sample", "Unavailable", "did not answer completely"),
    _later("sample-reset", "Unavailable", "did not answer completely"),
    _later("sample-unavailable", "Unavailable", "has a fault at the moment (HTTP 503)"),
    _over("empty-sample", "UnexpectedResponse", "not a usable picture", "probably billed"),
    _over("html-sample", "UnexpectedResponse", "not a usable picture", "probably billed"),
    _over("svg-sample", "UnexpectedResponse", "not a usable picture", "probably billed"),
    _over("pixel-bomb", "UnexpectedResponse", "not a usable picture", "probably billed"),
    _over("oversized-sample", "UnexpectedResponse", "more than 64 MiB", "probably billed"),
    _over("redirecting-sample", "UnexpectedResponse", "redirected the download to another host", "probably billed"),
    Expected(fault="mistyped-sample"),
    Expected(fault="moved-sample"),
    _later("foreign-sample", "HostNotTrusted", "FLUX_TRUSTED_HOSTS"),
    _over("expired-sample", "JobLost", "its address has expired", "may have been billed"),
)
"""In the order of a job's life; the sandbox's faults of trainings have tests of their own."""


def rows() -> Iterable[tuple[str, str, str, str]]:
    """Fault, what the service does, what is said, what becomes of the picture."""
    for row in EXPECTED:
        said = " … ".join(row.words) if row.error else "nothing: the picture comes"
        yield f"`{row.fault}`", FAULTS[row.fault].effect, said, AFTERWARDS[row.afterwards]
