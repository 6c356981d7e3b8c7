"""Built plugins in the loader of the installed Open WebUI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bundle.tree import MARK, put
from tools.build import build
from tools.build.command import ROOT
from tools.build.manifest import CLASS_OF_KIND, load

pytestmark = pytest.mark.host

OFFLINE = {
    "OFFLINE_MODE": "True",
    "HF_HUB_OFFLINE": "1",
    "ENABLE_OLLAMA_API": "False",
    "ENABLE_OPENAI_API": "False",
    "ENABLE_VERSION_UPDATE_CHECK": "False",
    "RAG_EMBEDDING_ENGINE": "openai",
    "WEBUI_SECRET_KEY": "test",
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
}


def in_host(steps: list[dict[str, Any]], data: Path) -> list[dict[str, Any]]:
    """Run the steps in one process of the host, which finds the package nowhere but in the plugins."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-P", str(ROOT / "tests" / "bundle" / "real_host.py")],
        input=json.dumps(steps),
        cwd=data,
        env={**kept, **OFFLINE, "DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    reports: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return reports


def test_sharing_reload_releases_and_tracebacks(tree: Path, tmp_path: Path) -> None:
    first = {path.name: text for path, text in build(tree, tree / "dist").items()}
    put(tree, "shared/flux_studio/__init__.py", 'VERSION = "2.0.0"\n')
    second = {path.name: text for path, text in build(tree, tree / "dist").items()}
    pipe, action, watch = "flux_studio.py", "flux_studio_buttons.py", "flux_studio_watch.py"
    cat, dog, shared, bad, event, shared_by_new, old_again = in_host(
        [
            {"id": "flux_studio", "text": first[pipe], "call": ["pipe", "a cat"]},
            {"id": "flux_studio", "text": first[pipe], "call": ["pipe", "a dog"]},
            {"id": "flux_studio_buttons", "text": first[action], "call": ["action"]},
            {"id": "flux_studio", "text": second[pipe], "call": ["pipe", "bad"]},
            {"id": "flux_studio_watch", "text": second[watch], "call": ["event"]},
            {"id": "flux_studio_buttons", "text": second[action], "call": ["action"]},
            {"id": "flux_studio", "text": first[pipe], "call": ["fail"]},
        ],
        tmp_path,
    )
    reports = [cat, dog, shared, bad, event, shared_by_new, old_again]
    assert all(report["unchanged"] and report["cached"] for report in reports)
    assert [report["kind"] for report in reports] == ["pipe", "pipe", "action", "pipe", "event", "action", "pipe"]
    assert cat["frontmatter"] == cat["frontmatter_without_loading"]
    assert cat["frontmatter"]["required_open_webui_version"] == "0.12.4"
    # One release: one package, its state outlives a reload and is shared by the other plugin.
    assert (cat["answer"], dog["answer"]) == ("picture of a cat", "picture of a dog")
    assert cat["package"] == dog["package"] == shared["package"]
    assert shared["answer"] == ["a cat", "a dog"]
    # Another release beside it: its own package and state, one more finder for all its plugins.
    assert bad["answer"] == "refused by 2.0.0"
    assert bad["package"] == shared_by_new["package"] != cat["package"]
    assert shared_by_new["answer"] == ["bad"]
    assert cat["finders"] == shared["finders"] == old_again["finders"] - 1
    # The older one again: still itself, and an error in it shows the file and the line.
    assert old_again["package"] == cat["package"]
    assert f'File "{cat["package"]}/providers/bfl.py", line 12, in generate' in old_again["answer"]
    assert MARK in old_again["answer"]


def test_the_import_file_is_what_the_host_reads(tree: Path, tmp_path: Path) -> None:
    built = {path.name: text for path, text in build(tree, tree / "dist").items()}
    rows = json.loads(built["flux_studio_bundle.json"])
    reports = in_host([{"id": row["id"], "text": row["content"]} for row in rows], tmp_path)
    assert [report["class"] for report in reports] == ["Pipe", "Action", "Event"]
    assert [row["meta"]["manifest"] for row in rows] == [report["frontmatter"] for report in reports]


def test_the_bundles_plugins_load(tmp_path: Path) -> None:
    """All plugins of manifest.json, from dist/, in one process as on a server."""
    bundle = load(ROOT)
    texts = {plugin.id: (ROOT / "dist" / f"{plugin.id}.py").read_text("utf-8") for plugin in bundle.plugins}
    reports = in_host([{"id": name, "text": text} for name, text in texts.items()], tmp_path)
    for plugin, report in zip(bundle.plugins, reports, strict=True):
        assert report["unchanged"]
        assert (report["kind"], report["class"]) == (plugin.kind, CLASS_OF_KIND[plugin.kind])
        assert report["frontmatter"]["title"] == plugin.name
        assert report["frontmatter"]["required_open_webui_version"] == bundle.minimum_open_webui
    assert len({report["package"] for report in reports}) == 1
