"""
title: FLUX Studio commands
author: the FLUX Studio authors
description: Slash commands in any chat: /imagine, /edit, /vary, /area and more. Every other message goes on untouched.
version: 0.1.0
required_open_webui_version: 0.12.4
license: MIT
"""

from collections.abc import Mapping
from typing import Any

from flux_studio.valves import CommandsValves
from flux_studio.webui import rerouting
from flux_studio.webui.guard import unchanged_on_failure


class Filter:
    """Looks at every message of every chat, and takes the commands among them."""

    Valves = CommandsValves

    def __init__(self) -> None:
        self.valves = self.Valves()

    async def inlet(
        self,
        body: dict[str, Any],
        __user__: Mapping[str, Any] | None = None,
        __metadata__: dict[str, Any] | None = None,
        __request__: Any = None,
    ) -> dict[str, Any]:
        valves = self.valves

        async def look() -> dict[str, Any]:
            if not __user__ or not rerouting.is_command(body, __metadata__, valves):
                return body
            return await rerouting.rerouted(body, __metadata__, __user__, __request__.app)

        return await unchanged_on_failure("commands filter", body, look())
