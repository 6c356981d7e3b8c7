"""The life of a task as a function of time: waiting, running, settled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .drawing import Drawing
from .endpoints import EndpointSpec
from .faults import Faults

RUNNING_STATES = ("Pending", "Reasoning", "Generating")
"""The order the newer families pass through; the recorded ones only know Pending."""
RECORDED_PROGRESS_STEP = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a task that makes no picture ends: status word, details and the HTTP code of the poll."""

    status: str
    details: Callable[[str], Any]
    """Called with the fault's value."""
    http_status: int = 200


def moderation_reasons(value: str) -> dict[str, Any]:
    return {"Moderation Reasons": [reason.strip() for reason in value.split(",") if reason.strip()]}


def failure(text: str) -> dict[str, Any]:
    return {"error": text}


ENDINGS: Mapping[str, Ending] = {
    "request-moderated": Ending(status="Request Moderated", details=moderation_reasons),
    "content-moderated": Ending(status="Content Moderated", details=moderation_reasons),
    "moderated-without-details": Ending(status="Content Moderated", details=lambda value: None),
    "moderated-with-text": Ending(status="Content Moderated", details=lambda value: "Flagged by the output filter"),
    "error": Ending(status="Error", details=lambda value: failure("Generation failed, please try again")),
    "failed-task": Ending(
        status="Error", details=lambda value: failure("Invalid or corrupted image input"), http_status=422
    ),
    "unknown-status": Ending(status="Failed", details=lambda value: failure("The worker gave up")),
}
"""Fault -> ending."""


@dataclass(slots=True, kw_only=True)
class Task:
    """One accepted request. Times are seconds of the sandbox's clock."""

    id: str
    endpoint: EndpointSpec
    values: Mapping[str, Any]
    """The valid body with defaults, pictures replaced by their facts."""
    seed: int
    faults: Faults
    created: float
    duration: float
    pending_polls: int
    drawing: asyncio.Future[Drawing] | None
    """None when the task ends without a picture."""
    picture_problem: str | None = None
    """Why an input picture cannot be used; the task fails with it."""
    polls: int = 0
    """Polls that knew the task."""
    hidden_polls: int = 0
    """Polls that came for the task, those answered by a fault instead too."""
    downloads: int = 0
    """Requests for its picture."""

    @property
    def finished(self) -> float:
        return self.created + self.duration

    def settled(self, now: float) -> bool:
        return now >= self.finished and self.polls >= self.pending_polls

    def share(self, now: float) -> float:
        """How much of the duration is over, 0 to 1."""
        return min(1.0, max(0.0, (now - self.created) / self.duration)) if self.duration > 0 else 1.0


def body(task: Task, status: str, **values: Any) -> dict[str, Any]:
    """A ResultResponse with every key of the specification."""
    empty = {"result": None, "progress": None, "details": None, "preview": None}
    return {"id": task.id, "status": status, **empty, **values}


def running_body(task: Task, now: float) -> dict[str, Any]:
    share = task.share(now)
    status = RUNNING_STATES[min(2, int(share * 3))] if "new-states" in task.faults else "Pending"
    tenths = int(share / RECORDED_PROGRESS_STEP) / 10
    return body(task, status, progress=min(tenths, 0.9) if task.endpoint.reports_progress else None)


def ending(task: Task) -> tuple[int, dict[str, Any]] | None:
    """(HTTP status, body) of a task that ends without a picture, None when it ends with one."""
    if task.picture_problem is not None:
        return 422, body(task, "Error", details=failure(task.picture_problem))
    for name, value in task.faults.items():
        if name in ENDINGS:
            row = ENDINGS[name]
            return row.http_status, body(task, row.status, details=row.details(str(value)))
    return None


def ready_body(task: Task, sample: str) -> dict[str, Any]:
    """A Ready answer with the result's keys in the order recorded for the family."""
    known = {
        "sample": sample,
        "prompt": task.values.get("prompt") or "",
        "seed": task.seed,
        "start_time": task.created,
        "end_time": task.finished,
        "duration": task.duration,
    }
    names = [name for name in task.endpoint.result_fields if not (name == "sample" and "no-sample" in task.faults)]
    return body(task, "Ready", result={name: known[name] for name in names})


class TaskBook:
    """All tasks of one account, in memory."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}

    def add(self, task: Task) -> None:
        self._tasks[task.id] = task

    def find(self, task_id: str) -> Task | None:
        return self._tasks.get(task_id)

    def active(self, now: float, model: str | None = None) -> int:
        """Tasks that hold a slot; of one model when it is named."""
        running = (task for task in self._tasks.values() if not task.settled(now))
        return sum(1 for task in running if model is None or task.endpoint.name == model)

    def forget(self, before: float) -> None:
        """Drop tasks created before a time, so that a long demo does not keep every picture."""
        self._tasks = {key: task for key, task in self._tasks.items() if task.created >= before}
