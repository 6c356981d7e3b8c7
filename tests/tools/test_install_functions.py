"""Writing a function: a host that was busy for a moment is asked once more, a refusal is not argued with."""

from __future__ import annotations

import pytest

from tools.install import functions
from tools.install.bundle import Plugin
from tools.install.client import Refused

PLUGIN = Plugin(id="lamp", name="Lamp", description="Light", everywhere=False, content="class Pipe: ...")


class Host:
    """Answers with the given statuses, then with the function."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.paths: list[str] = []

    def find(self, path: str, what: str) -> None:
        return None

    def post(self, path: str, body: object, what: str) -> dict[str, object]:
        self.paths.append(path)
        if path.endswith("create") and self.statuses:
            raise Refused(what, self.statuses.pop(0), "Error creating function")
        return {"is_active": False}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(functions, "BUSY_PAUSE", 0.0)


def test_a_busy_host_is_asked_once_more():
    host = Host(400)
    assert functions.install_function(host, PLUGIN) == ["created", "switched on"]
    assert host.paths.count("/api/v1/functions/create") == 2


@pytest.mark.parametrize(("statuses", "tries"), [((400, 400), 2), ((403,), 1)])
def test_a_refusal_stays_one(statuses, tries):
    host = Host(*statuses)
    with pytest.raises(Refused):
        functions.install_function(host, PLUGIN)
    assert host.paths == ["/api/v1/functions/create"] * tries
