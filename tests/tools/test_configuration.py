"""The backup of all valves: what is in it, and that a file that does not fit changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tools.install.configuration import FORMAT, checked, export, parse, read, restore, secrets_of
from tools.install.failure import InstallError

SECRET = {"type": "string", "input": {"type": "password"}}
SCHEMA: dict[str, Any] = {
    "properties": {
        "KEY": SECRET,
        "LIMIT": {"type": "integer"},
        "SECONDS": {"type": "number"},
        "SWITCH": {"type": "boolean"},
        "FORMAT": {"enum": ["jpeg", "png"], "type": "string"},
        "NAME": {"type": "string"},
    }
}


def document(valves: Any, **changes: Any) -> dict[str, Any]:
    return {"format": FORMAT, "version": 1, "valves": valves, **changes}


class Plugins:
    version = "0.1.0"
    ids = ("flux_studio", "flux_studio_edit")

    @property
    def plugins(self) -> list[Any]:
        return [type("Plugin", (), {"id": name}) for name in self.ids]


class Host:
    """The calls of an Open WebUI that has these valves stored; `None` means that the function is not there."""

    def __init__(self, **stored: dict[str, Any] | None) -> None:
        self.stored, self.posts = stored, []

    def find(self, path: str, what: str) -> Any:
        return self.stored.get(path.split("/")[5])

    def get(self, path: str, what: str) -> Any:
        return SCHEMA if path.endswith("/spec") else self.stored[path.split("/")[5]]

    def post(self, path: str, body: Any, what: str) -> Any:
        self.posts.append((path.split("/")[5], body))


def test_secrets_are_named_and_not_written():
    host = Host(flux_studio={"KEY": "sk-secret", "LIMIT": 3, "NAME": None}, flux_studio_edit=None)
    made = export(host, Plugins())  # type: ignore[arg-type]
    assert made["valves"] == {"flux_studio": {"LIMIT": 3}}
    assert made["secrets_left_out"] == ["flux_studio.KEY"]
    assert "sk-secret" not in str(made)


def test_import_sets_what_is_named_and_keeps_secrets():
    host = Host(flux_studio={"KEY": "sk-secret", "LIMIT": 3, "NAME": "x"}, flux_studio_edit={"SWITCH": True})
    wanted = document({"flux_studio": {"LIMIT": 4, "FORMAT": "png"}, "flux_studio_edit": {"SWITCH": True}})
    changes = [str(change).split() for change in restore(host, Plugins(), wanted)]  # type: ignore[arg-type]
    assert host.posts == [("flux_studio", {"KEY": "sk-secret", "LIMIT": 4, "FORMAT": "png"})]
    assert [change[-1] for change in changes] == ["NAME", "unchanged"]


def test_nothing_is_written_when_anything_does_not_fit():
    host = Host(flux_studio={"LIMIT": 3}, flux_studio_edit={})
    wanted = document({"flux_studio": {"LIMIT": 4}, "flux_studio_edit": {"LIMIT": "many"}})
    with pytest.raises(InstallError, match="LIMIT must be a whole number"):
        list(restore(host, Plugins(), wanted))  # type: ignore[arg-type]
    assert host.posts == []


@pytest.mark.parametrize("function", ["flux_studio_edit", "somebody_elses"])
def test_a_function_that_is_not_there_is_named(function):
    host = Host(flux_studio={}, flux_studio_edit=None, somebody_elses={})
    with pytest.raises(InstallError, match=f"{function} is not installed there"):
        list(restore(host, Plugins(), document({function: {}})))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("valves", "words"),
    [
        ({"KEY": "sk"}, "f.KEY is a secret"),
        ({"NONE": 1}, "f has no valve NONE; it has KEY"),
        ({"LIMIT": ""}, "LIMIT must be a whole number"),
        ({"LIMIT": 1.5}, "LIMIT must be a whole number"),
        ({"SWITCH": 3}, "SWITCH must be on or off"),
        ({"FORMAT": "gif"}, "FORMAT must be one of jpeg, png"),
        ({"NAME": ["a"]}, "f.NAME must be text, a number"),
        ({"NAME": None}, "f.NAME must be text, a number"),
    ],
)
def test_a_value_that_does_not_fit_is_named(valves, words):
    with pytest.raises(InstallError, match=words):
        dict(checked("f", valves, SCHEMA, secrets_of(SCHEMA)))


def test_values_come_back_in_their_own_types():
    valves = {"LIMIT": 1, "SECONDS": 2.5, "SWITCH": False, "FORMAT": "png", "NAME": ""}
    assert dict(checked("f", valves, SCHEMA, set())) == valves


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ([], "no file that `studio.py config export` has written"),
        ({"valves": {}}, "no file that"),
        (document([]), "no file that"),
        (document({"flux_studio": 1}), "no file that"),
        (document({}, version=2), "version 2; this release reads 1"),
    ],
)
def test_a_foreign_file_is_refused(made, words):
    with pytest.raises(InstallError, match=words):
        read(made)


def test_what_is_no_json_is_refused():
    with pytest.raises(InstallError, match="no JSON"):
        parse("{")
