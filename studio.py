#!/usr/bin/env python3
"""The one entry of FLUX Studio for people: makes the environment a command needs, then runs the command in it."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent

COMMANDS = {
    "demo": ("tools.demo", "host", "start Open WebUI with FLUX Studio installed and print how to sign in"),
    "install": ("tools.install", "install", "install or upgrade the plugins in a running Open WebUI"),
    "uninstall": ("tools.install.uninstall", "install", "remove the plugins; pictures and jobs stay"),
    "doctor": ("tools.doctor", "install", "look over an installation and say what to do"),
    "costs": ("tools.costs", "install", "show what was made and what it cost"),
    "config": ("tools.install.config", "install", "save all valves as JSON without secrets, or restore them"),
    "build": ("tools.build", "build", "write the single-file plugins in dist/ (--check: only compare)"),
    "docs": ("tools.docs", "dev", "fill the tables in README.md and docs/ from the code (--check: only compare)"),
    "sandbox": ("tools.sandbox.__main__", "host", "start the server that stands in for Black Forest Labs"),
    "test": ("tools.testing", "dev", "run the tests, lane by lane"),
    "bench": ("tools.bench", "dev", "measure against the naive way"),
}
"""Name -> module with `main(arguments)`, environment it runs in, what it does."""


def main(arguments: list[str]) -> int:
    """Run one command; answer its exit code."""
    # before any import that an older Python could not read
    if sys.version_info < (3, 11):  # noqa: UP036
        return fail(f"FLUX Studio needs Python 3.11 or 3.12; this is {sys.version.split()[0]} ({sys.executable}).")
    name, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if name in ("help", "-h", "--help"):
        print(usage())
        return 0
    if name not in COMMANDS:
        return fail(f"There is no command {name!r}; there are {', '.join(COMMANDS)}.")
    try:
        return run(name, rest)
    except KeyboardInterrupt:
        return 130


def run(name: str, rest: list[str]) -> int:
    """Hand the command over to its environment, unless we are in it."""
    from tools import dotenv, environment

    module, environment_name, what = COMMANDS[name]
    sys.path.insert(0, str(ROOT / "shared"))
    try:
        dotenv.load(ROOT / ".env", os.environ)
        wants_help = bool({"-h", "--help"} & set(rest))
        if wants_help and not can_import(module) and not environment.is_ready(environment_name, ROOT):
            print(f"studio.py {name}: {what}\n\nIts options can be listed once it has run; they are in docs/, too.")
            return 0
        if not (wants_help and can_import(module)):
            environment.enter(environment_name, [str(ROOT / "studio.py"), name, *rest], root=ROOT)
    except (environment.SetupError, dotenv.DotenvError) as error:
        return fail(str(error))
    return int(importlib.import_module(module).main(rest) or 0)


def can_import(module: str) -> bool:
    """Whether a command's options can be listed without its environment."""
    try:
        importlib.import_module(module)
    except ModuleNotFoundError:
        return False
    return True


def usage() -> str:
    width = max(map(len, COMMANDS))
    rows = [f"  {name:{width}}  {text}" for name, (_, _, text) in COMMANDS.items()]
    return "\n".join(["usage: python3 studio.py COMMAND [options]", "", *rows, "", "COMMAND --help lists its options."])


def fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
