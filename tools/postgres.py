"""A throw-away PostgreSQL for the tests."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools import debian
from tools.ports import free_port

DEBIAN_FOLDER = Path("/usr/lib/postgresql")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")
"""Without it Debian's package would start a server of its own when it is installed."""
USERS = ("postgres", "nobody")
"""Whom the server runs as when we are root, which PostgreSQL refuses."""
START_TIMEOUT = 60.0


class NoPostgres(Exception):
    """There is no PostgreSQL and none can be installed, or it does not start; says what to do."""


def binaries() -> Path:
    """The folder with initdb and postgres, Debian's package installed if need be. Raises NoPostgres."""
    found = installed()
    if found is None and os.geteuid() == 0 and not NO_CLUSTER.exists():
        NO_CLUSTER.parent.mkdir(exist_ok=True)
        NO_CLUSTER.write_text("create_main_cluster = false\n")
    if found is None and debian.install("postgresql"):
        found = installed()
    if found is None:
        raise NoPostgres("There is no PostgreSQL: install it (Debian: apt install postgresql).")
    return found


def installed() -> Path | None:
    folders = sorted(DEBIAN_FOLDER.glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    program = shutil.which("initdb")
    folders += [Path(program).resolve().parent] if program else []
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


@contextlib.contextmanager
def cluster(*, preload: str = "") -> Iterator[str]:
    """Run a server on a free loopback port; give its `postgresql://` address. Raises NoPostgres.

    `preload` names a library of PostgreSQL's own that is loaded at the start.
    """
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="flux-studio-postgres-"))
    try:
        person = unprivileged(folder)
        initialise(programs, folder / "data", person)
        port = free_port()
        with running(programs, folder, port, person, preload):
            yield f"postgresql://studio@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unprivileged(folder: Path) -> Mapping[str, Any]:
    """Options for subprocess that drop root, after giving the folder to that user."""
    if os.geteuid() != 0:
        return {}
    known = {row.pw_name: row for row in pwd.getpwall()}
    row = next(known[name] for name in USERS if name in known)
    os.chown(folder, row.pw_uid, row.pw_gid)
    return {"user": row.pw_uid, "group": row.pw_gid, "extra_groups": []}


def initialise(programs: Path, data: Path, person: Mapping[str, Any]) -> None:
    command = [programs / "initdb", "-D", data, "-U", "studio", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=data.parent, check=False, **person)
    if done.returncode:
        raise NoPostgres(f"PostgreSQL cannot make a cluster: {done.stderr.strip()[-300:]}")


@contextlib.contextmanager
def running(programs: Path, folder: Path, port: int, person: Mapping[str, Any], preload: str) -> Iterator[None]:
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "fsync": "off",
        "unix_socket_directories": folder,
        "shared_preload_libraries": preload,
    }
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *settings], stdout=log, stderr=log, cwd=folder, **person
        )
    try:
        wait(process, port, folder / "log")
        yield
    finally:
        process.send_signal(signal.SIGQUIT)  # "immediate": nothing of it is kept
        process.wait()


def wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"postgresql://studio@127.0.0.1:{port}/postgres", connect_timeout=5).close()
            return
        time.sleep(0.1)
    raise NoPostgres(f"PostgreSQL did not start: {log.read_text('utf-8', 'replace')[-300:]}")
