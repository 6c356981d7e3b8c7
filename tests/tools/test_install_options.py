"""The installer's command line and environment, its valves, its bundle: everything before the first call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.install import bundle, options
from tools.install.access import read_access, same
from tools.install.command import release
from tools.install.failure import InstallError
from tools.install.valves import Assignment, merged, parse

SCHEMA: dict[str, Any] = {
    "properties": {
        "KEY": {"type": "string"},
        "LIMIT": {"type": "integer", "minimum": 0, "maximum": 10},
        "TIMEOUT": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "SWITCH": {"type": "boolean"},
        "FORMAT": {"enum": ["jpeg", "png"], "type": "string"},
        "NAMES": {"type": "array", "items": {"type": "string"}},
    }
}


def read(*arguments: str, environ: dict[str, str] | None = None) -> options.Options:
    return options.read(arguments, environ or {}, program="install", installing=True, ask=lambda prompt: "asked")


def test_every_option_is_also_an_environment_variable() -> None:
    environ = {
        "STUDIO_URL": "http://host",
        "STUDIO_EMAIL": "a@example.com",
        "STUDIO_PASSWORD": "secret",
        "STUDIO_ACCESS": "group:A, group:B",
        "STUDIO_VALVE": "FLUX_API_KEY=k=1\nflux_studio_edit.STEPS=40\n",
    }
    given = read(environ=environ)
    assert (given.url, given.email, given.password) == ("http://host", "a@example.com", "secret")
    assert given.access == ["group:A", "group:B"]
    assert given.valves == (
        Assignment(function="flux_studio", name="FLUX_API_KEY", value="k=1"),
        Assignment(function="flux_studio_edit", name="STEPS", value="40"),
    )


def test_the_command_line_wins_over_the_environment() -> None:
    environ = {"STUDIO_URL": "http://other", "STUDIO_API_KEY": "k", "STUDIO_ACCESS": "public"}
    given = read("--url", "http://host", "--access", "private", environ=environ)
    assert (given.url, given.access) == ("http://host", ["private"])


def test_access_not_given_is_neither_private_nor_public() -> None:
    assert read("--url", "http://host", "--api-key", "k").access is None


def test_a_password_left_out_is_asked_for() -> None:
    assert read("--url", "http://host", "--email", "a@example.com").password == "asked"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Which Open WebUI?"),
        (["--url", "http://host"], "Sign in as an admin"),
        (["--url", "http://host", "--api-key", "k", "--access", "all"], "--access is private, public or group:NAME"),
        (["--url", "http://host", "--api-key", "k", "--valve", "secret"], "A valve is written"),
    ],
)
def test_what_is_missing_gets_one_sentence(arguments: list[str], sentence: str) -> None:
    with pytest.raises(InstallError) as caught:
        read(*arguments)
    assert str(caught.value).startswith(sentence)
    assert "secret" not in str(caught.value)


def test_secrets_do_not_show_in_repr() -> None:
    given = read("--url", "http://host", "--api-key", "k-1", "--password", "p-1", "--valve", "KEY=v-1")
    assert not {"k-1", "p-1", "v-1"} & set(repr(given).replace("'", " ").split())
    assert "v-1" not in repr(given)
    assert "k-1" not in repr(given)


@pytest.mark.parametrize("words", [["private", "public"], ["group:"], ["group:A", "public"], ["Public"], []])
def test_access_is_one_of_three_forms(words: list[str]) -> None:
    with pytest.raises(InstallError):
        read_access(words)


def test_the_same_readers_are_the_same_whatever_else_a_grant_holds() -> None:
    stored = [
        {"id": "1", "principal_type": "user", "principal_id": "*", "permission": "read"},
        {"id": "2", "principal_type": "user", "principal_id": "u", "permission": "write"},
    ]
    assert same(stored, [{"principal_type": "user", "principal_id": "*", "permission": "read"}])
    assert not same(stored, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("KEY=a=b.c", "a=b.c"),
        ("LIMIT=10", 10),
        ("TIMEOUT=2.5", 2.5),
        ("SWITCH=ON", True),
        ("SWITCH=no", False),
        ("FORMAT=PNG", "png"),
        ("NAMES=a, b,,", ["a", "b"]),
    ],
)
def test_a_valve_gets_the_type_its_function_declares(text: str, value: object) -> None:
    name = text.partition("=")[0]
    assert merged({"OTHER": 1}, [parse(text)], SCHEMA) == {"OTHER": 1, name: value}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("LIMIT=11", "The valve LIMIT must be a whole number 0 to 10."),
        ("LIMIT=1.5", "The valve LIMIT must be a whole number."),
        ("TIMEOUT=soon", "The valve TIMEOUT must be a number."),
        ("SWITCH=2", "The valve SWITCH must be on or off."),
        ("FORMAT=gif", "The valve FORMAT must be one of jpeg, png."),
        ("MISSING=1", "flux_studio has no valve MISSING; it has KEY, LIMIT, TIMEOUT, SWITCH, FORMAT, NAMES."),
    ],
)
def test_an_unfit_valve_names_what_is_allowed(text: str, sentence: str) -> None:
    with pytest.raises(InstallError) as caught:
        merged({}, [parse(text)], SCHEMA)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("text", ["=1", "NAME", "a b=1", ".=1"])
def test_what_is_no_assignment_is_refused(text: str) -> None:
    with pytest.raises(InstallError, match="A valve is written"):
        parse(text)


def test_versions_compare_as_numbers() -> None:
    assert release("0.12.10") > release("0.12.4-dev") == release("0.12.4")


def test_a_plugin_that_is_not_the_built_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "flux_studio.py").write_text("edited\n")
    row = {"id": "flux_studio", "name": "n", "description": "d", "global": False, "sha256": "0" * 64}
    document = {"version": "1.0.0", "minimum_open_webui": "0.12.4", "plugins": [row]}
    (tmp_path / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(InstallError, match=r"is not the file manifest\.json describes: run `python3 studio\.py build`"):
        bundle.load(tmp_path)


def test_a_checkout_that_was_never_built_is_told_to_build(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match=r"manifest\.json is missing: run `python3 studio\.py build`"):
        bundle.load(tmp_path)
