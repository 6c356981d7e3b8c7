"""A throw-away Redis for hosts that run as several replicas."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tools import debian
from tools.ports import free_port

PROGRAM = "redis-server"
START_TIMEOUT = 30.0


class NoRedis(Exception):
    """There is no Redis and none can be installed, or it does not start; says what to do."""


def program() -> Path:
    """The server's program, Debian's package installed if need be. Raises NoRedis."""
    found = shutil.which(PROGRAM)
    if found is None and debian.install(PROGRAM):
        found = shutil.which(PROGRAM)
    if found is None:
        raise NoRedis(f"There is no Redis: install it (Debian: apt install {PROGRAM}).")
    return Path(found)


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Run a server on a free loopback port that keeps nothing on disk; give its `redis://` address. Raises NoRedis."""
    executable, port = program(), free_port()
    with tempfile.TemporaryDirectory(prefix="flux-studio-redis-") as folder, (Path(folder) / "log").open("wb") as log:
        settings = ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", folder)
        process = subprocess.Popen([executable, *settings], stdout=log, stderr=log)
        try:
            wait(process, port, Path(log.name))
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait()


def wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        if answers(port):
            return
        time.sleep(0.05)
    raise NoRedis(f"Redis did not start: {log.read_text('utf-8', 'replace')[-300:]}")


def answers(port: int) -> bool:
    """Whether a Redis, and not only something, listens there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False
