"""
title: FLUX Studio tools
author: the FLUX Studio authors
description: Buttons below pictures. Vary makes another, Reuse settings repeats it, Info shows how it was made.
version: 0.1.0
required_open_webui_version: 0.12.4
license: MIT
"""

from collections.abc import Mapping
from typing import Any

from flux_studio.errors import StudioError
from flux_studio.valves import ToolsValves
from flux_studio.webui import details, icons, pages
from flux_studio.webui.caller import caller
from flux_studio.webui.guard import guarded
from flux_studio.webui.reuse_button import press_reuse
from flux_studio.webui.vary_button import press_vary


class Action:
    """One icon per tool below every answer."""

    Valves = ToolsValves
    actions = [  # noqa: RUF012
        {"id": "vary", "name": "Vary", "icon_url": icons.VARY},
        {"id": "reuse", "name": "Reuse settings", "icon_url": icons.REUSE},
        {"id": "info", "name": "How this picture was made", "icon_url": icons.INFO},
    ]

    def __init__(self) -> None:
        self.valves = self.Valves()

    async def action(
        self,
        body: dict[str, Any],
        __user__: Mapping[str, Any],
        __request__: Any,
        __id__: str = "info",
        __event_emitter__: Any = None,
        __event_call__: Any = None,
    ) -> dict[str, Any] | None:
        user = (await caller(__user__, __request__)).user
        if body.get("event") is not None:
            return await pages.respond(body, user, __request__.app)
        try:
            async with guarded(f"{__id__} button"):
                if __id__ == "vary":
                    await press_vary(body, user, __request__.app, __event_call__)
                elif __id__ == "reuse":
                    await press_reuse(body, user, __event_call__)
                else:
                    await details.show_details(body, user, __event_call__)
        except StudioError as error:
            await __event_emitter__({"type": "notification", "data": {"type": "warning", "content": error.sentence}})
        return None
