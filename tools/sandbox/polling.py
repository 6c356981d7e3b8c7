"""get_result on the polling host, and what the submit host says to those who ask there."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from . import answers
from .connections import reset
from .delivery import sample_url
from .journal import Poll
from .state import State
from .tasks import Task, ending, ready_body, running_body

TOO_EARLY = ("lost", "not-found-first")
UNAVAILABLE = "poll-unavailable"
THROTTLED = "poll-rate-limited"
STAMMERS: Mapping[str, Callable[[Mapping[str, Any]], web.Response]] = {
    "malformed-poll": answers.half_json,
    "huge-poll": answers.huge_json,
}
"""Fault -> how the true state is written so that nobody can read it."""


def not_found_body(task_id: str) -> dict[str, object]:
    empty = {"result": None, "progress": None, "details": None, "preview": None}
    return {"id": task_id, "status": "Task not found", **empty}


class PollingHost:
    """GET /v1/get_result?id=<task>."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.window = -1
        self.calls_in_window = 0

    async def get_result(self, request: web.Request) -> web.Response:
        task_id = request.query.get("id")
        if task_id is None:
            detail = [{"loc": ["query", "id"], "msg": "Field required", "type": "missing"}]
            return answers.problem(422, detail)
        task = self.state.tasks.find(task_id)
        if task is not None and (broken := await self._broken(task, request)):
            return broken
        answer = await self._answer(task, task_id) if task else (*self._unknown(task_id), "Task not found")
        return self._finish(task_id, *answer)

    async def _broken(self, task: Task, request: web.Request) -> web.Response | None:
        """A connection that is cut; a late answer only costs its time."""
        task.hidden_polls += 1
        if "slow-poll" in task.faults and task.hidden_polls == 1:
            await self.state.sleep(float(task.faults["slow-poll"]))
        if not self._hidden(task, "poll-reset"):
            return None
        self.state.journal.polls.append(Poll(task=task.id, time=self.state.clock(), status=0))
        return reset(request)

    async def misplaced(self, request: web.Request) -> web.Response:
        """get_result on the submit host: another cluster, which knows no task."""
        task_id = request.query.get("id", "")
        if self.state.tasks.find(task_id) is not None:
            self.state.violation("rebuilt-polling-url", f"task {task_id} polled at the submit host")
        return self._finish(task_id, *self._unknown(task_id), "Task not found")

    def _unknown(self, task_id: str) -> tuple[int, Mapping[str, object]]:
        if self.state.settings.unknown_task == "404":
            return 404, {"detail": "Task not found"}
        return 200, not_found_body(task_id)

    async def _answer(self, task: Task, task_id: str) -> tuple[int, object, str]:
        """(HTTP status, body or ready response, status word)."""
        for name in TOO_EARLY:
            if self._hidden(task, name):
                return (*self._unknown(task_id), "Task not found")
        if self._hidden(task, UNAVAILABLE):
            return 503, answers.html_page(503, "Service Unavailable"), ""
        if self._hidden(task, THROTTLED):
            return 429, answers.problem(429, "Too many requests", {"Retry-After": "1"}), ""
        if self._hidden(task, "redirecting-poll"):
            address = f"{self.state.addresses.elsewhere}/v1/get_result?id={task_id}"
            return 302, answers.redirect(address), ""
        status, body = await self._state_of(task)
        for name, stammered in STAMMERS.items():
            if self._hidden(task, name):
                return 200, stammered(body), str(body["status"])
        return status, body, str(body["status"])

    def _hidden(self, task: Task, fault: str) -> bool:
        """Whether a poll fault is on and its count is not used up."""
        if fault not in task.faults:
            return False
        value = task.faults[fault]
        return value == "" or task.hidden_polls <= float(value)

    async def _state_of(self, task: Task) -> tuple[int, dict[str, object]]:
        now = self.state.clock()
        settled = task.settled(now)
        task.polls += 1
        if not settled:
            return 200, running_body(task, now)
        ended = ending(task)
        if ended is not None or task.drawing is None:
            return ended or (200, not_found_body(task.id))
        drawing = await asyncio.shield(task.drawing)
        return 200, ready_body(task, sample_url(self.state, task, drawing))

    def _finish(self, task_id: str, status: int, body: object, word: str) -> web.Response:
        now = self.state.clock()
        self.state.journal.polls.append(Poll(task=task_id, time=now, status=status, state=word))
        response = body if isinstance(body, web.Response) else web.json_response(body, status=status)
        response.headers.setdefault("Retry-After", "1")
        response.headers.update(self._rate_headers(now))
        return response

    def _rate_headers(self, now: float) -> dict[str, str]:
        window = math.floor(now / answers.POLL_WINDOW)
        if window != self.window:
            self.window, self.calls_in_window = window, 0
        self.calls_in_window += 1
        left = max(0, answers.POLLS_PER_WINDOW - self.calls_in_window)
        return {
            "X-Ratelimit-Limit": str(answers.POLLS_PER_WINDOW),
            "X-Ratelimit-Remaining": str(left),
            "X-Ratelimit-Reset": f"{(window + 1) * answers.POLL_WINDOW:.6f}",
        }
