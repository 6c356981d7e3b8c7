"""The command of deploy/compose.yaml's install container, run as it stands there against a real Open WebUI."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.test_compose import services
from tools.host import Account, Host
from tools.install.client import OpenWebUI
from tools.install.command import uninstall_main
from tools.stage import ROOT

from .conftest import PASSWORD

pytestmark = pytest.mark.host

KEEP = ("PATH", "HOME", "LANG", "XDG_CACHE_HOME", "PIP_CONFIG_FILE")
"""All that the step gets besides the variables of its service."""


def run_step(host: Host, admin: Account, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the service's command with its environment; addresses and accounts are those of the host at hand."""
    service = services()["install"]
    here = {"STUDIO_URL": host.url, "STUDIO_EMAIL": admin.email, "STUDIO_PASSWORD": PASSWORD}
    own = {name: value for name, value in service["environment"].items() if name != "XDG_CACHE_HOME"}
    inherited = {name: os.environ[name] for name in KEEP if name in os.environ}
    python, *arguments = service["command"]
    assert python == "python"
    base = Path(sys.base_prefix) / "bin" / "python3"  # a container has no environment of ours yet
    return subprocess.run(
        [str(base), *arguments],
        cwd=ROOT,
        env=inherited | own | here | changes,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_step_installs_the_bundle_and_may_run_again(host: Host, admin: Account, client: OpenWebUI) -> None:
    try:
        first = run_step(host, admin, STUDIO_VALVE="FLUX_API_KEY=sk-composed", STUDIO_ACCESS="public")
        assert first.returncode == 0, first.stderr
        assert "created" in first.stdout
        assert client.get("/api/v1/functions/id/flux_studio/valves", "valves") == {"FLUX_API_KEY": "sk-composed"}
        again = run_step(host, admin)
        assert again.returncode == 0, again.stderr
        assert "created" not in again.stdout
        assert "sk-composed" not in first.stdout + again.stdout
    finally:
        uninstall_main(["--url", host.url, "--api-key", admin.token])


def test_a_wrong_password_ends_the_step_with_a_sentence(host: Host, admin: Account) -> None:
    done = run_step(host, admin, STUDIO_PASSWORD="not-the-password")
    assert done.returncode == 1
    assert f"The e-mail {admin.email} or its password is wrong." in done.stderr
