"""Installs a Debian package where this process may."""

from __future__ import annotations

import os
import shutil
import subprocess


def install(package: str) -> bool:
    """Install a package; False where this is not Debian, we are not root, or the package cannot be had."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    print(f"Installing Debian's {package} …", flush=True)
    return apt_get("install", package) or (apt_get("update") and apt_get("install", package))


def apt_get(action: str, *packages: str) -> bool:
    command = ["apt-get", action, "-y", "-qq", *packages]
    if action == "install":
        command.append("--no-install-recommends")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environ, capture_output=True, check=False).returncode == 0
