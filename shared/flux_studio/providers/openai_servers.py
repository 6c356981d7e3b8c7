"""What each kind of server that speaks OpenAI's images protocol understands: one row, one kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit, urlunsplit

from ..catalog.openai import SERVER_MODEL
from ..errors import ConfigurationError
from ..settings import OpenAIServer, Settings

AZURE_VERSION = "2025-04-01-preview"
"""Taken when the address names no api-version; the first with the image edits of Azure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProfile:
    """One kind of server; what it does not understand is never sent."""

    label: str
    """As people know it, for sentences."""
    catalog: bool = False
    """Whether it serves OpenAI's own models; otherwise only the one of the card "openai-server"."""
    options: bool = False
    """Whether it takes quality, background, format and the like."""
    streams: bool = False
    masks: bool = False
    person: str = ""
    """Field for the hashed id of the person; empty = not sent."""
    base64_wish: bool = False
    """Whether base64 has to be asked for by `response_format`, which OpenAI itself refuses."""
    edits: bool = True


PROFILES: Mapping[OpenAIServer, ServerProfile] = MappingProxyType(
    {
        "openai": ServerProfile(
            label="OpenAI", catalog=True, options=True, streams=True, masks=True, person="safety_identifier"
        ),
        "azure": ServerProfile(
            label="Azure OpenAI", catalog=True, options=True, streams=True, masks=True, person="user"
        ),
        "litellm": ServerProfile(label="LiteLLM", catalog=True, options=True, streams=False, masks=True, person="user"),
        "vllm-omni": ServerProfile(label="vLLM-Omni", base64_wish=True),
        "localai": ServerProfile(label="LocalAI", edits=False, base64_wish=True),
        "other": ServerProfile(label="Image server", base64_wish=True),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How one model is reached: base address, what is added to each call, and the name of the model there."""

    base_url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """The key, in the header this kind of server reads; empty for a server without keys."""
    model: str


def profile_of(settings: Settings) -> ServerProfile:
    return PROFILES[settings.openai_server]


def connection(settings: Settings, card: str) -> Connection:
    """Return where and how a model is called.

    Azure has two forms: with /openai/v1 in the address the usual one, otherwise one address per deployment.
    Raises ConfigurationError when the server's own name of its model is missing.
    """
    parts = urlsplit(settings.openai_base_url)
    key = settings.openai_key.reveal()
    model = model_name(settings, card)
    query = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    path = parts.path
    if settings.openai_server == "azure":
        headers = {"api-key": key} if key else {}
        if not path.endswith("/v1"):
            path = f"{path.removesuffix('/openai')}/openai/deployments/{model}"
            query.setdefault("api-version", AZURE_VERSION)
    base = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    return Connection(base_url=base, query=query, headers=headers, model=model)


def model_name(settings: Settings, card: str) -> str:
    """The model's name at the server: the admin's, else that of the card. Raises ConfigurationError."""
    named = settings.openai_names.get(card)
    if named is None and card == SERVER_MODEL:
        raise ConfigurationError(
            "The model of the image server has no name yet: an admin sets OPENAI_MODEL_NAMES in the valves of "
            f"FLUX Studio to {SERVER_MODEL}=NAME, with the name the server has for it."
        )
    return named or card
