"""A real Open WebUI for the installer, and small bundles to install into it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.host import Account, Host
from tools.install.client import OpenWebUI
from tools.install.command import main, uninstall_main

PASSWORD = "Passw0rd!studio"
PIPE = '''"""
title: FLUX Studio
"""
from pydantic import BaseModel, Field


class Pipe:
    class Valves(BaseModel):
        FLUX_API_KEY: str = Field("", json_schema_extra={{"input": {{"type": "password"}}}})
        RATE_LIMIT: int = Field(60, ge=0)
        USE_PROXY: bool = False
{valve}
    def __init__(self):
        self.valves = self.Valves()

    def pipes(self):
        return [{{"id": name, "name": name.upper()}} for name in {models!r}]

    def pipe(self, body):
        return "release {release}"
'''
ACTION = '''"""
title: Button
"""


class Action:
    async def action(self, body):
        return None
'''


def write_bundle(
    root: Path,
    *,
    release: int = 1,
    valve: str = "",
    pipe: str = "",
    minimum: str = "0.12.4",
    models: tuple[str, ...] = (),
) -> Path:
    """Write a bundle of a pipe and a global action as the build does."""
    names = models or ("flux-2-pro", "flux-2-max", "commands")
    texts = {
        "flux_studio": pipe or PIPE.format(valve=f"        {valve}\n" if valve else "", models=names, release=release),
        "flux_studio_edit": ACTION,
    }
    rows = []
    (root / "dist").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (root / "dist" / f"{name}.py").write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        row = {"id": name, "name": f"Plugin {name}", "description": f"What {name} does.", "sha256": digest}
        rows.append({**row, "global": name == "flux_studio_edit"})
    document = {"version": f"0.{release}.0", "minimum_open_webui": minimum, "plugins": rows}
    (root / "manifest.json").write_text(json.dumps(document))
    return root


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with Host(tmp_path_factory.mktemp("open-webui")) as started:
        yield started


@pytest.fixture(scope="session")
def admin(host: Host) -> Account:
    return host.sign_up("Admin", "admin@example.com", PASSWORD)


@pytest.fixture(scope="session")
def person(host: Host, admin: Account) -> Account:
    """Somebody without any rights."""
    return host.add_user(admin, "Person", "person@example.com", PASSWORD)


@pytest.fixture
def client(host: Host, admin: Account) -> OpenWebUI:
    made = OpenWebUI(host.url)
    made.use_key(admin.token)
    return made


Command = Callable[..., int]


@pytest.fixture
def install(host: Host, admin: Account, tmp_path: Path) -> Iterator[Command]:
    """Run `install` as a person would, by default as the admin and with the first release; remove it afterwards."""
    sign_in = ["--url", host.url, "--api-key", admin.token]  # the host counts sign-ins by password

    def run(*arguments: str, root: Path | None = None) -> int:
        return main([*sign_in, *arguments], root or write_bundle(tmp_path / "release-1"))

    yield run
    uninstall_main(["--url", host.url, "--api-key", admin.token], write_bundle(tmp_path / "release-1"))
