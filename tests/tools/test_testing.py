"""The runner of the lanes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import testing
from tools.postgres import NoPostgres
from tools.testing import Lane, Outcome, summary

ROOT = Path(__file__).parents[2]


def lane(name: str, code: int) -> Lane:
    return Lane(name=name, what="a test of the runner", commands=((sys.executable, "-c", f"raise SystemExit({code})"),))


def test_one_failed_lane_fails_all_and_the_others_still_run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(testing, "LANES", (lane("first", 1), lane("second", 0)))
    assert testing.main([]) == 1
    printed = capfd.readouterr().out
    assert "Failed: first." in printed
    assert "== second" in printed


def test_only_the_named_lane_runs(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(testing, "LANES", (lane("first", 1), lane("second", 0)))
    assert testing.main(["--lane", "second"]) == 0
    assert "All lanes passed." in capfd.readouterr().out


def test_a_lane_whose_service_is_missing_fails_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def missing() -> object:
        raise NoPostgres("There is no PostgreSQL: install it.")

    monkeypatch.setattr(testing, "LANES", (Lane(name="jobs", what="x", marker="jobs", needs=(missing,)),))
    assert testing.main([]) == 1
    assert "There is no PostgreSQL: install it." in capfd.readouterr().err


def test_the_minutes_of_each_lane_are_printed() -> None:
    text = summary([Outcome(lane="unit", failed=False, seconds=90), Outcome(lane="host", failed=True, seconds=30)])
    assert text.splitlines()[1:] == [
        "unit       1.5 min  passed",
        "host       0.5 min  FAILED",
        "Failed: host. 2.0 minutes.",
    ]


@pytest.mark.parametrize(
    ("body", "flags", "environ", "code"),
    [
        ("pytest.skip('no')", [], {}, 0),
        ("pytest.skip('no')", [], {"CI": "true"}, 1),
        ("assert os.environ['FLUX_ENV'] == 'test' and 'FLUX_API_KEY' not in os.environ", [], {"FLUX_API_KEY": "k"}, 0),
    ],
)
def test_what_every_test_starts_with(
    tmp_path: Path, body: str, flags: list[str], environ: dict[str, str], code: int
) -> None:
    assert run_pytest(tmp_path, f"import os, pytest\n\ndef test_it():\n    {body}\n", flags, environ) == code


@pytest.mark.parametrize("marker", ["gpu", "live"])
def test_costly_tests_are_collected_only_with_their_flag(tmp_path: Path, marker: str) -> None:
    text = f"import pytest\n\n@pytest.mark.{marker}\ndef test_it():\n    assert True\n"
    assert run_pytest(tmp_path, text, [], {"CI": "true"}) == testing.NO_TESTS
    assert run_pytest(tmp_path, text, [f"--{marker}"], {"CI": "true"}) == 0


def test_a_live_test_gets_the_developers_keys(tmp_path: Path) -> None:
    text = "import os\n\ndef test_it(live_keys):\n    assert live_keys == {'FLUX_API_KEY': 'k'}\n"
    text += "    assert 'FLUX_API_KEY' not in os.environ\n"
    assert run_pytest(tmp_path, text, ["--live"], {"FLUX_API_KEY": "k"}) == 0


def run_pytest(tmp_path: Path, text: str, flags: list[str], environ: dict[str, str]) -> int:
    """Run pytest on one file with the project's own conftest and settings."""
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path)]
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **environ}
    done = subprocess.run([*command, *flags, str(tmp_path)], env=clean, capture_output=True, text=True, check=False)
    return done.returncode
