"""/sandbox/…: the log and the settings for whoever runs the sandbox as a process."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from aiohttp import web

from . import answers
from .settings import SettingError
from .state import State


class ControlPages:
    """GET and DELETE /sandbox/calls, GET and POST /sandbox/settings; all need the key."""

    def __init__(self, state: State) -> None:
        self.state = state

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/sandbox/calls", self.read_journal),
            web.delete("/sandbox/calls", self.clear_journal),
            web.get("/sandbox/settings", self.read_settings),
            web.post("/sandbox/settings", self.change_settings),
        ]

    async def read_journal(self, request: web.Request) -> web.Response:
        return web.json_response(self.state.journal.as_json())

    async def clear_journal(self, request: web.Request) -> web.Response:
        self.state.journal.clear()
        return web.json_response({})

    async def read_settings(self, request: web.Request) -> web.Response:
        return web.json_response(self._settings())

    async def change_settings(self, request: web.Request) -> web.Response:
        try:
            values = await request.json()
        except json.JSONDecodeError:
            return answers.problem(422, "The body must be a JSON object of settings.")
        if not isinstance(values, dict):
            return answers.problem(422, "The body must be a JSON object of settings.")
        try:
            self.state.settings = self.state.settings.changed(values)
        except SettingError as error:
            return answers.problem(422, str(error))
        return web.json_response(self._settings())

    def _settings(self) -> dict[str, Any]:
        return asdict(self.state.settings)
