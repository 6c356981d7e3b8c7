"""
title: FLUX Studio
author: the FLUX Studio authors
description: FLUX and OpenAI's image models as chat models: type a prompt, get a picture; attach one to edit it.
version: 0.1.0
required_open_webui_version: 0.12.4
license: MIT
"""

from collections.abc import Mapping
from typing import Any

from flux_studio import logs
from flux_studio.settings import build
from flux_studio.valves import PipeUserValves, PipeValves
from flux_studio.webui import tasks, turn
from flux_studio.webui.caller import caller
from flux_studio.webui.guard import guarded
from flux_studio.webui.host_connection import with_host_connection
from flux_studio.webui.models import shown_models


class Pipe:
    """A manifold: one chat model per image model."""

    Valves = PipeValves
    UserValves = PipeUserValves

    def __init__(self) -> None:
        self.valves = self.Valves()

    def pipes(self) -> list[dict[str, str]]:
        return shown_models(self.valves)

    async def pipe(
        self,
        body: dict[str, Any],
        __user__: Mapping[str, Any],
        __request__: Any,
        __metadata__: Mapping[str, Any] | None = None,
        __event_emitter__: Any = None,
        __event_call__: Any = None,
        __task__: str | None = None,
        __task_body__: Mapping[str, Any] | None = None,
    ) -> str:
        if __task__:
            return tasks.reply(str(__task__), __task_body__)
        valves, personal = self.valves, __user__.get("valves")
        async with guarded("chat answer"):
            own = personal if isinstance(personal, PipeUserValves) else None
            settings = await with_host_connection(build(valves, own))
            logs.configure(settings)
            asking = await caller(__user__, __request__, __metadata__, __event_emitter__, __event_call__)
            return await turn.answer(asking, body, settings)
