"""The programs that are published for Node: installed once, told in one sentence when they cannot be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools import node
from tools.environment import FINISHED

LISTS = Path(__file__).parents[2] / "requirements" / "node"


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of our lists that lists nothing, and an empty cache: npm then needs no network."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "package.json").write_text('{"private": true}\n')
    (folder / "package-lock.json").write_text('{"lockfileVersion": 3, "packages": {"": {}}}\n')
    return folder


def test_they_are_installed_once_and_again_when_interrupted(lists: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = node.ensure(lists)
    assert (folder / FINISHED).exists()
    assert "once" in capsys.readouterr().err
    assert node.ensure(lists) == folder
    assert capsys.readouterr().err == ""
    (folder / FINISHED).unlink()
    assert node.ensure(lists) == folder
    assert (folder / FINISHED).exists()


def test_the_folder_changes_with_the_lists(lists: Path) -> None:
    before = node.fingerprint(lists)
    (lists / "package-lock.json").write_text('{"lockfileVersion": 3, "packages": {}}\n')
    assert node.fingerprint(lists) != before


def test_a_registry_that_is_out_of_reach_is_told(lists: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    for name in node.LISTS:
        shutil.copy(LISTS / name, lists)
    with pytest.raises(node.NodeError, match=r"cannot be downloaded from the npm registry; .*\.log says why"):
        node.ensure(lists)
    assert not list((lists.parent / "cache" / "flux-studio").glob("node-*/"))


def test_every_program_is_listed() -> None:
    for script in node.PROGRAMS.values():
        assert (node.ensure(LISTS) / "node_modules" / script).is_file()
