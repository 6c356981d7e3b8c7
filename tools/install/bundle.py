"""The bundle on disk: manifest.json and the built plugins beside it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from .failure import InstallError

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One function as Open WebUI will store it."""

    id: str
    name: str
    description: str
    everywhere: bool
    """Whether it is switched on for every model ("global")."""
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Everything an installation brings."""

    version: str
    minimum_open_webui: str
    plugins: tuple[Plugin, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(plugin.id for plugin in self.plugins)


def load(root: Path = ROOT) -> Bundle:
    """Read `root`/manifest.json and the texts in `root`/dist. Raises InstallError when they do not belong together."""
    try:
        document = json.loads((root / "manifest.json").read_text("utf-8"))
        plugins = tuple(read_plugin(row, root / "dist" / f"{row['id']}.py") for row in document["plugins"])
        return Bundle(version=document["version"], minimum_open_webui=document["minimum_open_webui"], plugins=plugins)
    except FileNotFoundError as error:
        raise InstallError(f"{error.filename} is missing: run `python3 studio.py build`.") from error
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise InstallError(f"manifest.json cannot be read ({error}): get a fresh copy of the project.") from error


def read_plugin(row: dict[str, object], path: Path) -> Plugin:
    """Read one built plugin. Raises InstallError when it is not the file the manifest describes."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != row.get("sha256"):
        raise InstallError(f"{path} is not the file manifest.json describes: run `python3 studio.py build`.")
    return Plugin(
        id=str(row["id"]),
        name=str(row["name"]),
        description=str(row["description"]),
        everywhere=bool(row["global"]),
        content=content.decode(),
    )
