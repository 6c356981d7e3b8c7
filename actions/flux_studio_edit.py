"""
title: FLUX Studio Edit area
author: the FLUX Studio authors
description: Paint on a picture and say what should be there; every other pixel stays as it was.
version: 0.1.0
required_open_webui_version: 0.12.4
license: MIT
"""

from collections.abc import Mapping
from typing import Any

from flux_studio.errors import StudioError
from flux_studio.valves import EditValves
from flux_studio.webui import icons, pages
from flux_studio.webui.caller import caller
from flux_studio.webui.editor import overlay
from flux_studio.webui.guard import guarded

PAGE = ""


class Action:
    """Opens the editor, and answers the calls of every page."""

    Valves = EditValves
    page = PAGE
    """The built editor, for whoever opens it."""
    actions = [{"id": "edit", "name": "Edit area", "icon_url": icons.EDIT}]  # noqa: RUF012

    def __init__(self) -> None:
        self.valves = self.Valves()

    async def action(
        self,
        body: dict[str, Any],
        __user__: Mapping[str, Any],
        __request__: Any,
        __event_emitter__: Any = None,
        __event_call__: Any = None,
    ) -> dict[str, Any] | None:
        user = (await caller(__user__, __request__)).user
        if body.get("event") is not None:
            return await pages.respond(body, user, __request__.app)
        try:
            async with guarded("edit area button"):
                await overlay.press(body, user, __request__.app, __event_call__, PAGE)
        except StudioError as error:
            await __event_emitter__({"type": "notification", "data": {"type": "warning", "content": error.sentence}})
        return None
