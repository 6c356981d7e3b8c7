"""Starts and stops a real Open WebUI as a process of its own; demo, tests and bench use it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from tools.ports import free_port

OFFLINE = {
    "WEBUI_AUTH": "True",
    "OFFLINE_MODE": "True",
    "HF_HUB_OFFLINE": "1",
    "ENABLE_OLLAMA_API": "False",
    "ENABLE_OPENAI_API": "False",
    "RAG_EMBEDDING_ENGINE": "openai",
    "ENABLE_VERSION_UPDATE_CHECK": "False",
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
}
"""Keeps Open WebUI from the network: no model hub, no update check, no telemetry."""
SERVE = "import sys; sys.modules['sentence_transformers'] = None; from open_webui import app; app()"
"""The `open-webui` program, found by the Python that runs it instead of by a path.

Local text embedding is out of reach (its import is optional there, embedding is set to a service): 5 s less at a start.
"""
STOP_TIMEOUT = 15.0
"""Seconds a stop may take before the process is killed."""


class HostError(Exception):
    """Open WebUI did not start, or refused what was asked; says what it wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A signed-in person."""

    id: str
    name: str
    email: str
    role: str
    token: str

    def __repr__(self) -> str:
        return f"Account({self.email}, {self.role})"


class Session(requests.Session):
    """HTTP client of one person: paths are relative to the host, the token is sent."""

    def __init__(self, url: str, account: Account | None = None) -> None:
        super().__init__()
        self.trust_env = False  # a proxy of this machine has no business with its own loopback
        self.url = url
        self.headers["Connection"] = "close"  # a busy host may drop a kept connection as the next call begins
        if account:
            self.headers["Authorization"] = f"Bearer {account.token}"

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        options.setdefault("timeout", 120)
        return super().request(method, f"{self.url}{url!s}", *args, **options)


class Host:
    """One Open WebUI on the loopback interface; a context manager, sync and async, that starts and stops it.

    `data` keeps everything the host stores, so a second Host on the same folder continues where the first stopped.
    """

    def __init__(
        self,
        data: Path,
        *,
        port: int = 0,
        log: Path | None = None,
        database_url: str = "",
        environ: Mapping[str, str] | None = None,
        python: str = sys.executable,
        start_timeout: float = 240.0,
    ) -> None:
        """Port 0 is a free one, `database_url` empty is SQLite, `environ` goes on top of this process's own."""
        self.data = data
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log or data / "host.log"
        self.database_url = database_url
        self.environ = dict(environ or {})
        self.python = python
        self.start_timeout = start_timeout
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start and wait until it answers. Raises HostError."""
        self.launch()
        try:
            self.wait()
        except BaseException:
            self.kill()
            raise
        return self

    def launch(self) -> None:
        """Start without waiting."""
        self.data.mkdir(parents=True, exist_ok=True)
        command = [self.python, "-c", SERVE, "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.data,
                env=self.process_environ(),
                start_new_session=True,  # Ctrl-C reaches only us; we stop it in order
            )

    def wait(self) -> None:
        """Wait until `/health` answers. Raises HostError with the end of the log."""
        deadline = time.monotonic() + self.start_timeout
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                raise HostError(f"Open WebUI ended while starting; the end of {self.log}:\n{self.end_of_log()}")
            if self.healthy():
                return
            time.sleep(0.1)
        raise HostError(
            f"Open WebUI did not answer within {self.start_timeout:g} s; the end of {self.log}:\n{self.end_of_log()}"
        )

    def healthy(self) -> bool:
        with contextlib.suppress(requests.RequestException):
            return Session(self.url).get("/health", timeout=5).ok
        return False

    def stop(self) -> None:
        """End it with SIGTERM as a service manager does, with SIGKILL if it does not listen."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start again on the same data and port. Raises HostError."""
        self.stop()
        self.start()

    def _end(self, with_signal: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, with_signal)
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def process_environ(self) -> dict[str, str]:
        """The environment Open WebUI runs in: ours, then offline, then what the caller gave."""
        own = {
            "DATA_DIR": str(self.data),
            "STATIC_DIR": str(self.data / "static"),  # otherwise two hosts empty one folder of the package
            "WEBUI_SECRET_KEY": self.secret(),
            **({"DATABASE_URL": self.database_url} if self.database_url else {}),
        }
        return {**os.environ, **OFFLINE, **own, **self.environ}

    def secret(self) -> str:
        """The key sessions are signed with; kept beside the data, so that sign-ins outlive a restart."""
        path = self.data / "secret"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(32))
        return path.read_text()

    def end_of_log(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])

    def session(self, account: Account | None = None) -> Session:
        """An HTTP client that speaks as this person: `host.session(admin).get("/api/models")`."""
        return Session(self.url, account)

    def sign_up(self, name: str, email: str, password: str) -> Account:
        """Make the first account of a fresh host, its admin. Raises HostError on a host that has one."""
        return self._account("/api/v1/auths/signup", {"name": name, "email": email, "password": password})

    def sign_in(self, email: str, password: str) -> Account:
        """Raises HostError with the host's reason."""
        return self._account("/api/v1/auths/signin", {"email": email, "password": password})

    def add_user(self, admin: Account, name: str, email: str, password: str, role: str = "user") -> Account:
        """Make a further account. Raises HostError with the host's reason."""
        return self._account(
            "/api/v1/auths/add", {"name": name, "email": email, "password": password, "role": role}, by=admin
        )

    def _account(self, path: str, form: Mapping[str, str], by: Account | None = None) -> Account:
        response = self.session(by).post(path, json=form)
        if not response.ok:
            raise HostError(f"Open WebUI refused {path} for {form['email']}: {response.text[:300]}")
        answer = response.json()
        return Account(**{name: answer[name] for name in ("id", "name", "email", "role", "token")})

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)
