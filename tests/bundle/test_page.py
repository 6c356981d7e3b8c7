"""Pages: built into one html text, and embedded only where a plugin opens one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import playwright
import pytest

from tests.bundle.small_host import load
from tests.bundle.tree import FILES, put
from tools.build import BuildError, build
from tools.build.page import build_page

NODE = Path(playwright.__file__).parent / "driver" / "node"

PAGE = {
    "index.html": """<!doctype html>
<link rel="stylesheet" href="looks.css">
<p style="background: url(data:image/png;base64,AAAA)">Paint \\d é</p>
<script type="module" src="main.js"></script>
""",
    "looks.css": "p { color: red; content: '\\201C'; }\n",
    "main.js": """import { area, Shape as Form, ZERO } from "./geometry.js";
import * as state from "./deep/state.js";
import {
  count,
  next,
} from "./deep/state.js";
import "./effect.js";

const hidden = "main";
next();
globalThis.page = [area(2, 3), new Form().name, ZERO, count(), state.count(), hidden, globalThis.effect];
""",
    "geometry.js": """import { next } from "./deep/state.js";
const hidden = "geometry";
export const ZERO = 0;
export function area(width, height) { next(); return width * height; }
export class Shape { name = hidden; }
""",
    "deep/state.js": """let calls = 0;
