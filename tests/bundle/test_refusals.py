"""What the build refuses, and that it says where."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bundle.tree import FILES, put
from tools.build import BuildError

Built = Callable[[], dict[str, str]]
PLUGIN = FILES["actions/buttons.py"]
HEADER = '"""\nauthor: someone\n"""\n'
ACTION = "\n\nclass Action: ...\n"


def refused(built: Built) -> str:
    with pytest.raises(BuildError) as caught:
        built()
    return str(caught.value)


TEXTS = [
    ("X = 1\n# read from config\n", ":2: Open WebUI rewrites 'from config' anywhere"),
    ("from configparser import ConfigParser\n", ":1: Open WebUI rewrites 'from config' anywhere"),
    ("X = 'comes from mainly here'\n", ":1: Open WebUI rewrites 'from main' anywhere"),
    ("# from utils\n", ":1: Open WebUI rewrites 'from utils' anywhere"),
    ("# from apps\n", ":1: Open WebUI rewrites 'from apps' anywhere"),
    ("\nX = '''a'''\n", ':2: write """'),
    ("X = 1\nY = 2", ":2: no newline at the end of the file"),
    ("X = 1\r\nY = 2\r\n", ":1: carriage return"),
    ("X = 1\n\0\n", ":2: NUL character"),
    ("\ufeffX = 1\n", ":1: byte order mark"),
    ("\u2028# a line separator ends no line\n# from main\n", ":2: Open WebUI rewrites 'from main'"),
]


@pytest.mark.parametrize(("text", "message"), TEXTS)
def test_text_that_the_host_would_change(built: Built, tree: Path, text: str, message: str) -> None:
    put(tree, "shared/flux_studio/errors.py", text)
    assert f"shared/flux_studio/errors.py{message}" in refused(built)


@pytest.mark.parametrize(("text", "message"), TEXTS)
def test_the_same_in_a_plugin(built: Built, tree: Path, text: str, message: str) -> None:
    put(tree, "actions/buttons.py", text)
    assert f"actions/buttons.py{message}" in refused(built)


def test_every_finding_of_a_file_is_named(built: Built, tree: Path) -> None:
    put(tree, "shared/flux_studio/errors.py", "# from main\n# fine\n# from utils, '''")
    lines = [line.partition(": ")[0] for line in refused(built).split("\n")]
    assert lines == [f"shared/flux_studio/errors.py:{number}" for number in (1, 3, 3, 3)]


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("errors.py", "\nfrom flux_studio.calls import CALLS\n", ":2: use a relative import inside flux_studio"),
        ("errors.py", "from flux_studio import calls\n", ":1: use a relative import inside flux_studio"),
        ("errors.py", "def f():\n    import flux_studio.calls as c\n", ":2: use a relative import"),
        ("errors.py", "import json, flux_studio\n", ":1: use a relative import"),
        ("errors.py", "from .nowhere import x\n", ":1: there is no module nowhere.py"),
        ("errors.py", "from . import VERSION, nowhere\n", ":1: there is no module nowhere.py, and __init__.py has no"),
        ("errors.py", "from .providers import nowhere\n", ":1: there is no module providers/nowhere.py"),
        ("errors.py", "from .. import x\n", ":1: the relative import leaves the package"),
        ("providers/bfl.py", "from .calls import CALLS\n", ":1: there is no module providers/calls.py"),
        ("providers/bfl.py", "from ...x import y\n", ":1: the relative import leaves the package"),
        ("errors.py", "if True:\n    from .calls.deeper import x\n", ":2: there is no module calls/deeper.py"),
        ("errors.py", "X = __file__\n", ":1: no file lies beside __file__"),
        ("errors.py", "def f(:\n", ":1: "),
        ("errors.py", "type X = int\n", ":1: "),
        ("jobs/record.py", "X = 1\n", "jobs/__init__.py: missing, the loader finds no package"),
        ("picture.png", "PNG\n", "picture.png: only .js, .json, .md, .py, .txt, .typed files can be embedded"),
    ],
)
def test_modules_that_would_not_load_when_mounted(built: Built, tree: Path, path: str, text: str, message: str) -> None:
    put(tree, f"shared/flux_studio/{path}", text)
    expected = message if message.endswith("embedded") or "missing" in message else path + message
    assert f"shared/flux_studio/{expected}" in refused(built)


