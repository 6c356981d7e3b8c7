"""The outer edge of every plugin entry point: each failure becomes one sentence and one log line."""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

from ..errors import StudioError

log = logging.getLogger("flux_studio")

T = TypeVar("T")


@asynccontextmanager
async def guarded(what: str) -> AsyncIterator[None]:
    """Let StudioErrors through after logging their detail; turn anything else into one with a short id.

    Cancellation passes untouched. Open WebUI shows the text of the raised error below the question.
    """
    try:
        yield
    except StudioError as error:
        log.info("%s: %s: %s", what, type(error).__name__, error.detail)
        raise
    except Exception as error:
        reference = uuid.uuid4().hex[:8]
        log.exception("%s failed, reference %s", what, reference)
        raise StudioError(
            f"Something went wrong inside FLUX Studio; your admin finds it in the log under {reference}. "
            "Nothing of your message is lost."
        ) from error


async def unchanged_on_failure(what: str, unchanged: T, work: Awaitable[T]) -> T:
    """What `work` gives; whatever goes wrong in it is logged, and `unchanged` goes on its way instead."""
    try:
        return await work
    except Exception:
        log.exception("%s failed; the message went on unchanged", what)
        return unchanged
