"""Settings out of the host's tables, which may hold what an older or newer release has written."""

from __future__ import annotations

import pytest

from flux_studio.cache import LeastRecentlyUsed
from flux_studio.errors import ConfigurationError
from flux_studio.types import Size
from flux_studio.webui import files
from flux_studio.webui.stored import stored_editor_settings, stored_settings
from tests.webui.host_doubles import put


@pytest.fixture
def tables(monkeypatch):
    stored = {"valves": {}, "personal": {}}

    class Functions:
        @staticmethod
        async def get_function_valves_by_id(identifier):
            return stored["valves"]

        @staticmethod
        async def get_user_valves_by_id_and_user_id(identifier, user):
            return stored["personal"]

    put(monkeypatch, "open_webui.models.functions", Functions=Functions)
    return stored


async def test_own_values_count_when_they_can_be_read(tables):
    tables["valves"] = {"ALLOW_USER_KEYS": True, "FLUX_API_KEY": "key-of-the-admin"}
    tables["personal"] = {"FLUX_API_KEY": "key-of-ann"}
    assert (await stored_settings("ann")).flux_key.reveal() == "key-of-ann"
    assert (await stored_settings()).flux_key.reveal() == "key-of-the-admin"


async def test_a_broken_user_valve_keeps_no_paid_picture_from_its_end(tables):
    """As in the host: a person's values that do not fit count as not set."""
    tables["valves"] = {"FLUX_API_KEY": "key-of-the-admin"}
    tables["personal"] = {"OUTPUT_FORMAT": "tiff"}
    assert (await stored_settings("ann")).output_format == "jpeg"


async def test_a_broken_admin_valve_is_named_without_its_value(tables):
    tables["valves"] = {"JOB_TIMEOUT": "secret text"}
    with pytest.raises(ConfigurationError, match="JOB_TIMEOUT") as raised:
        await stored_settings()
    assert "secret text" not in raised.value.detail


async def test_the_admin_says_how_many_pictures_are_remembered(tables, monkeypatch):
    monkeypatch.setattr(files, "SEEN", LeastRecentlyUsed(1024))
    for name in ("a", "b", "c"):
        files.SEEN.put(name, files.FileFacts(id=name, mime="image/png", size=Size(width=1, height=1)))
    tables["valves"] = {"CACHE_SIZE": 1}
    await stored_editor_settings("ann")
    assert len(files.SEEN) == 1
