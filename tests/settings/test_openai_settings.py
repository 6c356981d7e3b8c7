"""OpenAI's key, address and kind of server, out of valves and environment."""

from __future__ import annotations

import pytest

from flux_studio.errors import ConfigurationError
from flux_studio.settings import build
from flux_studio.valves import PipeUserValves, PipeValves


def settings(environ=None, user=None, **valves):
    return build(PipeValves(**valves), PipeUserValves(**user) if user else None, environ or {})


@pytest.mark.parametrize(
    ("valves", "environ", "key"),
    [
        ({}, {}, ""),
        ({"OPENAI_API_KEY": "sk-valve"}, {"OPENAI_API_KEY": "sk-env"}, "sk-valve"),
        ({}, {"OPENAI_API_KEY": "sk-env"}, "sk-env"),
        ({"OPENAI_API_KEY": "your-key"}, {"OPENAI_API_KEY": "sk-env"}, "sk-env"),
        ({}, {"OPENAI_API_KEY": "sk-env", "OPENAI_API_BASE_URL": "https://api.openai.com/v1"}, "sk-env"),
        # Open WebUI's own key for another server must not go to OpenAI
        ({}, {"OPENAI_API_KEY": "sk-proxy", "OPENAI_API_BASE_URL": "http://litellm:4000/v1"}, ""),
        (
            {"OPENAI_API_BASE_URL": "http://litellm:4000"},
            {"OPENAI_API_KEY": "k", "OPENAI_API_BASE_URL": "http://litellm:4000/v1"},
            "k",
        ),
        ({}, {"FLUX_OPENAI_API_KEY": "sk-ours", "OPENAI_API_KEY": "sk-theirs"}, "sk-ours"),
    ],
)
def test_where_the_key_comes_from(valves, environ, key):
    assert settings(environ, **valves).openai_key.reveal() == key


@pytest.mark.parametrize(("allowed", "key"), [(True, "sk-own"), (False, "sk-admin")])
def test_a_persons_own_key_counts_where_the_admin_allows_it(allowed, key):
    made = settings(user={"OPENAI_API_KEY": "sk-own"}, OPENAI_API_KEY="sk-admin", ALLOW_USER_KEYS=allowed)
    assert made.openai_key.reveal() == key
    assert made.openai_key_is_personal is allowed


@pytest.mark.parametrize(
    ("address", "base", "kind"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1", "openai"),
        ("https://api.openai.com", "https://api.openai.com/v1", "openai"),
        ("https://api.openai.com/v1/images/generations", "https://api.openai.com/v1", "openai"),
        ("https://API.openai.com/v1/", "https://api.openai.com/v1", "openai"),
        ("https://me.openai.azure.com", "https://me.openai.azure.com", "azure"),
        ("https://me.openai.azure.com/openai/v1/", "https://me.openai.azure.com/openai/v1", "azure"),
        (
            "https://me.openai.azure.com/?api-version=2025-05-01",
            "https://me.openai.azure.com?api-version=2025-05-01",
            "azure",
        ),
        ("http://localhost:8080", "http://localhost:8080/v1", "other"),
        ("http://localhost:4000/proxy/v1", "http://localhost:4000/proxy/v1", "other"),
    ],
)
def test_pasted_addresses_become_a_base_address(address, base, kind):
    made = settings(OPENAI_API_BASE_URL=address)
    assert (made.openai_base_url, made.openai_server) == (base, kind)


@pytest.mark.parametrize("address", ["api.openai.com", "ftp://x", "http://", "http://user:word@host/v1", "http://[::1"])
def test_what_is_no_address_is_refused_without_repeating_it(address):
    with pytest.raises(ConfigurationError, match="OPENAI_API_BASE_URL must be an address such as https") as caught:
        settings(OPENAI_API_BASE_URL=address)
    assert "word" not in caught.value.sentence


def test_the_admin_may_name_the_kind_of_server():
    made = settings(OPENAI_API_BASE_URL="http://proxy:4000", OPENAI_SERVER="litellm")
    assert (made.openai_server, made.openai_server_is_chosen) == ("litellm", True)
    with pytest.raises(ConfigurationError, match="OPENAI_SERVER must be auto"):
        settings({"FLUX_OPENAI_SERVER": "gradio"})


def test_names_of_models_at_the_server():
    assert settings(OPENAI_MODEL_NAMES="GPT-Image-2 = mine, openai-server=flux.1-dev").openai_names == {
        "gpt-image-2": "mine",
        "openai-server": "flux.1-dev",
    }


@pytest.mark.parametrize("text", ["gpt-image-2", "=mine", "gpt-image-2=", "a=b,,c"])
def test_names_that_are_no_pairs_are_refused(text):
    with pytest.raises(ConfigurationError, match="OPENAI_MODEL_NAMES must hold pairs"):
        settings(OPENAI_MODEL_NAMES=text)


def test_the_key_never_shows():
    assert "sk-1234" not in repr(settings(OPENAI_API_KEY="sk-1234"))
