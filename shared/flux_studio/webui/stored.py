"""The settings as the admin and a user stored them, for calls that do not come through the pipe."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from .. import commands
from ..errors import ConfigurationError
from ..settings import Settings, build, for_editor
from ..valves import EditValves, PipeUserValves, PipeValves
from . import files
from .host_connection import with_host_connection
from .rights import FUNCTION

log = logging.getLogger("flux_studio.stored")

EDITOR = "flux_studio_edit"
"""Id of the editor's Action plugin."""

COMMANDS = "flux_studio_commands"
"""Id of the Filter plugin."""

V = TypeVar("V", bound=BaseModel)


async def stored_settings(user: str | None = None) -> Settings:
    """Build today's settings; raises ConfigurationError naming the valve that is wrong."""
    made = build(_valves(PipeValves, await stored_valves(FUNCTION)), await _personal(user))
    return await with_host_connection(made)


async def stored_editor_settings(user: str) -> tuple[Settings, EditValves]:
    """Build the settings for jobs of the editor, with the valves they come from; raises ConfigurationError."""
    valves = _valves(EditValves, await stored_valves(EDITOR))
    settings = for_editor(_valves(PipeValves, await stored_valves(FUNCTION)), valves, await _personal(user))
    files.SEEN.resize(settings.cache_size)  # the editor is who asks about pictures
    return await with_host_connection(settings), valves


async def enabled_commands() -> frozenset[str]:
    """The words that are commands, by the valve of the filter; all of them where it is not installed."""
    return commands.enabled_commands(str((await stored_valves(COMMANDS)).get("COMMANDS", "")))


async def stored_valves(function: str) -> dict[str, Any]:
    """What an admin has set of a function's valves."""
    from open_webui.models.functions import Functions

    stored = await Functions.get_function_valves_by_id(function) or {}
    return {name: value for name, value in stored.items() if value is not None}


async def _personal(user: str | None) -> PipeUserValves | None:
    from open_webui.models.functions import Functions

    stored = await Functions.get_user_valves_by_id_and_user_id(FUNCTION, user) if user else None
    if not stored:
        return None
    try:
        return PipeUserValves(**stored)
    except ValidationError as error:
        # as in the host, a person's values that do not fit count as not set
        log.warning("the user valves of a person do not fit: %d faults", error.error_count())
        return None


def _valves(kind: type[V], stored: Mapping[str, Any]) -> V:
    try:
        return kind(**stored)
    except ValidationError as error:
        wrong = ", ".join(sorted({str(fault["loc"][0]) for fault in error.errors(include_input=False)}))
        raise ConfigurationError(
            f"The valves of FLUX Studio hold values that do not fit: {wrong}. An admin has to set them again."
        ) from None
