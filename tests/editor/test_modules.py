"""The pure modules of the page, run by Node's own test runner."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import playwright
import pytest

NODE = Path(playwright.__file__).parent / "driver" / "node"
HERE = Path(__file__).parent


@pytest.mark.parametrize("file", sorted(path.name for path in HERE.glob("*.test.js")))
def test_pure_modules(file: str) -> None:
    # Node's runner keeps quiet about its tests when it believes that another runner started it.
    environment = {name: value for name, value in os.environ.items() if name != "NODE_TEST_CONTEXT"}
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=tap", HERE / file],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# pass 0" not in done.stdout
