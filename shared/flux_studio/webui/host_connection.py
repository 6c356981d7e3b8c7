"""The key and address of OpenAI that Open WebUI itself has, where the admin chose to use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..settings import Secret, Settings, base_url, server_kind

IMAGES = ("image_generation.openai.api_key", "image_generation.openai.api_base_url")
VERSION = "image_generation.openai.api_version"
"""Set there for Azure only."""
CONNECTIONS = ("openai.api_keys", "openai.api_base_urls")
"""Names in the host's stored configuration: Settings → Images, and Settings → Connections."""


async def with_host_connection(settings: Settings) -> Settings:
    """Return the settings with the host's own key and address, unless the admin entered one for us.

    A person's own key counts before it. Raises ConfigurationError for an address that cannot be used.
    """
    if settings.openai_connection == "own key" or settings.openai_key_is_personal:
        return settings
    key, address = _chosen(settings, await _stored())
    if not key:
        return replace(settings, openai_key=Secret())
    address = base_url("address of OpenAI in Open WebUI's own settings", address)
    kind = settings.openai_server if settings.openai_server_is_chosen else server_kind("auto", address)
    return replace(settings, openai_key=Secret(key), openai_base_url=address, openai_server=kind)


async def _stored() -> Mapping[str, object]:
    from open_webui.models.config import Config

    return dict(await Config.get_many(*IMAGES, VERSION, *CONNECTIONS))


def _chosen(settings: Settings, stored: Mapping[str, object]) -> tuple[str, str]:
    """Key and address of the chosen connection; among several connections the one of OpenAI, else the first."""
    if settings.openai_connection == "host images":
        key, address = (str(stored.get(name) or "") for name in IMAGES)
        version = str(stored.get(VERSION) or "").strip()
        return key.strip(), f"{address}?api-version={version}" if version and "?" not in address else address
    keys, addresses = (_texts(stored.get(name)) for name in CONNECTIONS)
    pairs = [(key.strip(), address) for key, address in zip(keys, addresses, strict=False) if key.strip()]
    official = [pair for pair in pairs if server_kind("auto", pair[1]) == "openai"]
    return next(iter([*official, *pairs]), ("", ""))


def _texts(value: object) -> list[str]:
    return [str(entry) for entry in value] if isinstance(value, list | tuple) else []
