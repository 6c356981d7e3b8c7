"""The settings of `flux_studio` as the admin and a user stored them, for calls that do not come through its pipe."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ..errors import ConfigurationError
from ..settings import Settings, build
from ..valves import PipeUserValves, PipeValves
from .rights import FUNCTION

log = logging.getLogger("flux_studio.stored")


async def stored_settings(user: str | None = None) -> Settings:
    """Build today's settings; raises ConfigurationError naming the valve that is wrong."""
    from open_webui.models.functions import Functions

    stored = await Functions.get_function_valves_by_id(FUNCTION) or {}
    personal = await Functions.get_user_valves_by_id_and_user_id(FUNCTION, user) if user else None
    return build(_valves(stored), _personal(personal or {}))


def _valves(stored: Mapping[str, Any]) -> PipeValves:
    try:
        return PipeValves(**{name: value for name, value in stored.items() if value is not None})
    except ValidationError as error:
        wrong = ", ".join(sorted({str(fault["loc"][0]) for fault in error.errors(include_input=False)}))
        raise ConfigurationError(
            f"The valves of FLUX Studio hold values that do not fit: {wrong}. An admin has to set them again."
        ) from None


def _personal(stored: Mapping[str, Any]) -> PipeUserValves | None:
    """As in the host, a person's values that do not fit count as not set."""
    try:
        return PipeUserValves(**stored)
    except ValidationError as error:
        log.warning("the user valves of a person do not fit: %d faults", error.error_count())
        return None
