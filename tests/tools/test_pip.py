"""What a person reads when pip fails, and what the lock files promise."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tools.pip import PipFailed, explanation, install, pinned

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("WARNING: Retrying after connection broken by 'NewConnectionError(...)': /simple/x/", "there is no network"),
        (
            "ERROR: No matching distribution found for torch==2.13.0",
            "There is no package torch==2.13.0 for this system",
        ),
        ("ERROR: Could not find a version that satisfies x==1 (from versions: none)", "there is no network"),
        ("ERROR: something new", "pip could not install the packages; "),
    ],
)
def test_pips_output_becomes_one_sentence(line: str, sentence: str) -> None:
    text = explanation(["Collecting x\n", line + "\n"], Path("/somewhere/host.log"))
    assert sentence in text
    assert "\n" not in text


def test_without_a_network_the_sentence_says_so(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    lock.write_text("a-package-that-is-nowhere==1.0\n")
    environ = {
        "PATH": os.environ["PATH"],
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
    }
    with pytest.raises(PipFailed, match="there is no network"):
        install(Path(sys.executable), lock, (), log=tmp_path / "log", task="Trying", environ=environ)
    assert "a-package-that-is-nowhere" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_pins_each_package_exactly_and_names_no_address(lock: Path) -> None:
    lines = [line for line in lock.read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[A-Za-z0-9.]+", line) for line in lines)
    names = [line.split("==")[0] for line in lines]
    assert names == sorted(set(names))


def test_the_test_tools_repeat_nothing_of_the_host() -> None:
    host, dev = (set(pinned(ROOT / "requirements" / f"{name}.lock")) for name in ("host", "dev"))
    assert not host & dev


def test_the_host_is_the_version_the_bundle_asks_for() -> None:
    assert pinned(ROOT / "requirements" / "host.lock")["open-webui"] == "0.12.4"
