"""The build command: sources in, dist/ and manifest.json out, or a list of what is stale."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from . import manifest
from .imports import package_findings
from .page import build_page
from .plugin import render
from .sources import BuildError, package_files, raise_findings

ROOT = Path(__file__).parents[2]
PACKAGE = "flux_studio"
IMPORT_FILE = "flux_studio_bundle.json"


def build(root: Path, out: Path) -> dict[Path, str]:
    """Return the text of every file the build owns, by path: the plugins, the import file, manifest.json.

    Pure but for reading below `root`; equal sources give equal texts. Raises BuildError.
    """
    described = manifest.load(root)
    folder = f"shared/{PACKAGE}"
    files = package_files(root / folder, root)
    raise_findings(package_findings(files, PACKAGE, folder))
    version = manifest.version(files["__init__.py"], f"{folder}/__init__.py")
    texts: dict[str, str] = {}
    for plugin in described.plugins:
        fields = header_fields(plugin, version, described.minimum_open_webui)
        page = build_page(root / "artifacts" / plugin.page, root) if plugin.page else ""
        texts[plugin.id] = render(plugin, root, PACKAGE, files, fields, page)
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    return {
        **{out / f"{name}.py": text for name, text in texts.items()},
        out / IMPORT_FILE: import_file(described.plugins, texts),
        root / "manifest.json": described.updated(version, digests),
    }


def header_fields(plugin: manifest.Plugin, version: str, minimum_open_webui: str) -> dict[str, str]:
    """Return the header lines whose only source is manifest.json or the package's VERSION."""
    return {
        "title": plugin.name,
        "description": plugin.description,
        "version": version,
        "required_open_webui_version": minimum_open_webui,
    }


def import_file(plugins: tuple[manifest.Plugin, ...], texts: Mapping[str, str]) -> str:
    """Return what Admin -> Functions -> Import reads: a JSON array, one function each."""
    rows = [
        {
            "id": plugin.id,
            "name": plugin.name,
            "content": texts[plugin.id],
            "meta": {"description": plugin.description, "manifest": frontmatter(texts[plugin.id])},
        }
        for plugin in plugins
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def frontmatter(text: str) -> dict[str, str]:
    """Return the `key: value` lines of a plugin's header, read as the host's extract_frontmatter does."""
    header = text.split('"""', 2)[1]
    return dict(re.findall(r"(?im)^[ \t]*([a-z_]+):[ \t]*(.*?)[ \t]*$", header))


def read(path: Path) -> str | None:
    """Return the text of a file, None where there is none."""
    return path.read_bytes().decode() if path.is_file() else None


def left_over(out: Path, built: Mapping[Path, str]) -> list[Path]:
    """Return plugins in `out` that manifest.json no longer lists."""
    return sorted(set(out.glob(f"{PACKAGE}*")) - set(built))


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    """Build, or with --check only compare; return the exit status: 0 fine, 1 refused or stale."""
    parser = argparse.ArgumentParser(prog="python -m tools.build", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail and name what is not up to date")
    parser.add_argument("--out", type=Path, default=root / "dist", metavar="DIR", help="where plugins go (dist)")
    arguments = parser.parse_args(argv)
    try:
        built = build(root, arguments.out)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    stale = [path for path, text in built.items() if read(path) != text]
    if arguments.check:
        reports = [f"stale: {path}" for path in stale]
        reports += [f"left over, delete it: {path}" for path in left_over(arguments.out, built)]
        print(*reports, sep="\n", end="\n" if reports else "", file=sys.stderr)
        return int(bool(reports))
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in stale:
        path.write_bytes(built[path].encode())
        print(f"wrote {path}")
    return 0
