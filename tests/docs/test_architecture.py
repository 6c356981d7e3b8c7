"""The rules of docs/architecture.md that a machine can read off the sources."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.docs.command import ROOT

PACKAGE = ROOT / "shared" / "flux_studio"
MODULES = sorted(PACKAGE.rglob("*.py"))
FLOORS = {
    **dict.fromkeys(("types", "errors"), 0),
    **dict.fromkeys(("catalog", "http", "settings", "valves", "logs", "limits", "environment", "cache"), 1),
    **dict.fromkeys(("providers", "jobs", "imaging", "finetune"), 2),
    **dict.fromkeys(("flows", "commands", "recipes", "captions", "edits", "drawings", "costs"), 3),
    "webui": 4,
}
HOST = {"aiohttp", "yarl", "pydantic", "PIL", "numpy", "cv2", "openai", "sqlalchemy", "requests", "pycrdt"}
"""What Open WebUI brings and the plugins may use everywhere."""
ONLY_WEBUI = {"open_webui", "fastapi", "starlette", "socketio", "sqlalchemy"}
"""The host itself and what belongs to it: for webui/ alone."""


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Level of the dots and name of everything a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names] if not node.module else [node.module]
            yield from ((node.level, name) for name in names)


def own_imports(path: Path) -> Iterator[str]:
    """The parts of the package that a file imports, by the first word below flux_studio."""
    folder = path.relative_to(PACKAGE).parent.parts
    for level, name in imports(path):
        if level:
            base = folder[: len(folder) - (level - 1)]
            yield (*base, *name.split("."))[0]


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_floor_imports_only_itself_and_what_is_below(path):
    if part(path) == "__init__":
        return
    above = [name for name in own_imports(path) if name in FLOORS and FLOORS[name] > FLOORS[part(path)]]
    assert above == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_packages_of_the_host_are_imported(path):
    allowed = HOST | ONLY_WEBUI if part(path) == "webui" else HOST - ONLY_WEBUI
    foreign = {name.partition(".")[0] for level, name in imports(path) if not level}
    assert foreign - set(sys.stdlib_module_names) - allowed == set()


def test_every_part_of_the_package_has_a_floor():
    assert {part(path) for path in MODULES} - {"__init__"} <= set(FLOORS)


def test_no_plugin_asks_for_packages():
    plugins = json.loads((ROOT / "dist" / "flux_studio_bundle.json").read_text("utf-8"))
    assert plugins
    for plugin in plugins:
        head = plugin["content"].split('"""')[1]
        assert "requirements" not in head
        assert "requirements" not in plugin["meta"].get("manifest", {})


def test_the_environment_is_read_in_one_place():
    """Configuration has one door: everything else gets Settings; proxies are asked of Python's own function."""
    readers = {path.relative_to(PACKAGE).as_posix() for path in MODULES if "os.environ" in path.read_text("utf-8")}
    assert readers == {"settings.py"}


def test_calls_leave_through_one_client():
    """The key's rules, the retries and the size caps are in http/ alone."""
    users = {part(path) for path in MODULES if any(name.split(".")[0] == "aiohttp" for _, name in imports(path))}
    assert users == {"http"}
