"""The submit host: key, body, limits and balance are checked in the service's order, then a task begins."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from . import answers
from .connections import reset
from .drawing import Order
from .endpoints import EndpointSpec, load_endpoints
from .faults import FaultError, Faults, faults_of
from .journal import Call, open_headers
from .pictures import InputPicture, first_problem, read_pictures
from .pricing import Charge, charge
from .schema import Violation422, unknown_fields, validate, with_defaults
from .settings import SandboxSettings
from .sizes import output_size
from .state import State
from .submit_faults import answered, refused_by
from .tasks import ENDINGS, Task

WEBHOOK_FIELDS = ("webhook_url", "webhook_secret")
LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A valid request with everything derived from it."""

    endpoint: EndpointSpec
    body: Mapping[str, Any]
    pictures: tuple[InputPicture, ...]
    faults: Faults
    charge: Charge
    order: Order
    problem: str | None
    """Why its pictures cannot be used."""


def logged_body(body: Mapping[str, Any], endpoint: EndpointSpec, pictures: tuple[InputPicture, ...]) -> dict[str, Any]:
    """The body with each picture text replaced by its facts, lists of pictures by lists of facts."""
    facts: dict[str, list[dict[str, Any]]] = {}
    for picture in pictures:
        facts.setdefault(picture.field, []).append(picture.facts())
    shown = {name: rows if isinstance(body[name], list) else rows[0] for name, rows in facts.items()}
    return {**body, **shown}


def drawable(text: str) -> str:
    """The text without half characters (lone surrogates), which JSON allows and no font or hash takes."""
    return text.encode(errors="replace").decode()


def drawing_order(
    endpoint: EndpointSpec, body: Mapping[str, Any], pictures: tuple[InputPicture, ...], settings: SandboxSettings
) -> Order:
    values = with_defaults(endpoint, body)
    seed = values.get("seed")
    return Order(
        endpoint=endpoint.name,
        prompt=drawable(values.get("prompt") or ""),
        seed=random.randint(0, LARGEST_SEED) if seed is None else seed,  # noqa: S311 - no secret
        size=output_size(endpoint, values, pictures, settings.fill_longest_side),
        grain=settings.grain,
        output_format=values.get("output_format") or "jpeg",
        pictures=pictures,
        values={name: value for name, value in values.items() if name not in endpoint.picture_fields},
        given=frozenset(body),
        shift=settings.edit_shift,
    )


