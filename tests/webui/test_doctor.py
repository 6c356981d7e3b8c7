"""The doctor's look from inside, where things are not as they should be."""

from __future__ import annotations

import io
import time
from types import SimpleNamespace
from typing import Any

import pytest

from flux_studio.errors import AuthenticationFailed, ConfigurationError, StorageError
from flux_studio.limits import read_group_limits
from flux_studio.settings import Secret, Settings
from flux_studio.webui import doctor, worker
from flux_studio.webui.job_table import SCHEMA_VERSION
from flux_studio.webui.job_transactions import StoreFacts
from tests.webui.host_doubles import put

KEY = Settings(flux_key=Secret("a-secret-key"))


class Disk:
    """The host's storage; broken when it does not give back what it got."""

    def __init__(self, folder: Any) -> None:
        self.folder, self.broken = folder, False

    def upload_file(self, stream: io.BytesIO, name: str, tags: Any) -> tuple[bytes, str]:
        path = self.folder / name
        path.write_bytes(b"" if self.broken else stream.read())
        return b"", str(path)

    def get_file(self, path: str) -> str:
        return path

    def delete_file(self, path: str) -> None:
        (self.folder / path).unlink()


class Healthy:
    """A host in order; tests spoil one thing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Any) -> None:
        self.settings: Any = KEY
        self.valves: dict[str, str] = {}
        self.credits: Any = 12.0
        self.mine: Any = ("a", "b")
        self.facts: Any = StoreFacts(kind="PostgreSQL", version=SCHEMA_VERSION, now=time.time())
        self.entries: dict[str, Any] = {}
        self.access = [{"principal_type": "user", "principal_id": "*", "permission": "read"}]
        self.permissions: Any = {"features": {"image_generation": True}}
        self.env = {"ENABLE_VALVE_ENCRYPTION": False}
        self.disk = Disk(folder)
        monkeypatch.setattr(doctor, "stored_settings", self._settings)
        monkeypatch.setattr(doctor, "stored_valves", self._valves)
        monkeypatch.setattr(doctor, "credits", self._credits)
        monkeypatch.setattr(doctor, "Finetunes", lambda settings: SimpleNamespace(mine=self._mine))
        monkeypatch.setattr(worker, "job_store", lambda: SimpleNamespace(facts=self._facts))
        put(monkeypatch, "open_webui", env=SimpleNamespace())
        put(monkeypatch, "open_webui.config", STORAGE_PROVIDER="local")
        put(monkeypatch, "open_webui.storage.provider", Storage=self.disk)
        put(monkeypatch, "open_webui.models.groups", Groups=SimpleNamespace(get_all_groups=self._groups))
        put(monkeypatch, "open_webui.models.models", Models=SimpleNamespace(get_model_by_id=self._entry))
        put(monkeypatch, "open_webui.models.config", Config=SimpleNamespace(get=self._config))

    async def look(self) -> dict[str, doctor.Finding]:
        return {finding.name: finding for finding in await doctor.examine()}

    async def _settings(self) -> Settings:
        return _given(self.settings)

    async def _valves(self, function: str) -> dict[str, str]:
        return self.valves

    async def _credits(self, settings: Settings) -> float:
        return _given(self.credits)

    async def _mine(self) -> tuple[str, ...]:
        return _given(self.mine)

    async def _facts(self) -> StoreFacts:
        return _given(self.facts)

    async def _groups(self) -> list[Any]:
        return [SimpleNamespace(name="Design")]

    async def _entry(self, name: str) -> Any:
        return self.entries.get(name, SimpleNamespace(is_active=True, access_grants=self.access))

    async def _config(self, name: str) -> Any:
        return self.permissions


def _given(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


@pytest.fixture
def host(monkeypatch, tmp_path) -> Healthy:
    return Healthy(monkeypatch, tmp_path)


async def test_a_host_in_order_has_no_fault_and_shows_no_key(host):
    found = await host.look()
    assert {name for name, finding in found.items() if finding.state != "ok"} == set()
    assert "12 credits left" in found["BFL key"].text
    assert "for everyone" in found["models"].text
    assert found["finetunes"].text == "2 at https://api.us1.bfl.ai"
    assert "a-secret-key" not in str(found)
    assert list(host.disk.folder.iterdir()) == [], "the probe is deleted"


@pytest.mark.parametrize(
    ("name", "spoil", "state", "words"),
    [
        ("valves", {"settings": ConfigurationError("The valve RATE_LIMIT must be")}, "fault", "RATE_LIMIT"),
        ("BFL key", {"credits": AuthenticationFailed("BFL did not accept the key", provider="bfl")}, "fault", "accept"),
        ("BFL key", {"credits": -0.5}, "fault", "buy credits"),
        ("BFL key", {"settings": Settings()}, "fault", "set FLUX_API_KEY"),
        ("providers", {"settings": Settings()}, "fault", "Black Forest Labs not set up"),
        ("encryption", {"valves": {"FLUX_API_KEY": "a-secret-key"}}, "note", "ENABLE_VALVE_ENCRYPTION=True"),
        ("limits", {"settings": Settings(group_limits=read_group_limits("Press: 5 a day"))}, "fault", "there are Design"),
        ("finetunes", {"mine": AuthenticationFailed("no right to finetunes", provider="bfl")}, "note", "no right"),
        (
            "finetunes",
            {"settings": Settings(flux_key=Secret("k"), flux_endpoint="https://api.eu.bfl.ai")},
            "note",
            "in EU, finetunes in US: set FLUX_FINETUNE_ENDPOINT to https://api.eu1.bfl.ai",
        ),
        ("database", {"facts": StoreFacts(kind="SQLite", version=99, now=time.time())}, "note", "newer release"),
        ("database", {"facts": StoreFacts(kind="SQLite", version=1, now=5.0)}, "fault", "NTP"),
        ("database", {"facts": StorageError("The database did not answer")}, "fault", "did not answer"),
        ("database", {"facts": RuntimeError("a secret address")}, "fault", "in the log under"),
        ("models", {"access": []}, "note", "--access public"),
        ("models", {"entries": {"flux_studio.flux-2-pro": None}}, "note", "no entry for flux-2-pro"),
        ("models", {"settings": Settings(flux_key=Secret("k"), models=("flux-9",))}, "fault", "flux-9"),
        ("image permission", {"permissions": {"features": {"image_generation": False}}}, "note", "groups"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named_with_what_to_do(host, name, spoil, state, words):
    for field, value in spoil.items():
        setattr(host, field, value)
    found = await host.look()
    assert found[name].state == state
    assert words in found[name].text
    assert "a-secret-key" not in str(found)
    assert {"database", "storage", "encryption"} <= set(found), "the other checks go on"


async def test_a_disk_that_forgets_is_a_fault(host):
    host.disk.broken = True
    assert (await host.look())["storage"].state == "fault"
