"""The status line: what it says, and how rarely."""

import asyncio
from itertools import pairwise

import pytest

from flux_studio.types import Queued, Result, Running, Succeeded
from flux_studio.webui.progress import StatusLine, sentence

READY = Succeeded(result=Result(pictures=(), model="m"))


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([Queued()], "Sending to M · 3 s"),
        ([Queued(position=0)], "In the queue, yours is next · 3 s"),
        ([Queued(position=2), Queued(position=0)], "In the queue, yours is next · 3 s"),
        ([Queued(position=1)], "In the queue, 1 picture before yours · 3 s"),
        ([Queued(position=4), Queued(position=2)], "In the queue, 2 pictures before yours · 3 s"),
        ([Running()], "Painting with M · 3 s"),
        ([Running(loading=True)], "Loading M · 3 s"),
        ([Running(loading=True), Running(progress=0.5)], "Painting with M · 0 of 2 ready · 50 % · 3 s"),
        ([Running(progress=0.456)], "Painting with M · 46 % · 3 s"),
        ([Running(progress=0.5), Running(progress=1.0)], "Painting with M · 0 of 2 ready · 75 % · 3 s"),
        ([READY, Running()], "Painting with M · 1 of 2 ready · 3 s"),
        ([READY, Queued(position=3)], "In the queue, 3 pictures before yours · 1 of 2 ready · 3 s"),
    ],
)
def test_sentence(states, expected):
    assert sentence("M", states, 3.9) == expected


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([Queued()], "Sending to M · about 12 credits · 3 s"),
        ([Queued(position=1)], "In the queue, 1 picture before yours · about 12 credits · 3 s"),
        ([READY, Running(progress=0.5)], "Painting with M · 1 of 2 ready · 50 % · about 12 credits · 3 s"),
    ],
)
def test_the_price_is_told_before_it_is_paid(states, expected):
    assert sentence("M", states, 3.9, "about 12 credits") == expected


async def test_at_most_one_status_a_second_and_exactly_one_done():
    now = [0.0]
    events = []

    async def emit(event):
        events.append((now[0], event["data"]))

    line = StatusLine(emit, "M", 1, clock=lambda: now[0])
    for step in range(600):
        now[0] = step / 10
        await line.update(0, Running(progress=step / 600))
    await line.close("1 picture ready")
    await line.close("again")
    await line.update(0, Running())
    times = [time for time, data in events if not data["done"]]
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(times))
    assert len(times) < 25
    assert [data["description"] for _, data in events if data["done"]] == ["1 picture ready"]


async def test_the_last_word_is_stored_last_even_if_the_database_is_slow():
    """The host stores every status in order of arrival; one that overtakes the last word would shimmer for ever."""
    stored, free = [], asyncio.Event()

    async def emit(event):
        if not event["data"]["done"]:
            await free.wait()
        stored.append(event["data"]["done"])

    line = StatusLine(emit, "M", 1)
    speaking = asyncio.create_task(line.update(0, Running()))
    await asyncio.sleep(0)
    closing = asyncio.create_task(line.close("1 picture ready"))
    await asyncio.sleep(0)
    free.set()
    await asyncio.gather(speaking, closing)
    await line.update(0, READY)
    assert stored == [False, True]


async def test_the_end_of_the_line_breaks_no_status_in_half():
    """Cancelling the clockwork while the host writes would break the host's transaction."""
    entered, free, broken = asyncio.Event(), asyncio.Event(), []
    now = [0.0]

    async def emit(event):
        if "3 s" in event["data"]["description"]:
            entered.set()
            try:
                await free.wait()
            except asyncio.CancelledError:
                broken.append(event)
                raise

    line = StatusLine(emit, "M", 1, clock=lambda: now[0])
    async with line:
        now[0] = 3.0
        await entered.wait()
        asyncio.get_running_loop().call_soon(free.set)
    assert broken == []
