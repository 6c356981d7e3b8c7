"""Makes the virtual environments that the commands run in, once, outside the checkout."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.pip import PipFailed, install

FINISHED = "finished"
"""File that is written last; an environment without it was interrupted and is made again."""
FOREIGN_VARIABLES = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_USER")
"""Would make a virtual environment read or write packages elsewhere."""
GIBIBYTE = 1 << 30


class SetupError(Exception):
    """Why an environment cannot be made, in one sentence that says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One row of ENVIRONMENTS."""

    name: str
    task: str
    """What the person reads while it is made."""
    space: float
    """Free disk it needs, GiB."""
    below: tuple[int, int] | None
    """First Python version it does not work with."""
    first: tuple[str, ...] = ()
    """Packages of the lock file installed before the rest and with whatever they ask for on this machine."""
    bases: tuple[str, ...] = ()
    """Environments whose packages this one sees too."""


ENVIRONMENTS = {
    row.name: row
    for row in (
        Environment(name="install", task="Preparing the installer, once, a few seconds", space=0.1, below=None),
        Environment(
            name="host",
            task="Installing Open WebUI 0.12.4, once, about 3 minutes",
            space=6,
            below=(3, 13),
            first=("torch",),  # on Linux it brings gigabytes of its own, which no list can name for every machine
        ),
        Environment(name="build", task="Preparing the build, once, a few seconds", space=0.3, below=None),
        Environment(
            name="engine",
            task="Installing the engine, once, about half a minute",
            space=0.5,
            below=(3, 13),
            bases=("host",),  # torch and transformers are there already
        ),
        Environment(
            name="dev",
            task="Installing the test tools, once, about half a minute",
            space=0.5,
            below=(3, 13),
            bases=("engine", "host", "build"),
        ),
        Environment(
            name="openai3",
            task="Installing the newest SDK of OpenAI for the contract tests, once, a few seconds",
            space=0.2,
            below=(3, 13),
            bases=("host",),
        ),
    )
}


def cache_folder() -> Path:
    """Where everything lies that can be made again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flux-studio"


def enter(name: str, arguments: Sequence[str], *, root: Path) -> None:
    """Replace this process by Python of the environment, unless it already is. Raises SetupError."""
    folder = environment_folder(ENVIRONMENTS[name], root / "requirements")
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    python = ensure(name, root / "requirements")
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(python, [str(python), *arguments], clean_environ())  # noqa: S606


def is_ready(name: str, root: Path) -> bool:
    """Whether an environment, and those below it, need not be made first."""
    names = (name, *ENVIRONMENTS[name].bases)
    return all((environment_folder(ENVIRONMENTS[row], root / "requirements") / FINISHED).exists() for row in names)


def ensure(name: str, requirements: Path) -> Path:
    """Make the environment if it is not there; answer its Python. Raises SetupError."""
    environment = ENVIRONMENTS[name]
    for base in environment.bases:
        ensure(base, requirements)
    folder = environment_folder(environment, requirements)
    if not (folder / FINISHED).exists():
        check_machine(environment, folder)
        with one_at_a_time(folder):
            if not (folder / FINISHED).exists():
                make(environment, folder, requirements)
    return folder / "bin" / "python"


def environment_folder(environment: Environment, requirements: Path) -> Path:
    """The folder's name changes with the lock files and the Python version, so that neither goes stale."""
    return cache_folder() / f"{environment.name}-{fingerprint(environment, requirements)}"


def fingerprint(environment: Environment, requirements: Path) -> str:
    """Twelve hex digits of the lock files and of what decides which files pip picks."""
    digest = hashlib.sha256()
    for name in (environment.name, *environment.bases):
        digest.update((requirements / f"{name}.lock").read_bytes())
    digest.update(f"{platform.python_version()} {platform.system()} {platform.machine()}".encode())
    return digest.hexdigest()[:12]


def check_machine(environment: Environment, folder: Path) -> None:
    """Refuse what cannot work before anything is downloaded. Raises SetupError."""
    if environment.below and sys.version_info[:2] >= environment.below:
        known = next((path for path in map(shutil.which, ("python3.12", "python3.11")) if path), None)
        advice = f"run it with {known}" if known else "install one of them and run it with that"
        raise SetupError(f"Open WebUI needs Python 3.11 or 3.12 and this is {platform.python_version()}: {advice}.")
    if not all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupError(f"Python's venv module is missing: install it (Debian: apt install python{version}-venv).")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"{folder.parent} cannot be made ({error.strerror}): set XDG_CACHE_HOME elsewhere.") from error
    free = shutil.disk_usage(folder.parent).free / GIBIBYTE
    if free < environment.space:
        raise SetupError(
            f"{folder.parent} has {free:.1f} GB free and {environment.space:g} GB are needed: "
            "free some space, or set XDG_CACHE_HOME to a folder on another disk."
        )


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Let two starts that need the same environment wait for each other; the lock goes with its process."""
    with folder.with_suffix(".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another start is making this environment; waiting for it …", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make(environment: Environment, folder: Path, requirements: Path) -> None:
    """Make the environment in place (its programs hold its path) and mark it finished. Raises SetupError."""
    started = time.monotonic()
    log = folder.with_suffix(".log")
    lock = requirements / f"{environment.name}.lock"
    python = folder / "bin" / "python"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        create_venv(folder, log)
        bases = [environment_folder(ENVIRONMENTS[base], requirements) for base in environment.bases]
        show_packages_of(bases, folder)
        install(python, lock, environment.first, log=log, task=environment.task, environ=clean_environ())
    except PipFailed as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise SetupError(str(error)) from error
    (folder / FINISHED).touch()
    print(f"  done in {time.monotonic() - started:.0f} s", flush=True)


def create_venv(folder: Path, log: Path) -> None:
    with log.open("w") as file:
        command = [sys.executable, "-m", "venv", str(folder)]
        code = subprocess.run(command, stdout=file, stderr=file, env=clean_environ(), check=False).returncode
    if code:
        raise SetupError(f"Python could not make a virtual environment in {folder}; {log} says why.")


def show_packages_of(bases: Sequence[Path], folder: Path) -> None:
    """Put the bases' packages behind the environment's own."""
    packages = Path("lib") / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    lines = "".join(f"{base / packages}\n" for base in bases)
    (folder / packages / "flux_studio_base.pth").write_text(lines)


def clean_environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in FOREIGN_VARIABLES}
