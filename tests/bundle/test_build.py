"""The build command: what it writes, when, and what it reports."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.bundle.tree import FILES, put, write
from tools.build import build, main
from tools.build.command import ROOT

OUTPUTS = ["flux_studio.py", "flux_studio_buttons.py", "flux_studio_bundle.json", "flux_studio_watch.py"]


def texts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_writes_each_plugin_and_the_import_file(tree: Path) -> None:
    assert main([], tree) == 0
    assert sorted(texts(tree / "dist")) == sorted(OUTPUTS)


def test_equal_sources_give_equal_files_wherever_they_lie(tree: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "another place")
    files = sorted(path for path in other.rglob("*") if path.is_file())
    for path in reversed(files):  # another order of creation, other times
        text = path.read_bytes()
        path.unlink()
        path.write_bytes(text)
        os.utime(path, (1, 1))
    assert main([], tree) == main([], other) == 0
    assert texts(tree / "dist") == texts(other / "dist")
    assert (tree / "manifest.json").read_bytes() == (other / "manifest.json").read_bytes()


def test_leftovers_of_tools_are_not_embedded(tree: Path) -> None:
    before = build(tree, tree / "dist")
    put(tree, "shared/flux_studio/__pycache__/errors.cpython-311.pyc", "x")
    put(tree, "shared/flux_studio/.hidden", "x")
    assert build(tree, tree / "dist") == before


def test_unchanged_files_are_not_written_again(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], tree) == 0
    for path in [*(tree / "dist").iterdir(), tree / "manifest.json"]:
        os.utime(path, (1, 1))
    capsys.readouterr()
    put(tree, "actions/buttons.py", FILES["actions/buttons.py"] + "\n\nMORE = 1\n")
    assert main([], tree) == 0
    changed = {"flux_studio_buttons.py", "flux_studio_bundle.json", "manifest.json"}
    assert {Path(line.split()[-1]).name for line in capsys.readouterr().out.splitlines()} == changed
    for path in [*(tree / "dist").iterdir(), tree / "manifest.json"]:
        assert (path.stat().st_mtime != 1) == (path.name in changed)


def test_check_names_what_is_stale_and_writes_nothing(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"], tree) == 1
    assert not (tree / "dist").exists()
    assert [Path(line).name for line in capsys.readouterr().err.splitlines()] == [
        "flux_studio.py",
        "flux_studio_buttons.py",
        "flux_studio_watch.py",
        "flux_studio_bundle.json",
        "manifest.json",
    ]
    assert main([], tree) == 0
    assert main(["--check"], tree) == 0
    capsys.readouterr()
    put(tree, "dist/flux_studio_watch.py", "edited by hand\n")
    assert main(["--check"], tree) == 1
    assert capsys.readouterr().err == f"stale: {tree / 'dist' / 'flux_studio_watch.py'}\n"


def test_check_names_plugins_that_the_manifest_no_longer_lists(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], tree) == 0
    put(tree, "dist/flux_studio_gone.py", "x = 1\n")
    put(tree, "dist/README.md", "not ours\n")
    assert main(["--check"], tree) == 1
    assert capsys.readouterr().err == f"left over, delete it: {tree / 'dist' / 'flux_studio_gone.py'}\n"


def test_a_refusal_leaves_everything_as_it_was(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], tree) == 0
    before = texts(tree / "dist")
    put(tree, "functions/studio.py", "# from main\n")
    capsys.readouterr()
    assert main([], tree) == 1
    assert capsys.readouterr().err.startswith("functions/studio.py:1: Open WebUI rewrites 'from main'")
    assert texts(tree / "dist") == before


def test_the_header_has_one_source_for_each_line(tree: Path) -> None:
    text = build(tree, tree)[tree / "flux_studio.py"]
    assert text.split('"""')[1].splitlines() == [
        "",
        "title: Name of flux_studio",
        "description: Does things.",
        "version: 1.0.0",
        "required_open_webui_version: 0.12.4",
        "author: someone",
        "license: MIT",
    ]


def test_a_new_version_reaches_headers_and_manifest(tree: Path) -> None:
    put(tree, "shared/flux_studio/__init__.py", 'VERSION = "1.2.3"\n')
    assert main([], tree) == 0
    assert "\nversion: 1.2.3\n" in (tree / "dist/flux_studio_watch.py").read_text("utf-8")
    assert json.loads((tree / "manifest.json").read_text("utf-8"))["version"] == "1.2.3"


def test_the_manifest_holds_the_hash_of_every_built_text(tree: Path) -> None:
    assert main([], tree) == 0
    for row in json.loads((tree / "manifest.json").read_text("utf-8"))["plugins"]:
        assert row["sha256"] == hashlib.sha256((tree / "dist" / f"{row['id']}.py").read_bytes()).hexdigest()


def test_the_import_file_holds_every_plugin(tree: Path) -> None:
    assert main([], tree) == 0
    rows = json.loads((tree / "dist/flux_studio_bundle.json").read_text("utf-8"))
    assert [row["id"] for row in rows] == ["flux_studio", "flux_studio_buttons", "flux_studio_watch"]
    for row in rows:
        assert set(row) == {"id", "name", "content", "meta"}
        assert row["content"] == (tree / "dist" / f"{row['id']}.py").read_text("utf-8")
        assert row["name"] == row["meta"]["manifest"]["title"] == f"Name of {row['id']}"
        assert row["meta"]["description"] == "Does things."


def test_out_goes_elsewhere(tree: Path, tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path / "new" / "place")], tree) == 0
    assert sorted(texts(tmp_path / "new" / "place")) == sorted(OUTPUTS)
    assert not (tree / "dist").exists()


def test_plugins_without_pages_are_built_by_any_python(tree: Path) -> None:
    (tree / "tools").mkdir()
    for name in ("__init__.py", "node.py", "environment.py", "pip.py"):
        shutil.copy(ROOT / "tools" / name, tree / "tools")
    shutil.copytree(ROOT / "tools" / "build", tree / "tools" / "build", ignore=shutil.ignore_patterns("__pycache__"))
    code = "import sys; sys.path.insert(0, '.'); import tools.build as b; sys.exit(b.main([]))"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], cwd=tree, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_page_and_a_python_without_node_name_the_command(tree: Path) -> None:
    put(tree, "artifacts/desk/index.html", '<script type="module" src="main.js"></script>\n')
    put(tree, "artifacts/desk/main.js", "globalThis.page = 1;\n")
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\n"
        "from tools.build.page import build_page\n"
        f"build_page(Path({str(tree / 'artifacts' / 'desk')!r}), Path({str(tree)!r}))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.endswith("Node is not installed in this Python: run it as `python3 studio.py build`.\n")


def test_a_built_manifest_is_as_the_schema_says(tree: Path) -> None:
    assert main([], tree) == 0
    schema = json.loads((ROOT / "manifest.schema.json").read_text("utf-8"))
    document = json.loads((tree / "manifest.json").read_text("utf-8"))
    document["plugins"] = [{**row, "file": "functions/x.py"} for row in document["plugins"]]
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    for change in ({"kind": "tool"}, {"id": "Flux"}, {"name": 'a "quote"'}, {"colour": "red"}, {"sha256": "0"}):
        wrong = {**document, "plugins": [{**document["plugins"][0], **change}]}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema, cls=jsonschema.Draft202012Validator)
