"""The origin nobody trusts: it answers as if all were well, and notes every visit as a fault of the client."""

from __future__ import annotations

from aiohttp import web

from .drawing import Order
from .state import State
from .tasks import RUNNING_STATES


class ElsewhereHost:
    """Any path: Pending for get_result, a small picture for everything else."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def visit(self, request: web.Request) -> web.Response:
        kind = "key-elsewhere" if "x-key" in request.headers else "request-elsewhere"
        self.state.violation(kind, f"{request.method} {request.path}")
        if request.path == "/v1/get_result":
            task_id = request.query.get("id", "")
            return web.json_response({"id": task_id, "status": RUNNING_STATES[0], "result": None})
        order = Order(endpoint="flux-elsewhere", prompt="elsewhere", seed=0, size=(64, 64))
        drawing = await self.state.draw(order)
        return web.Response(body=drawing.data, content_type=drawing.mime)
