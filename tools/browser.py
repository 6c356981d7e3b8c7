"""Finds the browser that the host tests drive."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import debian

PROGRAMS = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")
MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


class NoBrowser(Exception):
    """There is no browser and none can be installed; says what to do."""


def chromium() -> Path:
    """An installed Chrome or Chromium, else Debian's, else Playwright's own. Raises NoBrowser.

    The environment variable CHROMIUM names another one.
    """
    found = installed() or (installed() if debian.install("chromium") else None) or playwright_own()
    if found is None:
        raise NoBrowser("There is no browser: install Chrome or Chromium, or name one in CHROMIUM.")
    return found


def installed() -> Path | None:
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    program = next((path for path in map(shutil.which, PROGRAMS) if path), None)
    return Path(program) if program else (MACOS if MACOS.exists() else None)


def playwright_own() -> Path | None:
    """Playwright's build, downloaded once into Playwright's own cache."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    if not path.exists():
        print("Downloading Playwright's Chromium …", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True, check=False)
    return path if path.exists() else None
