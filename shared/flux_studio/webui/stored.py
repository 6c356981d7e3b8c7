"""The settings as the admin and a user stored them, for calls that do not come through the pipe."""

from __future__ import annotations

from typing import Any

from ..settings import Settings, build, for_editor
from ..valves import EditValves, PipeUserValves, PipeValves
from .rights import FUNCTION

EDITOR = "flux_studio_edit"
"""Id of the editor's Action plugin."""


async def stored_settings(user: str | None = None) -> Settings:
    """Build today's settings; raises ConfigurationError naming the valve that is wrong."""
    return build(PipeValves(**await _stored(FUNCTION)), await _personal(user))


async def stored_editor_settings(user: str) -> tuple[Settings, EditValves]:
    """Build the settings for jobs of the editor, with the valves they come from; raises ConfigurationError."""
    valves = EditValves(**await _stored(EDITOR))
    return for_editor(PipeValves(**await _stored(FUNCTION)), valves, await _personal(user)), valves


async def _stored(function: str) -> dict[str, Any]:
    from open_webui.models.functions import Functions

    stored = await Functions.get_function_valves_by_id(function) or {}
    return {name: value for name, value in stored.items() if value is not None}


async def _personal(user: str | None) -> PipeUserValves | None:
    from open_webui.models.functions import Functions

    personal = await Functions.get_user_valves_by_id_and_user_id(FUNCTION, user) if user else None
    return PipeUserValves(**personal) if personal else None
