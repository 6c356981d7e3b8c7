"""The settings of `flux_studio` as the admin and a user stored them, for calls that do not come through its pipe."""

from __future__ import annotations

from ..settings import Settings, build
from ..valves import PipeUserValves, PipeValves
from .rights import FUNCTION


async def stored_settings(user: str | None = None) -> Settings:
    """Build today's settings; raises ConfigurationError naming the valve that is wrong."""
    from open_webui.models.functions import Functions

    stored = await Functions.get_function_valves_by_id(FUNCTION) or {}
    valves = PipeValves(**{name: value for name, value in stored.items() if value is not None})
    personal = await Functions.get_user_valves_by_id_and_user_id(FUNCTION, user) if user else None
    return build(valves, PipeUserValves(**personal) if personal else None)
