"""A real Open WebUI with the built bundle, talking to the sandbox: what the host tests and the benchmarks play on."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tools.host import Account, Host
from tools.install.bundle import load
from tools.install.client import OpenWebUI
from tools.install.command import install
from tools.install.valves import parse
from tools.rows import rows

ROOT = Path(__file__).parents[1]
PASSWORD = "correct-horse-battery"  # noqa: S105 - accounts of a throw-away host


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxProcess:
    """The sandbox as a process of its own, so that it outlives the host."""

    process: subprocess.Popen[str]
    endpoint: str
    key: str
    regional: str
    trusted_hosts: str

    def change(self, **settings: Any) -> None:
        answer = requests.post(
            f"{self.endpoint}/sandbox/settings", json=settings, headers={"x-key": self.key}, timeout=10
        )
        answer.raise_for_status()

    @property
    def journal(self) -> dict[str, Any]:
        answer = requests.get(f"{self.endpoint}/sandbox/calls", headers={"x-key": self.key}, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def clear(self) -> None:
        """Forget the journal."""
        requests.delete(f"{self.endpoint}/sandbox/calls", headers={"x-key": self.key}, timeout=10).raise_for_status()

    def submitted(self, marker: str) -> list[dict[str, Any]]:
        """The accepted requests whose prompt holds this text, oldest first."""
        calls = self.journal["calls"]
        return [call for call in calls if marker in str((call.get("body") or {}).get("prompt", ""))]


@contextlib.contextmanager
def sandbox_process(duration: float) -> Iterator[SandboxProcess]:
    command = [sys.executable, "-m", "tools.sandbox", "--port", "0", "--duration", str(duration)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            says = json.loads(process.stdout.readline())
            made = SandboxProcess(
                process=process,
                endpoint=says["endpoint"],
                key=says["key"],
                regional=says["regional"],
                trusted_hosts=says["trusted_hosts"],
            )
            made.change(balance=1_000_000)
            yield made
        finally:
            process.terminate()


@dataclass(slots=True, kw_only=True)
class Studio:
    """The host, its people, the sandbox behind it, and looks into its database."""

    host: Host
    sandbox: SandboxProcess
    admin: Account
    people: dict[str, Account] = field(default_factory=dict)

    def person(self, name: str) -> Account:
        """A user without any special right; made on first use."""
        if name not in self.people:
            self.people[name] = self.host.add_user(self.admin, name, f"{name}@example.com", PASSWORD)
        return self.people[name]

    def install(self, *access: str, **valves: Any) -> list[str]:
        """Install the built bundle as `studio.py install` does; returns what changed."""
        client = OpenWebUI(self.host.url)
        client.sign_in(self.admin.email, PASSWORD)
        settings = [parse(f"{name}={value}") for name, value in valves.items()]
        return [str(change) for change in install(client, load(), access=list(access) or None, valves=settings)]

    def set_valves(self, **valves: Any) -> None:
        """Change single valves of flux_studio as the admin's dialog does."""
        session = self.host.session(self.admin)
        path = "/api/v1/functions/id/flux_studio/valves"
        stored = session.get(path).json() or {}
        session.post(f"{path}/update", json={**stored, **valves}).raise_for_status()

    def jobs(self, where: str = "1=1", *values: Any) -> list[dict[str, Any]]:
        """Rows of the job table."""
        return self.rows(f"select * from flux_studio_job where {where}", *values)  # noqa: S608 - our own text

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Rows of the host's database; none as long as their table is not made."""
        return rows(self.host, query, *values)

    def chat(self, account: Account, chat: str) -> dict[str, Any]:
        """The stored messages of a chat by id."""
        answer = self.host.session(account).get(f"/api/v1/chats/{chat}")
        answer.raise_for_status()
        return answer.json()["chat"]["history"]["messages"]


def until(happens: Callable[[], Any], *, seconds: float = 60, pause: float = 0.05) -> Any:
    """Wait until a call gives something true. Raises TimeoutError with what it last gave."""
    deadline = time.monotonic() + seconds
    while not (value := happens()):
        if time.monotonic() >= deadline:
            raise TimeoutError(f"not within {seconds} s; last: {value!r}")
        time.sleep(pause)
    return value


@contextlib.contextmanager
def staged(folder: Path, *, duration: float, environ: Mapping[str, str] | None = None) -> Iterator[Studio]:
    """Start host and sandbox on a fresh folder, install the bundle for everyone, and end all of it afterwards.

    `duration` is how many seconds a picture takes in the sandbox, `environ` goes to the host.
    """
    with sandbox_process(duration) as sandbox, Host(folder, environ=environ) as host:
        studio = Studio(host=host, sandbox=sandbox, admin=host.sign_up("Admin", "admin@example.com", PASSWORD))
        studio.install(
            "public",
            FLUX_API_KEY=sandbox.key,
            FLUX_API_ENDPOINT=sandbox.endpoint,
            FLUX_FINETUNE_ENDPOINT=sandbox.regional,
            FLUX_TRUSTED_HOSTS=sandbox.trusted_hosts,
        )
        yield studio
