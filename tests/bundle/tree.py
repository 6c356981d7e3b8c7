"""A small repository with a package and three plugins, for tests that build."""

from __future__ import annotations

import json
from pathlib import Path

MARK = "MARK: this line stands in the traceback"

PLUGINS = [
    {"id": "flux_studio", "kind": "pipe", "file": "functions/studio.py"},
    {"id": "flux_studio_buttons", "kind": "action", "file": "actions/buttons.py"},
    {"id": "flux_studio_watch", "kind": "event", "file": "functions/watch.py"},
]

FILES = {
    "shared/flux_studio/__init__.py": '"""Shared."""\n\nVERSION = "1.0.0"\n',
    "shared/flux_studio/calls.py": '"""State of the process."""\n\nCALLS: list[str] = []\n',
    "shared/flux_studio/table.json": '{"é": "\\\\ \\" \\u2028 \u2028"}\n',
    "shared/flux_studio/types.py": '''"""Values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    prompt: str
''',
    "shared/flux_studio/errors.py": '''"""Errors."""

from . import VERSION


class Refused(Exception):
    """Carries the release it came from."""

    def __str__(self) -> str:
        return f"refused by {VERSION}"
''',
    "shared/flux_studio/providers/__init__.py": '''"""Providers by name."""

import importlib


def get(name):
    return importlib.import_module(f".{name}", __package__).generate
''',
    "shared/flux_studio/providers/bfl.py": f'''"""A provider that refuses some prompts."""

from ..calls import CALLS
from ..errors import Refused

BACKSLASHES = r"C:\\new\\temp" + "\\n\\t\\\\" + 'quote"s'


def generate(request):
    CALLS.append(request.prompt)
    if request.prompt == "bad":
        raise Refused  # {MARK}
    return f"picture of {{request.prompt}}"
''',
    "shared/flux_studio/providers/absent.py": '"""Needs more."""\n\nimport a_package_that_is_not_installed\n',
    "functions/studio.py": '''"""
title: replaced by the build
author: someone
version: 0.0.0
license: MIT
"""

from __future__ import annotations

import pkgutil

from flux_studio import VERSION
from flux_studio.calls import CALLS
from flux_studio.errors import (
    Refused,
)
from flux_studio.providers import get
from flux_studio.types import Request

NOTE = "from flux_studio.calls import CALLS"


class Pipe:
    async def pipe(self, prompt: str) -> str:
        from flux_studio.types import Request as Late

        assert Late is Request
        try:
            return get("bfl")(Request(prompt))
        except Refused as error:
            return str(error)

    async def fail(self) -> None:
        get("bfl")(Request("bad"))

    async def late(self, provider: str) -> None:
        get(provider)

    async def table(self) -> str:
        return pkgutil.get_data(__package__, "table.json").decode()
''',
    "actions/buttons.py": '''"""
author: someone
"""

from flux_studio.calls import CALLS
from flux_studio.types import Request


class Action:
    async def action(self) -> list[str]:
        return CALLS
''',
    "functions/watch.py": '''"""
author: someone
"""


class Event:
    async def event(self) -> None: ...
''',
}


def write(root: Path) -> Path:
    """Write the repository below `root` and return it."""
    rows = [{**row, "name": f"Name of {row['id']}", "description": "Does things.", "global": False} for row in PLUGINS]
    manifest = {"name": "Test bundle", "version": "0.0.0", "minimum_open_webui": "0.12.4", "plugins": rows}
    for path, text in {**FILES, "manifest.json": json.dumps(manifest) + "\n"}.items():
        put(root, path, text)
    return root


def put(root: Path, path: str, text: str) -> None:
    """Write one file of the repository."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text.encode())