@pytest.mark.parametrize(
    "text",
    [
        "from . import VERSION, calls, providers\n",
        "from .providers import bfl, get, importlib\n",
        "from .providers.bfl import generate\n",
        "from .calls import *\n",
        "import flux_studio_other\nimport json as flux_studio\n",
        "from importlib import import_module\n",
    ],
)
def test_imports_that_are_fine(built: Built, tree: Path, text: str) -> None:
    put(tree, "shared/flux_studio/extra.py", text)
    assert text in built()["flux_studio.py"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '"""title: on the first line"""\n' + ACTION,
            ":1: Open WebUI reads the header only if the first line is exactly",
        ),
        ("#!\n" + PLUGIN, ":1: Open WebUI reads the header only"),
        ('""" \nauthor: x\n"""\n' + ACTION, ":1: Open WebUI reads the header only"),
        ("", ":1: Open WebUI reads the header only"),
        ('"""\nauthor: x"""\n' + ACTION, ":2: end the header with a line that is exactly"),
        (HEADER + "import flux_studio" + ACTION, ":4: write `from flux_studio.x import y`"),
        (HEADER + "import flux_studio.calls as c" + ACTION, ":4: write `from flux_studio.x import y`"),
        (HEADER + "from .calls import CALLS" + ACTION, ":4: write `from flux_studio.x import y`"),
        (HEADER + "from flux_studio.nowhere import x" + ACTION, ":4: there is no module nowhere.py"),
        (HEADER + "from flux_studio import nowhere" + ACTION, ":4: there is no module nowhere.py"),
        (HEADER + "from  flux_studio import calls" + ACTION, ":4: write `from flux_studio` with one space"),
        (HEADER + "X = __file__" + ACTION, ":4: no file lies beside __file__"),
        (HEADER, ": the action flux_studio_buttons must define Action and no other plugin class, found none"),
        (HEADER + "class Filter: ...\n" + ACTION, "no other plugin class, found Filter, Action"),
        (HEADER + "from flux_studio.calls import CALLS as Pipe\n" + ACTION, "found Pipe, Action"),
        (HEADER + 'PAGE = ""\n' + ACTION, ': a line `PAGE = ""` and "page" in manifest.json go together'),
    ],
)
def test_plugins_the_host_would_not_run_as_written(built: Built, tree: Path, text: str, message: str) -> None:
    put(tree, "actions/buttons.py", text)
    found = refused(built)
    assert found.startswith("actions/buttons.py:")
    assert message in found


def test_a_plugin_that_is_missing(built: Built, tree: Path) -> None:
    (tree / "actions/buttons.py").unlink()
    assert refused(built) == "actions/buttons.py: missing"


def test_a_package_that_is_missing(built: Built, tree: Path) -> None:
    for path in sorted((tree / "shared/flux_studio").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert refused(built) == "shared/flux_studio/__init__.py: missing, the loader finds no package without it"


def test_text_that_is_not_utf8(built: Built, tree: Path) -> None:
    (tree / "shared/flux_studio/errors.py").write_bytes(b"# caf\xe9\n")
    assert refused(built) == "shared/flux_studio/errors.py: not UTF-8 at byte 5"


@pytest.mark.parametrize("text", ["", "VERSION = 1\n", 'VERSION = "one"\n', 'VERSION = "1." + "0.0"\n'])
def test_a_package_without_a_version(built: Built, tree: Path, text: str) -> None:
    put(tree, "shared/flux_studio/__init__.py", text)
    put(tree, "shared/flux_studio/errors.py", "class Refused(Exception): ...\n")
    put(tree, "functions/studio.py", FILES["functions/studio.py"].replace("from flux_studio import VERSION\n", ""))
    assert refused(built) == 'shared/flux_studio/__init__.py: no VERSION = "1.2.3"'


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "Flux-Studio"}, "plugin 2: id 'Flux-Studio' is not made of a-z, 0-9 and _"),
        ({"id": "flux_studio"}, "the id flux_studio is given twice"),
        ({"kind": "tool"}, "plugin 2: kind 'tool' is none of pipe, filter, action, event"),
        ({"name": None}, "plugin 2: name is missing or no str"),
        ({"global": "yes"}, "plugin 2: global is missing or no bool"),
        ({"colour": "red"}, "plugin 2: colour is no field of a plugin"),
        (
            {"description": 'It says """'},
            "plugin 2: description goes into a docstring, so no line end, backslash or double quote",
        ),
        (
            {"description": "Two\nlines"},
            "plugin 2: description goes into a docstring, so no line end, backslash or double quote",
        ),
    ],
)
def test_a_wrong_row_of_the_manifest(built: Built, tree: Path, change: dict[str, Any], message: str) -> None:
    document = json.loads((tree / "manifest.json").read_text("utf-8"))
    document["plugins"][1].update(change)
    put(tree, "manifest.json", json.dumps(document) + "\n")
    assert refused(built) == f"manifest.json: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n,}\n", "manifest.json:2: "),
        ('{"plugins": []}\n', "manifest.json: not as manifest.schema.json says ('minimum_open_webui')"),
        ('{"plugins": 3}\n', "manifest.json: not as manifest.schema.json says"),
        ('{"plugins": ["x"], "minimum_open_webui": "1"}\n', "manifest.json: plugin 1: no object"),
        ("[]\n", "manifest.json: not as manifest.schema.json says"),
    ],
)
def test_a_manifest_that_cannot_be_read(built: Built, tree: Path, text: str, message: str) -> None:
    put(tree, "manifest.json", text)
    assert refused(built).startswith(message)


def test_a_description_that_the_host_would_rewrite(built: Built, tree: Path) -> None:
    text = (tree / "manifest.json").read_text("utf-8").replace("Does things.", "Reads from configuration.")
    put(tree, "manifest.json", text)
    assert "rewrites 'from config'" in refused(built)
