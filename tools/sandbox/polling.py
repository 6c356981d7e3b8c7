"""get_result on the polling host, and what the submit host says to those who ask there."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping

from aiohttp import web

from . import answers
from .delivery import sample_url
from .journal import Poll
from .state import State
from .tasks import Task, ending, ready_body, running_body

TOO_EARLY = ("lost", "not-found-first")
UNAVAILABLE = "poll-unavailable"
THROTTLED = "poll-rate-limited"


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
        answer = await self._answer(task, task_id) if task else (*self._unknown(task_id), "Task not found")
        return self._finish(task_id, *answer)

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
        task.hidden_polls += 1
        for name in TOO_EARLY:
            if self._hidden(task, name):
                return (*self._unknown(task_id), "Task not found")
        if self._hidden(task, UNAVAILABLE):
            return 503, answers.html_page(503, "Service Unavailable"), ""
        if self._hidden(task, THROTTLED):
            return 429, answers.problem(429, "Too many requests", {"Retry-After": "1"}), ""
        status, body = await self._state_of(task)
        if self._hidden(task, "malformed-poll"):
            return 200, answers.half_json(body), str(body["status"])
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
