"""Names only the page itself sees are written short, and the page does the same as before."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.bundle.test_page import NODE
from tests.bundle.tree import put
from tools.build.page import build_page
from tools.build.shorten import internal_names, shorten_custom_properties, shorten_text_keys

HTML = '<!doctype html>\n<link rel="stylesheet" href="looks.css">\n<script type="module" src="main.js"></script>\n'
LOOKS = ":root { --line-strong: red; --quiet: blue }\np { color: var(--quiet); border-color: var(--line-strong, var(--quiet)) }\n"
MAIN = """import { t } from "./texts.js";

class Store {
  constructor() { this.keptRows = [Math.max(1, 2)]; this.rows = "rows"; }
  takeRow(row) { this.keptRows.push(Number(row)); }
}
const store = new Store();
store.takeRow("3");
const call = { "takeRow": 1, rows: store.keptRows, given: Object.keys(store) };
const mode = ["fill", "add"].map((name) => t(`mode.${name}`));
globalThis.page = JSON.stringify({ call, mode, texts: [t("notice.lost"), t("mask.style"), t("mask.style.negative")] });
"""
TEXTS = """const TEXTS = {
  "notice.lost": "The notice.lost text",
  "mode.fill": "Fill",
  "mode.add": "Add",
  "mask.style": "View",
  "mask.style.negative": "Negative",
};
export const t = (key) => TEXTS[key];
"""


def page(root: Path, internal: str = "") -> str:
    for name, text in {"index.html": HTML, "looks.css": LOOKS, "main.js": MAIN, "texts.js": TEXTS}.items():
        put(root, f"artifacts/desk/{name}", text)
    if internal:
        put(root, "artifacts/desk/internal.txt", internal)
    return build_page(root / "artifacts" / "desk", root)


def ran(html: str, folder: Path) -> dict[str, object]:
    script = html.split('<script type="module">')[1].split("</script>")[0]
    (folder / "page.mjs").write_text(f"{script}\nconsole.log(globalThis.page);", "utf-8")
    done = subprocess.run([NODE, folder / "page.mjs"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_listed_properties_get_short_names_and_quoted_ones_keep_theirs(tmp_path: Path) -> None:
    html = page(tmp_path, "# in memory alone\nkeptRows takeRow\n")
    assert "keptRows" not in html
    assert html.count("takeRow") == 1
    said = ran(html, tmp_path)
    assert said["call"]["takeRow"] == 1  # type: ignore[index]
    assert said["call"]["rows"] == [2, 3]  # type: ignore[index]
    assert "rows" in said["call"]["given"]  # type: ignore[index]


def test_without_a_list_every_property_keeps_its_name(tmp_path: Path) -> None:
    assert internal_names(tmp_path) == []
    html = page(tmp_path)
    assert ran(html, tmp_path)["call"] == {"takeRow": 1, "rows": [2, 3], "given": ["keptRows", "rows"]}


def test_texts_are_found_under_whole_and_assembled_keys(tmp_path: Path) -> None:
    html = page(tmp_path)
    assert '"notice.lost"' not in html
    said = ran(html, tmp_path)
    assert said["texts"] == ["The notice.lost text", "View", "Negative"]
    assert said["mode"] == ["Fill", "Add"]


def test_a_short_key_is_never_a_text_that_is_there() -> None:
    script = 'x={"a.one":"A","b.two":"B"};y=["$a",z?"a.one":"b.two"]'
    assert shorten_text_keys(script) == 'x={$b:"A",$c:"B"};y=["$a",z?"$b":"$c"]'


def test_custom_properties_are_renamed_wherever_they_stand() -> None:
    style = "<style>:root{--line:red;--line-strong: blue}p{color:var(--line);b:var(--line-strong,var(--line))}</style>"
    script = 's.set("--line",1);f(--line);s.set("--other",2)'
    assert shorten_custom_properties(style + script) == (
        "<style>:root{--a:red;--b: blue}p{color:var(--a);b:var(--b,var(--a))}</style>"
        's.set("--a",1);f(--line);s.set("--other",2)'
    )
