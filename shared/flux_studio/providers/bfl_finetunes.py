"""Finetunes at Black Forest Labs: train, follow, list, look up and delete, all on the cluster where they live."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from ..catalog.flux_training import DEFAULT_TRIGGER_WORD, TRAINING_OPTIONS
from ..catalog.options import check_option
from ..errors import InvalidRequest, InvalidRequests, MaybeSubmitted, ProviderError
from ..http import Answer, HttpClient
from ..settings import Settings
from ..types import OptionValue
from .bfl_account import reading_fault, require_key
from .bfl_answers import FAILED, MAX_ID, RUNNING, UNKNOWN_TASK, share
from .bfl_errors import said, training_error
from .bfl_moderation import LABEL, NAME, shorten

MAX_COMMENT = 200
"""Characters of a name that are sent; BFL documents no limit."""

Status = Literal["pending", "ready", "failed", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What is to be trained."""

    archive: bytes = field(repr=False)
    """A ZIP of 1 to 20 pictures (jpg, jpeg, png, webp) with an optional name.txt beside each."""
    comment: str
    """The finetune's name in BFL's lists."""
    trigger_word: str = DEFAULT_TRIGGER_WORD
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    """By names of TRAINING_OPTIONS; `mode` must be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingState:
    """How far a training is; unknown = the service does not know the id (yet, or any more)."""

    status: Status
    progress: float | None = None
    """0 to 1, None when it does not tell."""
    reason: str = ""
    """Why it failed, in the service's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinetuneDetails:
    """What BFL remembers of a finetune."""

    finetune_id: str
    comment: str = ""
    trigger_word: str = ""
    mode: str = ""
    iterations: int | None = None
    everything: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The whole object; its fields are not documented."""


class Finetunes:
    """The calls, with the key and the address of one snapshot of settings."""

    def __init__(self, settings: Settings, http: HttpClient | None = None) -> None:
        """Raises ConfigurationError without a key."""
        require_key(settings)
        self._settings = settings
        self._http = http or HttpClient(settings)

    async def train(self, training: Training, *, before: Callable[[], Awaitable[None]] | None = None) -> str:
        """Start a paid training and return the finetune's id; it is never sent twice.

        `before` is awaited directly before each sending. Raises InvalidRequest naming every wrong setting,
        ConfigurationError where training is no longer offered, MaybeSubmitted, and the other ProviderErrors.
        """
        body = await asyncio.to_thread(training_body, training)
        answer = await self._http.post_paid(self._url("finetune"), body, self._settings.flux_key, before=before)
        if answer.status != 200:
            raise training_error(answer)
        found = answer.json.get("finetune_id") or answer.json.get("id") if isinstance(answer.json, dict) else None
        if not isinstance(found, str) or not 0 < len(found) <= MAX_ID:
            raise MaybeSubmitted(
                f"{LABEL} took the training but the answer cannot be read. It may have been billed; it is not "
                "repeated by itself. It will appear in the list of finetunes.",
                provider=NAME,
                status=200,
                detail=f"no usable finetune_id in {answer.text!r}",
            )
        return found

    async def state(self, finetune_id: str) -> TrainingState:
        """Ask how far a training is.

        The service is known to lose sight of fresh and of finished trainings, and to call queued ones failed:
        a finetune whose details can be read is ready whatever its state says, and an early failure is asked
        again by whoever waits. Raises AuthenticationFailed, RateLimited, Unavailable, UnexpectedResponse.
        """
        answer = await self._get(f"get_result?id={quote(finetune_id, safe='')}")
        state = read_training(answer)
        if state.status in ("unknown", "failed") and await self.details(finetune_id) is not None:
            return TrainingState(status="ready", progress=1.0)
        return state

    async def details(self, finetune_id: str) -> FinetuneDetails | None:
        """What is known of a finetune; None when it does not exist there or belongs to somebody else."""
        answer = await self._get(f"finetune_details?finetune_id={quote(finetune_id, safe='')}")
        if answer.status == 404:
            return None
        found = answer.json.get("finetune_details") if isinstance(answer.json, dict) else None
        if answer.status != 200 or not isinstance(found, dict):
            raise reading_fault(answer)
        return read_details(finetune_id, found)

    async def mine(self) -> tuple[str, ...]:
        """The ids of all finetunes of the account on this cluster; very new ones may be missing."""
        answer = await self._get("my_finetunes")
        listed = answer.json.get("finetunes") if isinstance(answer.json, dict) else None
        if answer.status != 200 or not isinstance(listed, list):
            raise reading_fault(answer)
        named = [entry.get("finetune_id") or entry.get("id") if isinstance(entry, dict) else entry for entry in listed]
        return tuple(entry for entry in named if isinstance(entry, str) and entry)

    async def delete(self, finetune_id: str) -> bool:
        """Delete a finetune for ever; False when it did not exist there (any more)."""
        answer = await self._http.post_once(
            self._url("delete_finetune"), {"finetune_id": finetune_id}, self._settings.flux_key
        )
        if answer.status in (400, 404):
            return False
        if answer.status != 200:
            raise reading_fault(answer)
        return True

    async def _get(self, call: str) -> Answer:
        return await self._http.get_json(self._url(call), self._settings.flux_key)

    def _url(self, call: str) -> str:
        return f"{self._settings.flux_finetune_endpoint}/v1/{call}"


def training_body(training: Training) -> dict[str, Any]:
    """The body of a training with every setting checked; encodes the archive, so call it off the event loop.

    Raises InvalidRequest, or InvalidRequests when several settings are wrong.
    """
    faults = [fault for fault in _faults(training) if fault is not None]
    if faults:
        raise faults[0] if len(faults) == 1 else InvalidRequests(faults)
    options = {name: int(value) if name == "lora_rank" else value for name, value in training.options.items()}
    return {
        "file_data": base64.b64encode(training.archive).decode("ascii"),
        "finetune_comment": training.comment.strip()[:MAX_COMMENT],
        "trigger_word": training.trigger_word.strip() or DEFAULT_TRIGGER_WORD,
        **options,
    }


def _faults(training: Training) -> list[InvalidRequest | None]:
    known = {spec.name: spec for spec in TRAINING_OPTIONS}
    given = training.options
    return [
        None if training.archive else InvalidRequest("archive", "nothing", "a ZIP of pictures"),
        None if training.comment.strip() else InvalidRequest("comment", "", "a name for the finetune"),
        None if "mode" in given else InvalidRequest("mode", "nothing", known["mode"].allowed),
        *(
            InvalidRequest(name, value, spec.allowed if spec else ", ".join(known))
            for name, value in given.items()
            if (spec := known.get(name)) is None or check_option(spec, value) is None
        ),
    ]


def read_training(answer: Answer) -> TrainingState:
    """Read get_result for a training. Raises AuthenticationFailed, Unavailable, UnexpectedResponse."""
    body = answer.json if isinstance(answer.json, dict) else {}
    status = body.get("status")
    if status == "Ready":
        return TrainingState(status="ready", progress=1.0)
    if status in RUNNING:
        return TrainingState(status="pending", progress=share(body.get("progress")))
    if status in FAILED:
        return TrainingState(status="failed", reason=said(body.get("details")))
    if status == UNKNOWN_TASK or (answer.status == 404 and not status):
        return TrainingState(status="unknown")
    raise _unknown_state(answer, status) if status else reading_fault(answer)


def _unknown_state(answer: Answer, status: object) -> ProviderError:
    return ProviderError(
        f"{LABEL} reported a state of the training that this release does not know: “{shorten(status)}”.",
        provider=NAME,
        status=answer.status,
    )


def read_details(finetune_id: str, found: Mapping[str, Any]) -> FinetuneDetails:
    """Read the fields that are known; anything of another type counts as not told."""

    def text(name: str) -> str:
        value = found.get(name)
        return shorten(value) if isinstance(value, str) else ""

    iterations = found.get("iterations")
    return FinetuneDetails(
        finetune_id=finetune_id,
        comment=text("finetune_comment"),
        trigger_word=text("trigger_word"),
        mode=text("mode"),
        iterations=iterations if type(iterations) is int else None,
        everything=found,
    )
