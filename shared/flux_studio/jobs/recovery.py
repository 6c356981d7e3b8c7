"""What becomes of a job that was interrupted or failed: the decisions as pure functions."""

from __future__ import annotations

from typing import Literal

from ..errors import (
    AuthenticationFailed,
    ConfigurationError,
    HostNotTrusted,
    InvalidRequest,
    MaybeSubmitted,
    OutOfCredits,
    RateLimited,
    Refused,
    StorageError,
    StudioError,
    Unavailable,
)
from .record import ACTIVE, JobRecord

ResumeBy = Literal["handle", "rerun", "nothing"]
Step = Literal["deliver", "resume", "again", "fail"]

MAX_ATTEMPTS = 8
"""Sweeps a job gets; with the delays below the last one comes about an hour after the first."""

FIRST_DELAY = 15.0
LONGEST_DELAY = 1800.0

MAYBE_BILLED = (
    "The server stopped while this picture was being ordered: it may have been billed and is not repeated. "
    "Send the request again if you still want it."
)
NOT_SENT = (
    "The server stopped before this picture was ordered: it was not sent, nothing was billed. Please send it again."
)
LOST = "The server stopped while this picture was being made, and the provider cannot hand it over later. "
LOST_BILLED = LOST + "It may have been billed. Send the request again if you still want it."
GIVEN_UP = "This picture could not be finished after several tries. Please tell your admin; the log has the details."
INTERNAL = "Something unexpected went wrong with this picture. Please tell your admin; the log has the details."
INTERNAL_BILLED = INTERNAL + " It may have been billed and is not repeated."

WORTH_ANOTHER_LOOK = (AuthenticationFailed, ConfigurationError, HostNotTrusted, StorageError)
"""Errors of this server's own making: a paid picture waits until the admin has repaired them."""


NOT_BEGUN = (AuthenticationFailed, ConfigurationError, InvalidRequest, OutOfCredits, RateLimited, Refused, Unavailable)
"""Errors of the ordering call itself that say: the provider has not begun."""


def next_step(record: JobRecord, resume_by: ResumeBy, *, rerunnable: bool, age: float, job_timeout: float) -> Step:
    """Decide what a sweep does with an orphan; `age` in seconds since the job was created."""
    if record.phase == "stored":
        return "deliver"
    if record.phase == "queued":
        return "again" if rerunnable and age < job_timeout else "fail"
    if resume_by == "rerun":
        return "again" if rerunnable else "fail"
    if record.phase in ("submitted", "downloading") and resume_by == "handle" and record.handle is not None:
        return "resume"
    return "fail"


def sentence_for_lost(record: JobRecord, resume_by: ResumeBy) -> str:
    """Say why an orphan ends here, and whether it may have cost something."""
    if record.phase == "queued" or resume_by == "rerun":
        return NOT_SENT
    return MAYBE_BILLED if record.phase == "submitting" else LOST_BILLED


def may_try_again(record: JobRecord, resume_by: ResumeBy, error: Exception) -> bool:
    """Whether a failed job stays resumable: its picture is paid, or made and kept, and a later look may get it."""
    if record.attempts >= MAX_ATTEMPTS or isinstance(error, MaybeSubmitted):
        return False
    paid = record.phase in ACTIVE and record.handle is not None and resume_by == "handle"
    if not paid and record.phase != "stored":
        return False
    return not isinstance(error, StudioError) or error.retryable or isinstance(error, WORTH_ANOTHER_LOOK)


def costs_nothing(record: JobRecord, resume_by: ResumeBy, error: Exception) -> bool:
    """Whether a failed job was surely not billed: it was not sent, or the provider refused to begin."""
    if record.phase == "queued" or resume_by == "rerun":
        return True
    made = isinstance(error, Refused) and error.stage == "output"  # withheld after it was made: that is billed
    return record.phase == "submitting" and record.handle is None and isinstance(error, NOT_BEGUN) and not made


def failure_sentence(record: JobRecord, error: Exception) -> str:
    """The sentence for the row and the chat; an unexpected error never shows its own text."""
    if isinstance(error, StudioError):
        return error.sentence
    return INTERNAL if record.phase == "queued" else INTERNAL_BILLED


def delay(attempts: int) -> float:
    """Seconds until the next try: 15, 30, 60 … up to half an hour."""
    return min(FIRST_DELAY * 2.0**attempts, LONGEST_DELAY)
