"""A job of the real provider, interrupted while it is paid, against the sandbox over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from flux_studio.catalog import card
from flux_studio.http import HttpClient
from flux_studio.http.sessions import close_sessions
from flux_studio.jobs import JobRecord, JobRunner, MemoryJobStore
from flux_studio.providers import provider
from flux_studio.settings import Secret, Settings
from flux_studio.types import Request, Running, Succeeded
from tests.jobs.doubles import Shelf
from tools.sandbox import Sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(pending_polls=2, duration=0.0) as running:
        yield running
    await close_sessions()


async def test_another_worker_fetches_the_picture_and_orders_none(sandbox: Any) -> None:
    settings = Settings(
        flux_key=Secret(sandbox.key),
        flux_endpoint=sandbox.endpoint,
        trusted_hosts=frozenset(sandbox.trusted_hosts),
        environment="test",
    )
    store, shelf, model = MemoryJobStore(), Shelf(settings), card("flux-2-pro")
    account = provider(model.provider).account(settings)
    record = JobRecord(
        user="ann", request_id="r", chat="c", message="m", model=model.name, provider=model.provider, account=account
    )
    first, second = JobRunner(store, shelf, http=HttpClient), JobRunner(store, shelf, http=HttpClient)
    states = first.run(record, Request(task="generate", model=model.name, prompt="a fox"), model, settings)
    assert isinstance(await anext(states), Running)
    await first.close()
    assert sandbox.key not in repr(await store.get(record.id))

    store.age(record.id, 31)
    assert await second.sweep() == 1
    followed = [state async for state in states]
    await second.settled()

    assert isinstance(followed[-1], Succeeded), "who still waits follows the new worker"
    row = await store.get(record.id)
    assert row is not None
    assert row.outcome is not None
    assert (row.phase, shelf.messages) == ("delivered", {("c", "m"): list(row.outcome.files)})
    assert (row.outcome.cost, row.outcome.cost_exact, row.outcome.notes) == (3.0, True, ("sandbox",))
    assert len([call for call in sandbox.calls if call.task]) == 1
    assert sandbox.violations == []
    await second.close()


async def test_a_stop_while_the_provider_is_too_busy_sends_nothing_more(sandbox: Any) -> None:
    """The first try is a 429; Stop during the pause before the second one leaves nothing to pay."""
    settings = Settings(
        flux_key=Secret(sandbox.key),
        flux_endpoint=sandbox.endpoint,
        trusted_hosts=frozenset(sandbox.trusted_hosts),
        environment="test",
    )
    store, model = MemoryJobStore(), card("flux-2-pro")
    account = provider(model.provider).account(settings)
    record = JobRecord(user="ann", request_id="r", model=model.name, provider=model.provider, account=account)
    runner = JobRunner(store, Shelf(settings), http=HttpClient)
    request = Request(task="generate", model=model.name, prompt="a fox [sandbox:rate-limited=1]")

    async def wait_for_picture() -> None:
        async with aclosing(runner.run(record, request, model, settings)) as states:
            async for _ in states:
                pass

    waiting = asyncio.create_task(wait_for_picture())
    while not sandbox.calls:  # noqa: ASYNC110 - the sandbox's journal has no event to wait for
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await runner.settled()
    assert await runner.fate(record) == "unsent"
    assert [call for call in sandbox.calls if call.task] == []
    await runner.close()
