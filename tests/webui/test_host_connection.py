"""Key and address of OpenAI that Open WebUI itself has."""

from dataclasses import replace

import pytest

from flux_studio.settings import Secret, Settings
from flux_studio.webui import host_connection

STORED = {
    "image_generation.openai.api_key": "sk-images",
    "image_generation.openai.api_base_url": "https://api.openai.com/v1",
    "openai.api_keys": ["sk-ollama", "", "sk-official"],
    "openai.api_base_urls": ["http://ollama:11434/v1", "http://empty/v1", "https://api.openai.com/v1"],
}


@pytest.fixture
def stored(monkeypatch):
    values = dict(STORED)

    async def read():
        return values

    monkeypatch.setattr(host_connection, "_stored", read)
    return values


async def used(**settings):
    made = await host_connection.with_host_connection(Settings(**{"openai_connection": "host images", **settings}))
    return made.openai_key.reveal(), made.openai_base_url, made.openai_server


async def test_the_own_key_asks_nobody(stored):
    assert (await used(openai_connection="own key", openai_key=Secret("sk-ours")))[0] == "sk-ours"


async def test_the_image_settings(stored):
    assert await used() == ("sk-images", "https://api.openai.com/v1", "openai")
    stored["image_generation.openai.api_base_url"] = "https://me.openai.azure.com"
    stored["image_generation.openai.api_version"] = "2025-05-01"
    assert await used() == ("sk-images", "https://me.openai.azure.com?api-version=2025-05-01", "azure")


async def test_among_several_connections_the_one_of_openai(stored):
    assert await used(openai_connection="host openai") == ("sk-official", "https://api.openai.com/v1", "openai")
    stored["openai.api_keys"] = ["sk-ollama"]
    assert await used(openai_connection="host openai") == ("sk-ollama", "http://ollama:11434/v1", "other")


async def test_a_lookalike_host_is_not_openai(stored):
    stored["openai.api_base_urls"] = ["http://first/v1", "http://empty/v1", "https://api.openai.com.evil.example/v1"]
    assert (await used(openai_connection="host openai"))[1] == "http://first/v1"


async def test_the_kind_the_admin_named_stays(stored):
    assert (await used(openai_server="litellm", openai_server_is_chosen=True))[2] == "litellm"


async def test_nothing_entered_there_is_no_key(stored):
    stored.clear()
    assert (await used(openai_key=Secret("sk-of-the-valve")))[0] == ""


async def test_a_persons_own_key_counts_first(stored):
    personal = Settings(openai_connection="host images", openai_key=Secret("sk-own"), openai_key_is_personal=True)
    assert await host_connection.with_host_connection(personal) == replace(personal)
