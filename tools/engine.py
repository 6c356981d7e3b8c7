"""Starts the engine beside a host: for the demo, the tests and the benchmarks."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import environment

ROOT = Path(__file__).parents[1]


class EngineFailed(Exception):
    """Why the engine does not run, in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningEngine:
    """A started engine: what it announced, and its process."""

    endpoint: str
    token: str
    models: list[str]
    process: subprocess.Popen[str]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def environ(self) -> dict[str, str]:
        """Tells the plugins of a host where it is."""
        return {"ENGINE_URL": self.endpoint, "ENGINE_API_KEY": self.token}

    def workers(self) -> list[int]:
        """Process ids of its workers."""
        command = ["pgrep", "-P", str(self.process.pid), "-f", "flux_engine.worker"]
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
        return [int(line) for line in asked.stdout.split()]


@contextlib.contextmanager
def running_engine(*options: str, log: Path | None = None) -> Iterator[RunningEngine]:
    """Run `studio.py engine` on a free port of this machine. Raises EngineFailed."""
    command = [str(python()), "-m", "flux_engine.command", "--port", "0", *options]
    with (log or Path(os.devnull)).open("w") as file:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "shared")},
            start_new_session=True,
        )
    try:
        yield announced(process, log)
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def announced(process: subprocess.Popen[str], log: Path | None) -> RunningEngine:
    """Wait for the line that the engine prints when it listens. Raises EngineFailed."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise EngineFailed(f"The engine did not start{f'; {log} says why' if log else ''}.")
    said = json.loads(line)
    return RunningEngine(endpoint=said["endpoint"], token=said["token"], models=said["models"], process=process)


def python(needs: Sequence[str] = ("diffusers", "aiohttp")) -> Path:
    """The interpreter that has what the engine needs: this one, or that of its environment. Raises EngineFailed."""
    if all(map(importlib.util.find_spec, needs)):
        return Path(sys.executable)
    try:
        return environment.ensure("engine", ROOT / "requirements")
    except environment.SetupError as error:
        raise EngineFailed(str(error)) from error