const hidden = "state";
function next() { calls += 1; }
export async function later() { return hidden; }
function amount() { return calls; }
export {
  next, amount as count,
};
""",
    "effect.js": 'globalThis.effect = "ran \\\\1";\n',
}


@pytest.fixture
def page(tree: Path) -> Path:
    """A page of a plugin: artifacts/desk, opened by flux_studio_buttons."""
    for path, text in PAGE.items():
        put(tree, f"artifacts/desk/{path}", text)
    document = json.loads((tree / "manifest.json").read_text("utf-8"))
    document["plugins"][1]["page"] = "desk"
    put(tree, "manifest.json", json.dumps(document) + "\n")
    put(tree, "actions/buttons.py", FILES["actions/buttons.py"].replace("\n\nclass", '\nPAGE = ""\n\n\nclass'))
    return tree / "artifacts" / "desk"


def built(tree: Path) -> dict[str, str]:
    return {path.name: text for path, text in build(tree, tree / "dist").items()}


@pytest.mark.usefixtures("clean_interpreter")
def test_only_the_plugin_that_opens_it_holds_the_page(page: Path, tree: Path) -> None:
    texts = built(tree)
    html = build_page(page, tree)
    module = load("flux_studio_buttons", texts["flux_studio_buttons.py"])
    assert html == module.PAGE
    assert "Paint" not in texts["flux_studio.py"]


@pytest.mark.usefixtures("clean_interpreter")
def test_a_page_is_no_part_of_the_packages_name(page: Path, tree: Path) -> None:
    before = load("flux_studio_buttons", built(tree)["flux_studio_buttons.py"])
    put(tree, "artifacts/desk/index.html", "<p>other</p>\n")
    texts = built(tree)
    after = load("flux_studio_buttons", texts["flux_studio_buttons.py"])
    assert after.PAGE == "<p>other</p>\n"
    assert after.__package__ == before.__package__ == load("flux_studio", texts["flux_studio.py"]).__package__


def test_the_html_holds_styles_and_scripts(page: Path, tree: Path) -> None:
    html = build_page(page, tree)
    assert '<style>\np{color:red;content:"“"}\n</style>' in html
    assert "src=" not in html
    assert "<link" not in html
    assert "Paint \\d é" in html


def test_the_linked_modules_run_each_in_its_own_scope(page: Path, tree: Path, tmp_path: Path) -> None:
    html = build_page(page, tree)
    script = html.partition('<script type="module">')[2].partition("</script>")[0]
    (tmp_path / "page.mjs").write_text(script + "\nconsole.log(JSON.stringify(globalThis.page));\n", "utf-8")
    done = subprocess.run([NODE, tmp_path / "page.mjs"], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert json.loads(done.stdout) == [6, "geometry", 0, 2, 2, "main", "ran \\1"]


def test_local_names_and_comments_stay_behind(page: Path, tree: Path) -> None:
    put(tree, "artifacts/desk/effect.js", "// a remark\nconst verbose = Math.random();\nglobalThis.effect = verbose;\n")
    html = build_page(page, tree)
    assert "remark" not in html
    assert "verbose" not in html
    assert build_page(page, tree) == html


def test_no_string_ends_the_element_it_stands_in(page: Path, tree: Path) -> None:
    put(tree, "artifacts/desk/effect.js", 'globalThis.effect = "</SCRIPT>";\n')
    assert build_page(page, tree).lower().count("</script") == 1


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("effect.js", "\nconst = 1;\n", 'artifacts/desk/effect.js:2: Expected identifier but found "="'),
        (
            "effect.js",
            'import { gone } from "./geometry.js"; gone();\n',
            "artifacts/desk/effect.js:1: No matching export",
        ),
        ("effect.js", 'import "preact";\n', 'artifacts/desk/effect.js:1: Could not resolve "preact"'),
        ("effect.js", '\nimport "./gone.js";\n', 'artifacts/desk/effect.js:2: Could not resolve "./gone.js"'),
        ("effect.js", 'import "../../outside.js";\n', "artifacts/desk/main.js: outside.js is outside artifacts/"),
        (
            "effect.js",
            "globalThis.x = '<' + '!--';\n",
            "artifacts/desk/main.js as built:1: changes how a browser reads",
        ),
        (
            "effect.js",
            "globalThis.x = 'from ' + 'utils';\n",
            "artifacts/desk/main.js as built:1: Open WebUI rewrites 'from utils'",
        ),
        ("effect.js", "globalThis.x = `''` + `'\"`;\n", 'artifacts/desk/main.js as built:1: write """'),
        ("effect.js", "// from main\n", "artifacts/desk/effect.js:1: Open WebUI rewrites 'from main'"),
        ("effect.js", "globalThis.x = \"'''\";\n", 'artifacts/desk/effect.js:1: write """'),
        ("effect.js", "globalThis.x = 1;\r\n", "artifacts/desk/effect.js:1: carriage return"),
        ("looks.css", "a { b: c }\n</style>\n", 'artifacts/desk/looks.css:2: Unexpected "<"'),
        ("looks.css", "\na { content: 'from apps' }\n", "artifacts/desk/looks.css:2: Open WebUI rewrites 'from apps'"),
        ("looks.css", "a { content: 'from \\61pps' }\n", "artifacts/desk/looks.css as built:1: Open WebUI rewrites"),
        ("looks.css", '@import "x.css";\n', "artifacts/desk/looks.css:1: `@import` loads something"),
        ("looks.css", "\na { background: url(x.png) }\n", "artifacts/desk/looks.css:2: `url(` loads something"),
        ("index.html", '<img src="x.png">\n', 'artifacts/desk/index.html:1: `src="` loads something'),
        ("index.html", '\n<link rel="icon" href="x.png">\n', "artifacts/desk/index.html:2: `<link` loads something"),
        ("index.html", '<script src="https://x/y.js"></script>\n', 'artifacts/desk/index.html:1: `src="` loads'),
        (
            "index.html",
            '<script type="module" src="main.js"></script>\n' * 2,
            "artifacts/desk/index.html: more than one",
        ),
        ("index.html", '<link rel="stylesheet" href="gone.css">\n', "artifacts/desk/gone.css: missing"),
    ],
)
def test_what_a_page_cannot_have(page: Path, tree: Path, path: str, text: str, message: str) -> None:
    put(tree, "outside.js", "export const A = 1;\n")
    put(tree, f"artifacts/desk/{path}", text)
    with pytest.raises(BuildError) as caught:
        build_page(page, tree)
    assert str(caught.value).startswith(message)


def test_a_page_that_is_missing(page: Path, tree: Path) -> None:
    (page / "index.html").unlink()
    with pytest.raises(BuildError, match=r"artifacts/desk/index\.html: missing"):
        built(tree)


def test_a_plugin_without_its_page_line(page: Path, tree: Path) -> None:
    put(tree, "actions/buttons.py", FILES["actions/buttons.py"])
    expected = 'actions/buttons.py: a line `PAGE = ""` and "page" in manifest.json go together'
    with pytest.raises(BuildError, match=expected):
        built(tree)
