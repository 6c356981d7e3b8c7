"""Starts Open WebUI with FLUX Studio installed, on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.engine import EngineFailed, RunningEngine, running_engine
from tools.environment import cache_folder
from tools.ports import is_free

ROOT = Path(__file__).parents[1]
KEY_NAMES = ("FLUX_API_KEY", "BFL_API_KEY")
TINY = "flux_studio.flux-tiny"
PEOPLE = {"admin": ("Admin", "admin@example.com"), "user": ("User", "user@example.com")}
"""Who can sign in: role -> name and e-mail."""


class DemoError(Exception):
    """Why the demo cannot start, in one sentence."""


def main(arguments: list[str]) -> int:
    """Run the demo; 0 after Ctrl-C, 1 with a sentence when something failed."""
    given = parser().parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):  # a service manager's stop is the same as Ctrl-C
        signal.signal(number, signal.default_int_handler)
    try:
        return run(given)
    except KeyboardInterrupt:
        return 0
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="studio.py demo",
        description="Start Open WebUI with FLUX Studio on this machine. With FLUX_API_KEY set (environment or .env) "
        "pictures come from Black Forest Labs, otherwise from the sandbox, which costs nothing. It also stands for "
        "OpenAI, unless OPENAI_API_KEY is set.",
    )
    options.add_argument("--port", type=int, default=8080, help="port of Open WebUI (8080; the next free one if busy)")
    options.add_argument("--fresh", action="store_true", help="forget all chats, pictures and accounts of the demo")
    options.add_argument("--no-engine", action="store_true", help="leave out FLUX Tiny, which paints on this machine")
    options.add_argument("--no-open", action="store_true", help="do not open a browser")
    options.add_argument("--json", action="store_true", help="print one JSON line instead of the text, for programs")
    return options


def run(given: argparse.Namespace) -> int:
    folder = cache_folder() / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    with only_one(folder.with_suffix(".lock")), contextlib.ExitStack() as stack:
        if given.fresh:
            shutil.rmtree(folder)
            folder.mkdir()
        say = (lambda text: None) if given.json else (lambda text: print(text, flush=True))
        sandbox = None if has_key(os.environ) else stack.enter_context(running_sandbox(folder / "sandbox.log"))
        engine = None if given.no_engine else own_engine(stack, folder / "engine.log", say)
        port = free_port_from(given.port, say)
        host = stack.enter_context(running_host(folder, port, sandbox, engine, say))
        passwords = sign_in_people(host, folder / "passwords.json")
        install_bundle(host, passwords["admin"], first=[TINY] if engine else [])
        facts = describe(host.url, passwords, sandbox, engine)
        print(json.dumps(facts) if given.json else in_words(facts), flush=True)
        if not given.no_open and not given.json:
            webbrowser.open(host.url)
        return watch(host)


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Refuse a second demo on the same data. Raises DemoError."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError("The demo is already running; stop it with Ctrl-C where it was started.") from None
        yield


def has_key(environ: Mapping[str, str], names: Sequence[str] = KEY_NAMES) -> bool:
    """Whether a real key is set; text copied out of an example is none."""
    from flux_studio.settings import is_placeholder

    return any(not is_placeholder(environ.get(name, "")) for name in names)


def free_port_from(first: int, say: Any) -> int:
    """The first port from `first` on that nobody listens on. Raises DemoError after a hundred."""
    if not 1 <= first <= 65535:
        raise DemoError(f"--port must be a number 1 to 65535, not {first}.")
    port = next(filter(is_free, range(first, min(first + 100, 65536))), None)
    if port is None:
        raise DemoError(f"No port from {first} on is free: choose another with --port.")
    if port != first:
        say(f"Port {first} is taken; using {port}.")
    return port


def own_engine(stack: contextlib.ExitStack, log: Path, say: Any) -> RunningEngine | None:
    """The engine with FLUX Tiny; the demo goes on without it where it cannot run."""
    try:
        engine = stack.enter_context(running_engine("--device", "cpu", "--idle", "3600", log=log))
    except EngineFailed as error:
        say(f"Without FLUX Tiny: {error}")
        return None
    threading.Thread(target=warm_up, args=(engine,), daemon=True).start()
    return engine


def warm_up(engine: RunningEngine) -> None:
    """Let the engine load FLUX Tiny while Open WebUI starts, so that the first picture takes a second as well."""
    job = json.dumps({"model": "flux-tiny", "prompt": "a red circle on a blue background", "steps": 1}).encode()
    line = http.client.HTTPConnection(engine.endpoint.partition("://")[2], timeout=120)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(line):
        line.request("POST", "/v1/jobs", job, {**engine.headers, "Content-Type": "application/json"})
        line.getresponse().read()


@contextlib.contextmanager
def running_sandbox(log: Path) -> Iterator[dict[str, Any]]:
    """Run the sandbox; give what it announced: its addresses and its key. Raises DemoError."""
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.sandbox"],
            stdout=subprocess.PIPE,
            stderr=file,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "shared")))},
            start_new_session=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise DemoError(f"The sandbox did not start; {log} says why.")
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def running_host(
    folder: Path, port: int, sandbox: Mapping[str, Any] | None, engine: RunningEngine | None, say: Any
) -> Iterator[Any]:
    """Run Open WebUI; the connection travels in its environment, so that nothing of it is stored. Raises DemoError."""
    from tools.host import Host, HostError

    environ = {**connection(sandbox, os.environ), **(engine.environ if engine else {})}
    host = Host(folder / "data", port=port, log=folder / "open-webui.log", environ=environ)
    say("Starting Open WebUI, about 20 seconds …")
    try:
        host.start()
    except HostError as error:
        raise DemoError(str(error)) from error
    try:
        yield host
    finally:
        say("\nStopping Open WebUI …")
        host.stop()


def connection(sandbox: Mapping[str, Any] | None, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment that points the plugins at the sandbox; nothing when there is a real key."""
    if sandbox is None:
        return {}
    trusted = sandbox["trusted_hosts"]
    openai = {
        "FLUX_OPENAI_API_KEY": sandbox["key"],
        "FLUX_OPENAI_API_BASE_URL": sandbox["openai"],
        "FLUX_OPENAI_SERVER": "openai",
    }
    return {
        **({} if has_key(environ or {}, ("OPENAI_API_KEY",)) else openai),
        "FLUX_API_KEY": sandbox["key"],
        "FLUX_API_ENDPOINT": sandbox["endpoint"],
        "FLUX_FINETUNE_ENDPOINT": sandbox["regional"],
        "FLUX_TRUSTED_HOSTS": trusted if isinstance(trusted, str) else ",".join(trusted),
    }


