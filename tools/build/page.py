"""Build one page of artifacts/ into a single html text that loads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .bundle import bundle_script, minify_style
from .shorten import shorten_custom_properties
from .sources import BuildError, raise_findings, read

STYLESHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
MODULE = re.compile(r'<script type="module" src="([^"]+)"></script>')

# A page runs in a sandboxed frame without an origin: whatever it would fetch, it cannot have.
LOADS = re.compile(r'\b(?:src|srcset|poster)="(?!data:)|<link\b|@import\b|\burl\((?!["\']?(?:data:|#))')


def build_page(folder: Path, root: Path) -> str:
    """Return the html of the page in `folder`, with its stylesheets and its script's modules put in.

    The page is `index.html`. Stylesheets stand there as `<link rel="stylesheet" href="looks.css">`, the one script
    as `<script type="module" src="main.js"></script>`. Raises BuildError, naming file and line.
    """
    where = (folder / "index.html").relative_to(root).as_posix()
    html = read(folder / "index.html", root)
    if len(MODULE.findall(html)) > 1:
        raise BuildError(f"{where}: more than one module script, they would not share their modules")
    bare = MODULE.sub(_same_lines, STYLESHEET.sub(_same_lines, html))
    raise_findings(_loading(bare, where))
    html = STYLESHEET.sub(lambda found: f"<style>\n{_stylesheet(folder / found[1], root)}</style>", html)
    html = MODULE.sub(lambda found: f'<script type="module">\n{bundle_script(folder / found[1], root)}</script>', html)
    return shorten_custom_properties(html)


def _stylesheet(path: Path, root: Path) -> str:
    raise_findings(_loading(read(path, root), path.relative_to(root).as_posix()))
    return minify_style(path, root)


def _loading(text: str, where: str) -> Iterator[str]:
    for number, line in enumerate(text.split("\n"), 1):
        found = LOADS.search(line)
        if found:
            yield f"{where}:{number}: `{found[0]}` loads something, put it into the page as data"


def _same_lines(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")
