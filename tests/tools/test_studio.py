"""The entry for people, run as they run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def studio(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "studio.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_without_a_command_it_lists_them() -> None:
    done = studio()
    assert done.returncode == 0
    assert all(f"\n  {name} " in done.stdout for name in ("demo", "install", "uninstall", "build", "test"))


def test_an_unknown_command_is_named_with_the_known_ones() -> None:
    done = studio("dmeo")
    assert done.returncode == 1
    assert done.stderr.startswith("There is no command 'dmeo'; there are demo, install, ")


@pytest.mark.parametrize(
    "name", ["demo", "install", "uninstall", "doctor", "costs", "test", "build", "bench", "sandbox"]
)
def test_help_needs_no_environment(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    done = studio(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"studio.py {name}" in done.stdout or "usage: " in done.stdout
    assert list(tmp_path.iterdir()) == []
