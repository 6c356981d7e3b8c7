"""Read manifest.json, the list of what the bundle contains, and write what the build knows better."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .sources import BuildError, read

# The host takes the first of these classes that it finds in a plugin, in this order:
# open_webui/utils/plugin.py, load_function_module_by_id.
CLASS_OF_KIND = {"pipe": "Pipe", "filter": "Filter", "action": "Action", "event": "Event"}

REQUIRED = {"id": str, "kind": str, "file": str, "name": str, "description": str, "global": bool}
OPTIONAL = {"sha256": str, "page": str}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One row of manifest.json."""

    id: str
    kind: str
    file: str
    name: str
    description: str
    page: str | None
    """Folder below artifacts/ whose page the plugin opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The bundle: its plugins, and the document they were read from."""

    document: dict[str, Any]
    minimum_open_webui: str
    plugins: tuple[Plugin, ...]

    def updated(self, version: str, digests: Mapping[str, str]) -> str:
        """Return the text of manifest.json with this version and the sha256 of every plugin, by id."""
        rows = [{**row, "sha256": digests[row["id"]]} for row in self.document["plugins"]]
        document = {**self.document, "version": version, "plugins": rows}
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def load(root: Path) -> Manifest:
    """Read `root`/manifest.json; raise BuildError that names the field (as manifest.schema.json would)."""
    try:
        document = json.loads(read(root / "manifest.json", root))
        plugins = tuple(
            _plugin(row, f"manifest.json: plugin {number}") for number, row in enumerate(document["plugins"], 1)
        )
        minimum = document["minimum_open_webui"]
    except json.JSONDecodeError as error:
        raise BuildError(f"manifest.json:{error.lineno}: {error.msg}") from error
    except (KeyError, TypeError) as error:
        raise BuildError(f"manifest.json: not as manifest.schema.json says ({error})") from error
    ids = [plugin.id for plugin in plugins]
    for repeated in sorted({name for name in ids if ids.count(name) > 1}):
        raise BuildError(f"manifest.json: the id {repeated} is given twice")
    return Manifest(document=document, minimum_open_webui=minimum, plugins=plugins)


def _plugin(row: dict[str, Any], where: str) -> Plugin:
    _check(row, where)
    known: dict[str, Any] = {name: row.get(name) for name in ("id", "kind", "file", "name", "description", "page")}
    return Plugin(**known)


def _check(row: object, where: str) -> None:
    if not isinstance(row, dict):
        raise BuildError(f"{where}: no object")
    for name, kind in REQUIRED.items():
        if not isinstance(row.get(name), kind):
            raise BuildError(f"{where}: {name} is missing or no {kind.__name__}")
    for name, value in row.items():
        if name not in REQUIRED | OPTIONAL:
            raise BuildError(f"{where}: {name} is no field of a plugin")
        if isinstance(value, str) and re.search(r'[\r\n\\"]', value):
            raise BuildError(f"{where}: {name} goes into a docstring, so no line end, backslash or double quote")
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", row["id"]):
        raise BuildError(f"{where}: id {row['id']!r} is not made of a-z, 0-9 and _")
    if row["kind"] not in CLASS_OF_KIND:
        raise BuildError(f"{where}: kind {row['kind']!r} is none of {', '.join(CLASS_OF_KIND)}")


def version(initial: str, where: str) -> str:
    """Return the VERSION that the text of the package's __init__.py sets; raise BuildError without one."""
    for node in ast.parse(initial, where).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["VERSION"]:
            value = node.value.value if isinstance(node.value, ast.Constant) else None
            if isinstance(value, str) and re.fullmatch(r"\d+\.\d+\.\d+", value):
                return value
    raise BuildError(f'{where}: no VERSION = "1.2.3"')
