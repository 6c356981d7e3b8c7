"""Build one page of artifacts/ into a single html text that loads nothing."""

from __future__ import annotations

from pathlib import Path

from .sources import read


def build_page(folder: Path, root: Path) -> str:
    """Return the html of the page in `folder`."""
    return read(folder / "index.html", root)
