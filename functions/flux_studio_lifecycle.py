"""
title: FLUX Studio lifecycle
author: the FLUX Studio authors
description: After a restart finishes paid pictures and repairs their messages; makes missing model entries.
version: 0.1.0
required_open_webui_version: 0.12.4
license: MIT
"""

from collections.abc import Mapping
from typing import Any

from flux_studio.webui import lifecycle
from flux_studio.webui.guard import guarded


class Event:
    """Listens to the host's events."""

    async def event(self, event: Mapping[str, Any], __app__: Any = None) -> None:
        async with guarded("lifecycle event"):
            await lifecycle.handle(event, __app__)
