"""The row that makes a job survive its worker: what is stored about it and which phases it passes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from ..types import JobHandle

Phase = Literal["queued", "submitting", "submitted", "downloading", "stored", "delivered", "failed", "cancelled"]

ACTIVE: frozenset[Phase] = frozenset({"submitting", "submitted", "downloading"})
"""Phases that hold one of the account's slots."""

ARCHIVE = "archive:"
"""How the request id of a row begins whose chat, draft or user is gone."""

NOT_BILLED: Mapping[str, Any] = MappingProxyType({"pictures": 0, "amount": 0.0, "exact": True})
"""Fields of a job that has surely cost nothing."""

FINISHED: frozenset[Phase] = frozenset({"delivered", "failed", "cancelled"})
"""Phases nobody has to look at again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a finished job left behind: file ids and figures, never pictures or prompts."""

    files: tuple[str, ...] = ()
    """Ids of the host's files, in order."""
    mime: str = ""
    width: int = 0
    height: int = 0
    seed: int | None = None
    cost: float | None = None
    currency: str = "credits"
    cost_exact: bool = False
    seconds: float = 0.0
    """From sending until the picture was stored."""
    timings: Mapping[str, float] = field(default_factory=dict)
    remote_id: str = ""
    prompt: str | None = None
    """The provider's rewritten prompt; dropped at delivery."""
    notes: tuple[str, ...] = ()
    protected: int | None = None
    """Pixels of an edited picture that had to stay as they were; None without a mask or protection."""
    changed: int | None = None
    """How many of them differ from the original in the stored file."""

    def to_json(self) -> dict[str, Any]:
        return {name: _plain(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Outcome:
        """Read what to_json wrote; keys of later releases are ignored."""
        known = {name: data[name] for name in cls.__slots__ if name in data}
        for name in ("files", "notes"):
            known[name] = tuple(known.get(name, ()))
        return cls(**known)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """One picture-making job as the store knows it; `replace` makes changed copies."""

    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    user: str
    request_id: str
    """Unique per user: the same request never makes a second job."""
    chat: str = ""
    """Host's chat id; empty for calls without a chat, `temporary:…` for temporary chats."""
    message: str = ""
    """Host's message id the result belongs to."""
    index: int = 0
    """Place of this picture within its message, from 0."""
    place: Literal["message", "draft"] = "message"
    """Whether the result is shown in the message or only kept for the gallery."""
    session: str = ""
    """Id of the editor session that asked for it; empty for jobs of the chat."""
    task: str = "generate"
    model: str = ""
    provider: str = ""
    account: str = ""
    """Provider.account(settings): the unit of slots and rate limits."""
    phase: Phase = "queued"
    request: Mapping[str, Any] | None = None
    """The request as JSON (request_to_json); None once delivered."""
    handle: JobHandle | None = None
    outcome: Outcome | None = None
    error: str = ""
    """The sentence shown to the user when phase is failed."""
    progress: float | None = None
    revision: int = 0
    """Counts every change, so that a page can wait for the next one."""
    attempts: int = 0
    """How often a sweep has taken this job up."""
    pictures: int = 1
    """Pictures that count towards limits: those asked for, then those made; 0 once it is sure that none was billed."""
    amount: float | None = None
    """What counts towards budgets: the estimate, then the provider's own figure; None without a known price."""
    currency: str = "credits"
    """Of `amount`: credits or USD."""
    exact: bool = False
    """Whether `amount` is the provider's own figure."""
    active_of_model: int | None = None
    """The provider's limit of active tasks for this model, so that a full model holds up no other."""
    created_at: float = field(default_factory=time.time)
    """Seconds since the epoch."""
    updated_at: float = field(default_factory=time.time)
    cancel_asked_at: float | None = None
    """When somebody cancelled it through a worker that does not run it; seconds since the epoch."""
    lease_owner: str = ""
    lease_until: float = 0.0

    @property
    def temporary(self) -> bool:
        return self.chat.startswith("temporary:") or self.chat.startswith("local:")

    @property
    def files_pass(self) -> bool:
        """Whether files of this job lie about that are deleted some day by this row."""
        return self.phase == "delivered" and (self.place == "draft" or self.temporary)

    @property
    def finished(self) -> bool:
        return self.phase in FINISHED

    @property
    def archived(self) -> bool:
        """Whether only the ledger's figures are left of this job (archived_row)."""
        return self.request_id.startswith(ARCHIVE)


def archived_row(record: JobRecord) -> JobRecord:
    """What stays of a job whose chat or user is deleted: who, which model, when and what it cost.

    A job under way ends with it; one that was not sent yet counts for nothing.
    """
    return replace(
        record,
        request_id=f"{ARCHIVE}{record.id}",
        phase=record.phase if record.finished else "cancelled",
        **(NOT_BILLED if record.phase == "queued" else {}),
        chat="",
        message="",
        session="",
        place="message",
        request=None,
        handle=None,
        outcome=None,
        error="",
        lease_owner="",
        lease_until=0.0,
        revision=record.revision + 1,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
