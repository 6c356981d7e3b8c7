"""The chat models of the pipe: shown ones by valve and key, the hidden one for commands, a guide before any key."""

from __future__ import annotations

import logging
from collections.abc import Callable

from .. import catalog
from ..catalog.entries import COMMANDS_MODEL
from ..errors import ConfigurationError
from ..providers import PROVIDERS
from ..settings import build, names
from ..valves import PipeValves

log = logging.getLogger("flux_studio.models")

SETUP_MODEL = "setup"

KEYS = frozenset({"FLUX_API_KEY", "OPENAI_API_KEY", "OPENAI_CONNECTION", "ALLOW_USER_KEYS"})
"""Valves that say which providers are set up, and that cannot be wrong."""


def shown_models(valves: PipeValves) -> list[dict[str, str]]:
    """Rows for the host's model list; called at every listing, so no network and never an exception."""
    cards = catalog.select(names(valves.MODELS), _configured(valves)).cards
    if not cards:
        return [{"id": SETUP_MODEL, "name": "FLUX Studio (set up)"}]
    rows = [{"id": card.name, "name": card.label} for card in cards]
    return [*rows, {"id": COMMANDS_MODEL, "name": "FLUX Studio commands"}]


def _configured(valves: PipeValves) -> Callable[[str], bool]:
    """Whether a provider is set up. A wrong valve takes no model away: their chats then say which valve it is."""
    try:
        settings = build(valves)
    except ConfigurationError as error:
        log.warning("model list: %s", error.detail)
        settings = build(PipeValves(**valves.model_dump(include=set(KEYS & valves.model_fields_set))))
    return lambda provider: PROVIDERS[provider].configured(settings)
