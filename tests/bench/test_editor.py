"""Frames out of a browser's trace, the rows they become, and what is left aside when a step is timed."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from tools.bench.editor import aside, page_rows
from tools.bench.editor_page import PageTimes, Renderer, intervals


def drawn(milliseconds: float, pid: int = 1, layer: int = 1, name: str = "DrawFrame") -> dict:
    return {"name": name, "pid": pid, "ts": milliseconds * 1000, "args": {"layerTreeId": layer}}


def test_frames_are_counted_where_most_were_drawn():
    events = [drawn(at) for at in (0, 30, 10)] + [drawn(5, pid=2), drawn(6, layer=2), drawn(7, name="Commit")]
    assert intervals(events) == pytest.approx([0.01, 0.02])


@pytest.mark.parametrize("events", [[], [drawn(1)], [drawn(1, name="Other")]])
def test_without_two_frames_there_is_no_time_between_them(events):
    assert intervals(events) == []


def times(frame: float, opened: float = 0.5) -> PageTimes:
    return PageTimes(opened=opened, frames=[frame] * 20, exported=0.3, travelled=1000)


def test_with_hardware_the_goal_counts():
    rows = page_rows(Renderer(name="A card", hardware=True), times(0.02, opened=1.5), times(0.2))
    painting = next(row for row in rows if "painting" in row.what)
    assert painting.cells() == ("painting on them, frame p95, drawn by A card", "≤ 17 ms", "20 ms", "200 ms", "no")
    assert rows[0].holds is False


def test_without_hardware_the_naive_page_is_the_measure():
    rows = page_rows(Renderer(name="SwiftShader", hardware=False), times(0.02), times(0.2))
    painting = next(row for row in rows if "painting" in row.what)
    assert painting.measured == "20 ms, 10.0 times faster than naive"
    assert painting.holds is None
    assert "SwiftShader" in painting.what


def test_what_is_left_aside_is_noted_and_put_back():
    def slow() -> str:
        time.sleep(0.01)
        return "done"

    module = SimpleNamespace(slow=slow)
    with aside(module, "slow") as spent:
        assert module.slow() == "done"
    assert len(spent) == 1
    assert spent[0] >= 0.01
    assert module.slow is slow
