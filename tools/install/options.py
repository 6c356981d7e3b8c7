"""The command line of install and uninstall; every option is also an environment variable STUDIO_…."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .access import read_access
from .failure import InstallError
from .valves import Assignment, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Where to install, as whom, and what to set."""

    url: str
    api_key: str = field(default="", repr=False)
    email: str = ""
    password: str = field(default="", repr=False)
    access: list[str] | None = None
    """None: private for new models, unchanged for existing ones."""
    valves: tuple[Assignment, ...] = ()


def read(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    *,
    program: str,
    installing: bool,
    ask: Callable[[str], str] | None = None,
) -> Options:
    """Read the options, then the environment for those not given. Raises InstallError.

    `ask` reads a password from the person; by default from the terminal, if there is one.
    """
    given = parser(program, installing).parse_args(arguments)
    where = sign_in(given, environ, ask)
    access = (given.access or environ.get("STUDIO_ACCESS", "").split(",")) if installing else [""]
    valves = (given.valve or environ.get("STUDIO_VALVE", "").splitlines()) if installing else []
    return replace(
        where,
        access=read_access([word.strip() for word in access]) if any(access) else None,
        valves=tuple(parse(text) for text in valves if text.strip()),
    )


def sign_in(given: argparse.Namespace, environ: Mapping[str, str], ask: Callable[[str], str] | None = None) -> Options:
    """Where and as whom, of the command line, else of the environment. Raises InstallError."""
    value = {name: getattr(given, name) or environ.get(f"STUDIO_{name.upper()}", "") for name in TEXTS}
    if not value["url"]:
        raise InstallError("Which Open WebUI? Give its address: --url http://localhost:8080 (or STUDIO_URL).")
    if not value["api_key"] and not value["email"]:
        raise InstallError("Sign in as an admin: --email and --password, or --api-key.")
    if value["email"] and not value["api_key"]:
        value["password"] = value["password"] or ask_password(value["email"], ask)
    return Options(**value)


TEXTS = ("url", "api_key", "email", "password")


def parser(program: str, installing: bool) -> argparse.ArgumentParser:
    made = admin_parser(
        program,
        "Install or upgrade the plugins in a running Open WebUI."
        if installing
        else "Remove the plugins and their models from an Open WebUI; pictures, files and jobs stay.",
    )
    if installing:
        made.add_argument(
            "--access",
            action="append",
            metavar="private|public|group:NAME",
            help="who may use the models; new ones are private unless told otherwise",
        )
        made.add_argument(
            "--valve",
            action="append",
            metavar="[FUNCTION.]NAME=VALUE",
            help="set a valve (of flux_studio when no function is named); an empty value means its default",
        )
    return made


def admin_parser(program: str, description: str) -> argparse.ArgumentParser:
    """A command line that says which Open WebUI and signs in as its admin."""
    made = argparse.ArgumentParser(
        prog=f"studio.py {program}",
        description=description,
        epilog="Every option can be given as an environment variable: STUDIO_URL, STUDIO_API_KEY, STUDIO_PASSWORD …",
    )
    add_sign_in(made)
    return made


def add_sign_in(made: argparse.ArgumentParser) -> None:
    made.add_argument("--url", help="address of Open WebUI, such as http://localhost:8080")
    made.add_argument("--api-key", help="API key of an admin")
    made.add_argument("--email", help="e-mail of an admin, instead of a key")
    made.add_argument("--password", help="asked for when left out")


def ask_password(email: str, ask: Callable[[str], str] | None) -> str:
    if ask is None and not sys.stdin.isatty():
        raise InstallError("The password is missing: --password or STUDIO_PASSWORD.")
    return (ask or getpass.getpass)(f"Password of {email}: ")
