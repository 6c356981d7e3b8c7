"""The commands install and uninstall."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from . import options
from .bundle import ROOT, Bundle, load
from .failure import InstallError
from .report import Change

if TYPE_CHECKING:
    from .client import OpenWebUI
    from .valves import Assignment


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Install or upgrade from `root`; 0 when all is as wanted, 1 with one sentence otherwise."""
    return guarded(run_install, arguments, root)


def uninstall_main(arguments: list[str], root: Path = ROOT) -> int:
    """Remove the functions and our model entries; 0 or 1 as main."""
    return guarded(run_uninstall, arguments, root)


def guarded(run: Callable[[list[str], Path], None], arguments: list[str], root: Path) -> int:
    try:
        run(arguments, root)
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run_install(arguments: list[str], root: Path) -> None:
    given = options.read(arguments, os.environ, program="install", installing=True)
    loaded = load(root)
    host = connect(given, loaded)
    changes = []
    for change in install(host, loaded, access=given.access, valves=given.valves):
        print(change, flush=True)
        changes.append(change)
    if not any(change.kind == "model" for change in changes):
        print(
            "No model can be shown yet: set a key, --valve FLUX_API_KEY=… (or in Open WebUI, Admin Panel, Functions)."
        )
    elif given.access is None:
        print(
            "New models are private: only admins see them. Open them with --access public or --access group:NAME,\n"
            "or in Open WebUI: Admin Settings, Models, the model, Access."
        )


def run_uninstall(arguments: list[str], root: Path) -> None:
    given = options.read(arguments, os.environ, program="uninstall", installing=False)
    loaded = load(root)
    for change in uninstall(connect(given, loaded), loaded):
        print(change, flush=True)
    print("Pictures, files and the table of jobs are untouched.")


def connect(given: options.Options, bundle: Bundle, *, quiet: bool = False) -> OpenWebUI:
    """Reach the host, check its version, sign in; say so unless `quiet`. Raises InstallError."""
    from .client import OpenWebUI  # requests is not there before the environment is

    host = OpenWebUI(given.url)
    found = host.version()
    if release(found) < release(bundle.minimum_open_webui):
        raise InstallError(f"This is Open WebUI {found}; FLUX Studio needs {bundle.minimum_open_webui} or newer.")
    enter(host, api_key=given.api_key, email=given.email, password=given.password)
    host.require_plugins()
    if not quiet:
        print(f"FLUX Studio {bundle.version} on Open WebUI {found} at {host.url}", flush=True)
    return host


def enter(host: OpenWebUI, *, api_key: str, email: str, password: str) -> None:
    """Sign in as an admin, by a key or by e-mail and password. Raises InstallError."""
    if api_key:
        host.use_key(api_key)
    else:
        host.sign_in(email, password)
    host.require_admin()


def install(
    host: OpenWebUI, bundle: Bundle, *, access: Sequence[str] | None = None, valves: Sequence[Assignment] = ()
) -> Iterable[Change]:
    """Bring functions, valves, model entries and prompt entries to this release, item by item. Raises InstallError."""
    from .entries import install_entries
    from .functions import install_functions
    from .prompts import install_prompts

    yield from install_functions(host, bundle, valves)
    yield from install_entries(host, access)
    yield from install_prompts(host, access)


def uninstall(host: OpenWebUI, bundle: Bundle) -> Iterable[Change]:
    """Remove prompt and model entries, then the functions. Raises InstallError."""
    from .entries import remove_entries
    from .functions import remove_functions
    from .prompts import remove_prompts

    yield from remove_prompts(host)
    yield from remove_entries(host)
    yield from remove_functions(host, bundle)


def release(version: str) -> tuple[int, ...]:
    """`0.12.4-dev` as numbers, for comparing."""
    return tuple(int(part) for part in version.split("-")[0].split("+")[0].split(".") if part.isdigit())
