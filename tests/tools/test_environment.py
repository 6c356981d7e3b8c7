"""Making environments: which folder, when again, and what a person reads when it cannot be made."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import stat
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from tools import environment
from tools.environment import ENVIRONMENTS, SetupError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def requirements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lock files without a package, and an empty cache: making an environment then needs no network."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "requirements"
    folder.mkdir()
    for name in ENVIRONMENTS:
        (folder / f"{name}.lock").write_text("# nothing\n")
    return folder


def test_the_folder_changes_with_the_lock_file(requirements: Path) -> None:
    before = environment.environment_folder(ENVIRONMENTS["install"], requirements)
    (requirements / "install.lock").write_text("requests==2.34.2\n")
    after = environment.environment_folder(ENVIRONMENTS["install"], requirements)
    assert before != after
    assert before.parent == after.parent == Path(os.environ["XDG_CACHE_HOME"]) / "flux-studio"


def test_the_folder_changes_with_the_base_it_stands_on(requirements: Path) -> None:
    before = environment.fingerprint(ENVIRONMENTS["dev"], requirements)
    (requirements / "host.lock").write_text("# another\n")
    assert environment.fingerprint(ENVIRONMENTS["dev"], requirements) != before


def test_the_folder_changes_with_the_python_version(requirements: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = environment.fingerprint(ENVIRONMENTS["install"], requirements)
    monkeypatch.setattr("platform.python_version", lambda: "3.12.99")
    assert environment.fingerprint(ENVIRONMENTS["install"], requirements) != before


def test_an_environment_is_made_once_on_its_base_and_again_when_it_was_interrupted(
    requirements: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = environment.environment_folder(ENVIRONMENTS["host"], requirements)
    packages = base / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "only_in_base.py").write_text("VALUE = 5\n")
    (base / environment.FINISHED).touch()
    python = environment.ensure("dev", requirements)
    assert "Installing the test tools" in capsys.readouterr().out
    done = subprocess.run([python, "-c", "import only_in_base as m; print(m.VALUE)"], capture_output=True, check=True)
    assert done.stdout == b"5\n"
    assert environment.ensure("dev", requirements) == python
    assert capsys.readouterr().out == ""
    (python.parents[1] / environment.FINISHED).unlink()
    python.unlink()
    assert environment.ensure("dev", requirements).exists()


def hold(folder: Path, started: multiprocessing.synchronize.Event, go_on: multiprocessing.synchronize.Event) -> None:
    with environment.one_at_a_time(folder):
        started.set()
        go_on.wait(60)
        (folder / environment.FINISHED).touch()


def test_a_second_start_waits_for_the_first(requirements: Path) -> None:
    folder = environment.environment_folder(ENVIRONMENTS["install"], requirements)
    folder.mkdir(parents=True)
    context = multiprocessing.get_context("fork")
    started, go_on = context.Event(), context.Event()
    other = context.Process(target=hold, args=(folder, started, go_on))
    other.start()
    assert started.wait(60)
    command = "from pathlib import Path; from tools.environment import ensure; ensure('install', Path(%r))"
    arguments = [sys.executable, "-c", command % str(requirements)]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as second:
        assert second.stdout is not None
        assert second.stdout.readline() == "Another start is making this environment; waiting for it …\n"
        go_on.set()
        assert second.stdout.read() == ""  # it made nothing of its own
    assert second.returncode == 0
    other.join(60)


def test_too_little_disk_is_told_with_what_to_do(requirements: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(9 << 30, 7 << 30, 2 << 30))
    with pytest.raises(SetupError, match=r"has 2\.0 GB free and 6 GB are needed: .* XDG_CACHE_HOME"):
        environment.ensure("host", requirements)


@pytest.mark.parametrize("version", [(3, 13, 0), (3, 14, 1)])
def test_a_python_too_new_is_told_which_one_to_take(
    requirements: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...]
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SetupError, match=r"^Open WebUI needs Python 3\.11 or 3\.12 and this is "):
        environment.check_machine(ENVIRONMENTS["host"], requirements / "x")


def test_a_missing_venv_module_is_told_with_the_package(requirements: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(
        SetupError, match=r"venv module is missing: install it \(Debian: apt install python3\.\d+-venv\)"
    ):
        environment.ensure("install", requirements)


def test_a_cache_that_cannot_be_written_is_told(requirements: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = requirements / "file"
    blocked.touch(stat.S_IRUSR)
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    with pytest.raises(SetupError, match=r"cannot be made .* set XDG_CACHE_HOME elsewhere"):
        environment.ensure("install", requirements)
