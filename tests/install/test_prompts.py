"""The prompt entries of the commands: made with the models' access, never over one of an admin's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flux_studio.commands import COMMANDS
from tools.host import Account, Host
from tools.install.client import OpenWebUI
from tools.install.command import uninstall_main

from .conftest import write_bundle

pytestmark = pytest.mark.host
Command = Callable[..., int]


def seen_by(host: Host, account: Account) -> dict[str, dict[str, Any]]:
    return {row["command"]: row for row in host.session(account).get("/api/v1/prompts/").json()}


def test_entries_follow_the_models_and_leave_an_admins_own_alone(
    install: Command,
    host: Host,
    admin: Account,
    person: Account,
    client: OpenWebUI,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mine = {"command": "edit", "name": "Mine", "content": "Edit this text: {{CLIPBOARD}}", "access_grants": []}
    own = client.post("/api/v1/prompts/create", mine, "a prompt")["id"]
    try:
        assert install() == 0
        assert "a prompt of that name already" in capsys.readouterr().out
        entries = seen_by(host, admin)
        assert set(entries) == set(COMMANDS)
        assert entries["edit"]["content"] == mine["content"]
        assert "textarea" in entries["imagine"]["content"]
        assert seen_by(host, person) == {}

        install("--access", "public")
        assert set(seen_by(host, person)) == set(COMMANDS) - {"edit", "credits"}
        changed = {**entries["imagine"], "content": "/imagine in our house style: {{prompt | textarea}}"}
        client.post(f"/api/v1/prompts/id/{changed['id']}/update", changed, "a change")
        client.delete(f"/api/v1/prompts/id/{entries['help']['id']}/delete", "the prompt")
        install()
        assert "help" in seen_by(host, person)
        assert seen_by(host, person)["imagine"]["content"] == changed["content"]

        capsys.readouterr()
        install()
        assert "created" not in capsys.readouterr().out
        assert uninstall_main(["--url", host.url, "--api-key", admin.token], write_bundle(tmp_path / "release-1")) == 0
        assert set(seen_by(host, admin)) == {"edit"}
    finally:
        client.delete(f"/api/v1/prompts/id/{own}/delete", "the prompt")