def sign_in_people(host: Any, path: Path) -> dict[str, str]:
    """Make the accounts on the first start, their passwords kept beside the data. Raises DemoError."""
    from tools.host import HostError

    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(json.dumps({role: secrets.token_hex(6) for role in PEOPLE}))
    passwords: dict[str, str] = json.loads(path.read_text())
    try:
        if host.session().get("/api/config").json().get("onboarding"):
            admin = host.sign_up(*PEOPLE["admin"], passwords["admin"])
            host.add_user(admin, *PEOPLE["user"], passwords["user"])
    except HostError as error:
        raise DemoError("The demo's accounts are gone or changed: start it once with --fresh.") from error
    return passwords


def install_bundle(host: Any, password: str, first: list[str]) -> None:
    """Install this checkout's dist/ for everyone, these models first in the list. Raises DemoError."""
    from tools.install import bundle
    from tools.install.client import OpenWebUI
    from tools.install.command import install
    from tools.install.failure import InstallError

    client = OpenWebUI(host.url)
    try:
        client.sign_in(PEOPLE["admin"][1], password)
        for _ in install(client, bundle.load(), access=["public"]):
            pass
        put_first(client, first)
    except InstallError as error:
        raise DemoError(f"{error} (To start over: --fresh.)") from error


def put_first(client: Any, models: list[str]) -> None:
    """Put the host's list of models into our order, these first and the first one chosen, unless one is set."""
    from flux_studio.catalog import CARDS, CHAT_PREFIX

    path, what = "/api/v1/configs/models", "the order of the models"
    stored = client.get(path, what)
    order = list(dict.fromkeys([*models, *(f"{CHAT_PREFIX}{name}" for name in CARDS)]))
    if not stored.get("MODEL_ORDER_LIST"):
        client.post(path, {**stored, "MODEL_ORDER_LIST": order, "DEFAULT_MODELS": order[0]}, what)


def describe(
    url: str, passwords: Mapping[str, str], sandbox: Mapping[str, Any] | None, engine: RunningEngine | None
) -> dict[str, Any]:
    people = {role: {"email": PEOPLE[role][1], "password": passwords[role]} for role in PEOPLE}
    models = engine.models if engine else []
    return {"url": url, **people, "provider": "sandbox" if sandbox else "bfl", "sandbox": sandbox, "engine": models}


def in_words(facts: Mapping[str, Any]) -> str:
    if facts["provider"] == "sandbox":
        origin = "the sandbox: pictures are drawn on this machine and cost nothing. Set FLUX_API_KEY for real ones."
    else:
        origin = "Black Forest Labs, with your key: every picture costs credits."
    hint = "FLUX Tiny really paints, on this machine: try “a red circle on a blue background”."
    own = [hint] if facts["engine"] else []
    rows = [f"  {role:6} {facts[role]['email']}   password {facts[role]['password']}" for role in PEOPLE]
    return "\n".join(
        ["", f"FLUX Studio runs at {facts['url']}", *rows, f"Pictures come from {origin}", *own, "Ctrl-C stops it.", ""]
    )


def watch(host: Any) -> int:
    """Stay until Ctrl-C, or until Open WebUI ends by itself. Raises DemoError then."""
    while host.process.poll() is None:
        time.sleep(0.3)
    raise DemoError(f"Open WebUI ended by itself; the end of {host.log}:\n{host.end_of_log()}")
