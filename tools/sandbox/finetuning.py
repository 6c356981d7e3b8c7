"""Training, state, list, details and deletion of finetunes on the one cluster where they live."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from . import answers
from .connections import reset
from .endpoints import load_training
from .faults import FaultError, Faults, faults_of
from .finetunes import Finetune, archive_problem
from .journal import Call, open_headers
from .polling import PollingHost, not_found_body
from .schema import Violation422, validate, with_defaults
from .state import State
from .submit_faults import answered, refused_by

ACCESS_DENIED = "Finetune not found or access denied"


class FinetuningHost:
    """The calls about finetunes; `regional` is whether this is the cluster where they live."""

    def __init__(self, state: State, *, regional: bool) -> None:
        self.state, self.regional = state, regional
        self.polling = PollingHost(state)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/finetune", self.train),
            web.get("/v1/my_finetunes", self.mine),
            web.get("/v1/finetune_details", self.details),
            web.post("/v1/delete_finetune", self.delete),
            web.get("/v1/get_result", self.get_result),
        ]

    async def train(self, request: web.Request) -> web.StreamResponse:
        """Start a training; gone by today's facts, and never offered away from the clusters that train."""
        if self.state.settings.withdrawn == "404" or not self.regional:
            return answers.problem(404, "Not Found")
        body = await read_object(request)
        if errors := await asyncio.to_thread(self._mistakes, body):
            return self._logged(request, body, answers.invalid(errors))
        assert body is not None
        comment = body["finetune_comment"]
        faults = faults_of(comment, self.state.settings.faults)
        if refusal := refused_by(self.state, faults, comment):
            return self._logged(request, body, refusal)
        return await self._begin(request, with_defaults(load_training(), body), faults)

    def _mistakes(self, body: dict[str, Any] | None) -> list[Violation422]:
        """What is wrong with a training: its fields, then what is in its archive, then the faults it asks for."""
        if errors := validate(load_training(), body):
            return errors
        assert body is not None
        if problem := archive_problem(body["file_data"]):
            return [Violation422(loc=("file_data",), msg=f"Value error, {problem}", type="value_error")]
        try:
            faults_of(body["finetune_comment"])
        except FaultError as error:
            return [Violation422(loc=("finetune_comment",), msg=f"Value error, {error}", type="value_error")]
        return []

    async def _begin(self, request: web.Request, values: Mapping[str, Any], faults: Faults) -> web.StreamResponse:
        if "reset-before" in faults:
            self._logged(request, values, web.Response(status=200), status=0)
            return reset(request)
        details = {name: value for name, value in values.items() if name not in ("file_data", "webhook_secret")}
        finetune = Finetune(
            id=str(uuid.uuid4()),
            details=details,
            created=self.state.clock(),
            duration=self.state.settings.training_duration,
            faults=faults,
        )
        self.state.finetunes[finetune.id] = finetune
        cut = "connection-reset" in faults
        self._logged(request, values, web.Response(status=200), status=0 if cut else 200, task=finetune.id)
        if cut:
            return reset(request)
        return await answered(self.state, faults, {"finetune_id": finetune.id})

    async def mine(self, request: web.Request) -> web.Response:
        return web.json_response({"finetunes": list(self.state.finetunes) if self.regional else []})

    async def details(self, request: web.Request) -> web.Response:
        name = request.query.get("finetune_id")
        if name is None:
            return answers.problem(422, [{"loc": ["query", "finetune_id"], "msg": "Field required", "type": "missing"}])
        found = self._find(name)
        if found is None or not found.ready(self.state.clock()):
            return answers.problem(404, ACCESS_DENIED)
        return web.json_response({"finetune_details": found.details})

    async def delete(self, request: web.Request) -> web.Response:
        body = await read_object(request)
        name = (body or {}).get("finetune_id")
        if not isinstance(name, str):
            return answers.problem(422, [{"loc": ["body", "finetune_id"], "msg": "Field required", "type": "missing"}])
        if self._find(name) is None:
            return answers.problem(404, ACCESS_DENIED)
        del self.state.finetunes[name]
        done = {"status": "success", "message": "Finetune deleted", "deleted_finetune_id": name}
        return web.json_response({**done, "timestamp": f"{self.state.clock():.0f}"})

    async def get_result(self, request: web.Request) -> web.Response:
        """The state of a training under its finetune_id; everything else is polled elsewhere."""
        finetune = self._find(request.query.get("id", ""))
        if finetune is None:
            return await self.polling.misplaced(request)
        return web.json_response(training_body(finetune, self.state))

    def _find(self, name: str) -> Finetune | None:
        return self.state.finetunes.get(name) if self.regional else None

    def _logged(
        self,
        request: web.Request,
        body: Mapping[str, Any] | None,
        answer: web.Response,
        *,
        status: int | None = None,
        task: str | None = None,
    ) -> web.Response:
        shown = {name: "(an archive)" if name == "file_data" else value for name, value in (body or {}).items()}
        call = Call(
            endpoint=request.path,
            body=shown,
            headers=open_headers(request.headers),
            time=self.state.clock(),
            status=answer.status if status is None else status,
            task=task,
        )
        self.state.journal.calls.append(call)
        return answer


def training_body(finetune: Finetune, state: State) -> dict[str, object]:
    """A ResultResponse; the service loses sight of fresh and of long finished trainings, as has been reported."""
    now, settings = state.clock(), state.settings
    finetune.polls += 1
    empty = {"id": finetune.id, "result": None, "progress": None, "details": None, "preview": None}
    forgotten = now > finetune.created + finetune.duration + settings.training_memory
    if finetune.polls <= settings.training_flicker or forgotten:
        return not_found_body(finetune.id)
    if finetune.failed(now):
        return {**empty, "status": "Error", "details": {"error": "Training failed: the pictures do not match"}}
    if finetune.ready(now):
        return {**empty, "status": "Ready", "result": {}}
    return {**empty, "status": "Pending", "progress": round(finetune.share(now), 2)}


async def read_object(request: web.Request) -> dict[str, Any] | None:
    """The decoded body, None when it is no JSON object."""
    try:
        body = await asyncio.to_thread(json.loads, await request.read())
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
