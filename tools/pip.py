"""Runs pip quietly: progress in one line, its log in a file, its failures in one sentence."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

FAILURES = (
    (r"No space left on device", "The disk is full: free some space and start again."),
    (
        r"NewConnectionError|NameResolutionError|Temporary failure in name resolution|Network is unreachable"
        r"|ConnectTimeoutError|ReadTimeoutError|ProxyError|Connection refused|Connection reset|\(from versions: none\)",
        "The packages cannot be downloaded, there is no network: connect this machine (or set pip's proxy), "
        "then start again.",
    ),
    (
        r"No matching distribution found for (?P<what>\S+)|(?P<other>\S+) has requires-python",
        "There is no package {what} for this system and Python: use Python 3.11 or 3.12 on Linux or macOS.",
    ),
)
"""What a line of pip's log means for a person, most telling first."""


class PipFailed(Exception):
    """Why pip gave up, in one sentence."""


def install(
    python: Path, lock: Path, first: Sequence[str], *, log: Path, task: str, environ: Mapping[str, str]
) -> None:
    """Install a lock file's exact list; the packages `first` before it, with all they ask for. Raises PipFailed."""
    pins = pinned(lock)
    calls = [[f"{name}=={pins[name]}", "--constraint", str(lock)] for name in first]
    calls.append(["--no-deps", "--requirement", str(lock)])
    progress = Progress(task, total=len(pins))
    try:
        for call in calls:
            run([str(python), "-m", "pip", "install", "--no-input", *call], log, progress, environ)
    finally:
        progress.close()


def pinned(lock: Path) -> dict[str, str]:
    """Read the `name==version` lines of a lock file."""
    lines = (line.split("#")[0].strip() for line in lock.read_text("utf-8").splitlines())
    return dict(line.split("==") for line in lines if line)


def run(command: Sequence[str], log: Path, progress: Progress, environ: Mapping[str, str]) -> None:
    """Run one pip call, its output into the log. Raises PipFailed."""
    environ = {**environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_COLOR": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
    lines = []
    with log.open("a") as file, subprocess.Popen(command, env=environ, **pipes) as process:
        assert process.stdout is not None
        for line in process.stdout:
            file.write(line)
            lines.append(line)
            progress.see(line)
    if process.returncode:
        raise PipFailed(explanation(lines, log))


def explanation(lines: Iterable[str], log: Path) -> str:
    """Turn pip's output into the one sentence that helps."""
    text = "".join(lines)
    for pattern, sentence in FAILURES:
        match = re.search(pattern, text)
        if match:
            return sentence.format(what=next((name for name in match.groups() if name), ""))
    return f"pip could not install the packages; {log} says why."


class Progress:
    """One line that grows on a terminal; elsewhere only its beginning."""

    def __init__(self, task: str, *, total: int) -> None:
        self.task, self.total, self.started = task, total, time.monotonic()
        self.seen: set[str] = set()
        self.terminal = sys.stdout.isatty()
        print(f"{task} …", end="" if self.terminal else "\n", flush=True)

    def see(self, line: str) -> None:
        """Read one line of pip's output."""
        match = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
        if match:
            self.seen.add(match[1].lower())
        step = "unpacking" if line.startswith("Installing collected") else f"{len(self.seen)} of {self.total} packages"
        if self.terminal:
            print(f"\r\x1b[K{self.task} … {time.monotonic() - self.started:.0f} s, {step}", end="", flush=True)

    def close(self) -> None:
        if self.terminal:
            print(flush=True)