class SubmitHost:
    """POST /v1/<endpoint> and GET /v1/credits; `regional` is whether finetunes live on this cluster."""

    def __init__(self, state: State, *, regional: bool = False) -> None:
        self.state, self.regional = state, regional

    async def credits(self, request: web.Request) -> web.Response:
        return web.json_response({"credits": self.state.settings.balance})

    async def submit(self, request: web.Request) -> web.StreamResponse:
        endpoint = load_endpoints().get(request.path)
        if endpoint is None or (endpoint.withdrawn and self.state.settings.withdrawn == "404"):
            return answers.problem(404, "Not Found")
        if request.method != "POST":
            return answers.problem(405, "Method Not Allowed")
        raw = await request.read()
        try:
            body = await asyncio.to_thread(json.loads, raw)
        except (ValueError, RecursionError) as error:  # ValueError: no JSON, no UTF-8, or a number of 5000 digits
            return self._refuse(request, {}, answers.invalid_json(getattr(error, "pos", 0)))
        if errors := validate(endpoint, body):
            return self._refuse_invalid(request, endpoint, body, errors)
        return await self._checked(request, endpoint, body)

    def _refuse(self, request: web.Request, body: Mapping[str, Any], answer: web.Response) -> web.Response:
        self._log(request, body, answer.status)
        return answer

    def _refuse_invalid(
        self, request: web.Request, endpoint: EndpointSpec, body: object, errors: list[Violation422]
    ) -> web.Response:
        fields = body if isinstance(body, dict) else {}
        if endpoint.strict and (unknown := unknown_fields(endpoint, fields)):
            self.state.violation("unknown-field", f"{endpoint.path}: {', '.join(map(str, unknown))}")
        pictures = endpoint.picture_fields
        shown = {name: "(not read)" if name in pictures else value for name, value in fields.items()}
        return self._refuse(request, shown, answers.invalid(errors))

    async def _checked(self, request: web.Request, endpoint: EndpointSpec, body: dict[str, Any]) -> web.StreamResponse:
        """A body that satisfies the schema: read its pictures, apply faults and limits, begin the task."""
        pictures = await asyncio.to_thread(read_pictures, endpoint, body)
        body = logged_body(body, endpoint, pictures)
        self._note_violations(endpoint, body, pictures)
        try:
            faults = faults_of(body.get("prompt"), self.state.settings.faults)
        except FaultError as error:
            mistake = Violation422(loc=("prompt",), msg=f"Value error, {error}", type="value_error")
            return self._refuse(request, body, answers.invalid([mistake]))
        submission = self._derived(endpoint, body, pictures, faults)
        refusal = refused_by(self.state, faults, submission.order.prompt) or self._refusal(submission)
        if refusal is not None:
            return self._refuse(request, body, refusal)
        return await self._accept(request, submission)

    def _note_violations(
        self, endpoint: EndpointSpec, body: Mapping[str, Any], pictures: tuple[InputPicture, ...]
    ) -> None:
        for name in WEBHOOK_FIELDS:
            if body.get(name) is not None:
                self.state.violation("webhook", f"{endpoint.path}: {name}")
        for picture in pictures:
            if picture.problem is not None and "data: prefix" in picture.problem:
                self.state.violation("data-prefix", f"{endpoint.path}: {picture.field}")

    def _derived(
        self, endpoint: EndpointSpec, body: Mapping[str, Any], pictures: tuple[InputPicture, ...], faults: Faults
    ) -> Submission:
        problem = first_problem(endpoint, pictures)
        usable = () if problem else pictures
        order = drawing_order(endpoint, body, usable, self.state.settings)
        return Submission(
            endpoint=endpoint,
            body=body,
            pictures=usable,
            faults=faults,
            charge=charge(endpoint, order.values, usable, order.size),
            order=order,
            problem=problem,
        )

    def _has_finetune(self, submission: Submission) -> bool:
        """Whether the finetune a request names exists here and can be used; true where none is needed."""
        if "finetune_id" not in submission.endpoint.fields:
            return True
        name = submission.body["finetune_id"]
        if not submission.endpoint.pinned:
            return name in self.state.settings.uploaded_loras
        found = self.state.finetunes.get(name) if self.regional else None
        return found is not None and found.ready(self.state.clock())

    def _refusal(self, submission: Submission) -> web.Response | None:
        settings, now = self.state.settings, self.state.clock()
        if not self._has_finetune(submission):
            return answers.problem(400, "Finetune not found or not ready")
        if submission.problem is not None and settings.picture_errors == "submit":
            name, _, text = submission.problem.partition(": ")
            return answers.invalid([Violation422(loc=(name,), msg=f"Value error, {text}", type="value_error")])
        model = submission.endpoint.name
        for active, limit in (
            (self.state.tasks.active(now), settings.active_limit),
            (self.state.tasks.active(now, model), settings.model_active_limits.get(model, settings.active_limit)),
        ):
            if active >= limit:
                return answers.too_many_tasks(active)
        return answers.out_of_credits() if submission.charge.credits > settings.balance else None

    async def _accept(self, request: web.Request, submission: Submission) -> web.StreamResponse:
        """Bill and begin the task, then answer as the faults have it."""
        faults = submission.faults
        if "reset-before" in faults:
            self._log(request, submission.body, 0)
            return reset(request)
        task = self._begin(submission)
        answer = self._answer(submission, task)
        self._log(request, submission.body, 0 if "connection-reset" in faults else 200, task.id)
        if "connection-reset" in faults:
            return reset(request)
        return await answered(self.state, faults, answer)

    def _begin(self, submission: Submission) -> Task:
        state, faults = self.state, submission.faults
        state.settings = replace(state.settings, balance=state.settings.balance - submission.charge.credits)
        state.tasks.forget(before=state.clock() - state.settings.task_lifetime)
        ends_without = submission.problem is not None or any(name in ENDINGS for name in faults)
        task = Task(
            id=str(uuid.uuid4()),
            endpoint=submission.endpoint,
            values=submission.body,
            seed=submission.order.seed,
            faults=faults,
            created=state.clock(),
            duration=float("inf") if "stuck" in faults else float(faults.get("slow", state.settings.duration)),
            pending_polls=state.settings.pending_polls,
            drawing=None if ends_without else state.draw(submission.order),
            picture_problem=submission.problem,
        )
        state.tasks.add(task)
        return task

    def _answer(self, submission: Submission, task: Task) -> dict[str, Any]:
        """AsyncResponse, or AsyncWebhookResponse when a webhook was asked for (none is ever sent)."""
        costs, reported = submission.charge, submission.endpoint.reports_cost
        numbers = {
            "cost": costs.credits if reported else None,
            "input_mp": costs.input_megapixels if reported else None,
            "output_mp": costs.output_megapixels if reported else None,
        }
        if submission.body.get("webhook_url"):
            return {"id": task.id, "status": "PENDING", "webhook_url": submission.body["webhook_url"], **numbers}
        foreign = "foreign-polling-host" in submission.faults
        host = self.state.addresses.elsewhere if foreign else self.state.addresses.polling
        return {"id": task.id, "polling_url": f"{host}/v1/get_result?id={task.id}", **numbers}

    def _log(self, request: web.Request, body: Mapping[str, Any], status: int, task: str | None = None) -> None:
        call = Call(
            endpoint=request.path,
            body=body,
            headers=open_headers(request.headers),
            time=self.state.clock(),
            status=status,
            task=task,
        )
        self.state.journal.calls.append(call)
