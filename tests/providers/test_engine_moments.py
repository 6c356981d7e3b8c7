"""The engine's provider at awkward moments: a deadline while the caller works, hostile numbers."""

from __future__ import annotations

import asyncio
import base64
import time
from contextlib import aclosing

import pytest

from flux_studio.errors import JobTimeout, UnexpectedResponse
from flux_studio.http.sessions import close_sessions
from flux_studio.providers import provider
from flux_studio.providers.engine_events import read_result, read_state
from flux_studio.types import Running

from .conftest import a_picture
from .test_engine import TINY, Context, run, scripted, wish


@pytest.fixture(autouse=True)
async def no_connection_stays():
    yield
    await close_sessions()


async def test_the_deadline_never_strikes_in_the_middle_of_the_callers_work():
    """The caller is busy when the time is over: it gets a JobTimeout afterwards, never a cancellation."""
    done = []
    async with scripted([{"event": "started"}, 4.0]) as (endpoint, _):
        states = provider("engine").run(wish(), TINY, Context(endpoint, deadline=time.time() + 1.0))
        async with aclosing(states):
            assert isinstance(await anext(states), Running)
            await asyncio.sleep(1.2)
            done.append("the work")
            with pytest.raises(JobTimeout):
                await anext(states)
    assert done == ["the work"]


async def test_nested_without_end_is_no_answer():
    async with scripted([b"[" * 60_000 + b"\n"]) as (endpoint, _):
        with pytest.raises(UnexpectedResponse):
            await run(wish(), Context(endpoint))


@pytest.mark.parametrize("number", [10**400, -(10**400), float("nan"), float("inf"), "8", None, True])
def test_numbers_that_cannot_be_are_left_out(number):
    state = read_state({"event": "step", "step": number, "steps": number})
    assert isinstance(state, Running)
    assert state.progress in (None, 1.0)


@pytest.mark.parametrize("seconds", [10**400, float("nan"), float("inf"), -1, "8"])
def test_a_duration_that_cannot_be_counts_as_none(seconds):
    picture = base64.b64encode(a_picture(16, 16).data).decode()
    assert read_result({"pictures": [picture], "seconds": seconds}, TINY).timings.provider == 0.0
