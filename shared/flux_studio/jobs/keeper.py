"""What the job runner needs of the host: keep pictures, show an ending, give settings and requests back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..settings import Settings
from ..types import Request, Result
from .record import JobRecord, Outcome


class Keeper(Protocol):
    """Every method may be called again for the same job by another worker, and raises a StudioError on failure."""

    async def keep(self, record: JobRecord, result: Result, settings: Settings) -> Outcome:
        """Store the pictures under record.user; `outcome_of` fills what does not come from the host."""

    async def deliver(self, record: JobRecord) -> bool:
        """Show the ending of a job that nobody waits for any more; False = not possible now, try later.

        record.phase is `stored` (show record.outcome; place "draft": only mark the files as drafts) or
        `failed` (show record.error). May be called twice for one job: the second time changes nothing.
        """

    async def settings_for(self, record: JobRecord | None) -> Settings:
        """Today's settings for the job's user; None = the admin's own."""

    async def rebuild(self, record: JobRecord) -> Request:
        """Make the request again out of record.request: load picture_files, then request_from_json."""

    async def discard(self, record: JobRecord) -> None:
        """Delete the files of record.outcome: an old draft, or a temporary chat a day later."""


def outcome_of(result: Result, files: Sequence[str]) -> Outcome:
    """What remains of a result whose pictures were stored as `files`; the runner adds seconds and timings."""
    first = result.pictures[0] if result.pictures else None
    return Outcome(
        files=tuple(files),
        mime=first.mime if first else "",
        width=first.width if first else 0,
        height=first.height if first else 0,
        seed=result.seed,
        cost=result.cost.amount if result.cost else None,
        currency=result.cost.currency if result.cost else "credits",
        cost_exact=bool(result.cost and result.cost.exact),
        remote_id=result.request_id,
        prompt=result.prompt,
        notes=result.notes,
    )
