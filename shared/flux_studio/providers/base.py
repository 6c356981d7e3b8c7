"""What a provider is: the seam between a checked request and somebody's API or GPU."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal, Protocol

from ..catalog import ModelCard
from ..http import HttpClient
from ..settings import Settings
from ..types import JobHandle, JobState, Request


class RunContext(Protocol):
    """What the job runner gives a provider; every mark is committed before it returns."""

    @property
    def settings(self) -> Settings:
        """The snapshot of settings this job runs with."""

    @property
    def http(self) -> HttpClient:
        """The shared client: host rules, retries, caps."""

    @property
    def user(self) -> str:
        """The host's id of the person who asks; a provider sends at most a hash of it."""

    @property
    def deadline(self) -> float:
        """Seconds since the epoch after which the provider raises JobTimeout."""

    @property
    def typical_seconds(self) -> float:
        """How long this model's recent jobs took on this server (the card's guess before the first)."""

    async def submitting(self) -> None:
        """Call directly before the request that starts a paid job leaves."""

    async def submitted(self, handle: JobHandle) -> None:
        """Call as the first act after the provider's answer."""

    async def downloading(self) -> None:
        """Call when the result is ready and its bytes are about to be fetched."""


class Provider(Protocol):
    """One service. `resume_by` says what another worker can do with an interrupted job:

    handle   poll on with the stored handle
    rerun    simply run the request again, it costs nothing
    nothing  the job is lost with its worker; its message says so
    """

    name: str
    resume_by: Literal["handle", "rerun", "nothing"]

    def configured(self, settings: Settings) -> bool:
        """Whether the admin has set what this provider needs (no network)."""

    def account(self, settings: Settings) -> str:
        """A stable text that names key and endpoint without revealing them: the unit of slots and rate limits."""

    def run(self, request: Request, card: ModelCard, context: RunContext) -> AsyncIterator[JobState]:
        """Run one checked request of at most card.pictures_per_job pictures; the last state is Succeeded.

        Raises a StudioError when it fails. Calls context.submitting, .submitted and .downloading in this order.
        """

    def resume(self, handle: JobHandle, card: ModelCard, context: RunContext) -> AsyncIterator[JobState]:
        """Go on after `submitted`; raises JobLost when the provider no longer holds the result."""

    async def cancel(self, handle: JobHandle, context: RunContext) -> bool:
        """Stop the remote job; False when this provider cannot (the cost stays)."""
