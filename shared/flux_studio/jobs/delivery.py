"""Shows the ending of a job that nobody waits for, together with what became of the rest of its message."""

from __future__ import annotations

from .record import JobRecord, Phase
from .workshop import Workshop

REPEATS = 5
"""How often a message is written again because another of its pictures ended meanwhile."""


async def show(shop: Workshop, record: JobRecord) -> bool:
    """Have the keeper deliver; False while somebody is still writing the message.

    The keeper writes a message from all of its jobs. Two workers that do so at once could overwrite
    each other with older knowledge, so whoever has written looks again and repeats after a change.
    """
    if record.place == "draft" or not record.message:
        return await shop.keeper.deliver(record)
    before = await _others(shop, record)
    for _ in range(REPEATS):
        if any(_attended(other, shop.clock()) for other in before):
            return False
        if not await shop.keeper.deliver(record):
            return False
        after = await _others(shop, record)
        if _phases(after) == _phases(before):
            break
        before = after
    return True


async def _others(shop: Workshop, record: JobRecord) -> list[JobRecord]:
    return [job for job in await shop.store.of_message(record.chat, record.message) if job.id != record.id]


def _attended(other: JobRecord, now: float) -> bool:
    """Whether a living caller has this job and writes the message itself; a sweep counts its attempts first."""
    leased = other.lease_owner != "" and other.lease_until > now
    return not other.finished and other.place == "message" and leased and other.attempts == 0


def _phases(jobs: list[JobRecord]) -> set[tuple[str, Phase]]:
    return {(job.id, job.phase) for job in jobs}
