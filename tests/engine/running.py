"""The engine as a process of its own, as people start it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A started engine."""

    endpoint: str
    token: str
    models: list[str]
    process: subprocess.Popen[str]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def workers(self) -> list[int]:
        """Process ids of its workers."""
        asked = subprocess.run(
            ["pgrep", "-P", str(self.process.pid), "-f", "flux_engine.worker"],
            capture_output=True,
            text=True,
            check=False,
        )
        return [int(line) for line in asked.stdout.split()]


@contextlib.contextmanager
def running_engine(*options: str) -> Iterator[Running]:
    """Start `studio.py engine` on a free port, wait for its line, end it afterwards."""
    command = [sys.executable, "-m", "flux_engine.command", "--port", "0", "--device", "cpu", *options]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "shared")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ
    ) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield Running(endpoint=said["endpoint"], token=said["token"], models=said["models"], process=process)
        finally:
            process.terminate()
