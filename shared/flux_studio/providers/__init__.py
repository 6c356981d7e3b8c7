"""The literal table of providers; a new one is one file and one row here."""

from __future__ import annotations

from ..errors import ConfigurationError
from .base import Provider, RunContext
from .bfl import BlackForestLabs
from .engine import OwnEngine
from .openai import OpenAIImages, OpenAIServer

PROVIDERS: dict[str, Provider] = {
    "bfl": BlackForestLabs(),
    "openai": OpenAIImages(),
    "openai_server": OpenAIServer(),
    "engine": OwnEngine(),
}


def provider(name: str) -> Provider:
    """Return the provider of a model card; raises ConfigurationError for an unknown name."""
    try:
        return PROVIDERS[name]
    except KeyError:
        known = ", ".join(sorted(PROVIDERS))
        raise ConfigurationError(f"There is no provider “{name}” in this release; known are: {known}.") from None


__all__ = ["PROVIDERS", "Provider", "RunContext", "provider"]
