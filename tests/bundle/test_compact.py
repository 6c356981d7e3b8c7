"""A page without comments and spaces means what it meant before."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import playwright
import pytest

from tools.build import BuildError
from tools.build.compact import compact_script, compact_style

NODE = Path(playwright.__file__).parent / "driver" / "node"

SCRIPT = r"""
// a comment, 'not a string'
const text = "a // b /* c */  d"; /* several
lines */ const other = 'it''s'.length
  ? 1 : 2
const half = 8 / 2 / 2; // not /a regular expression/
const found = "a/b  c".replace(/[/'"]  */g, "-");
const nested = `x ${ [1, 2].map((n) => `<${ n + 1 }  }>`).join(" , ") /* } */ }  y`;
let count = 1
count++
++count
const difference = count - -1 + +1
const inside = typeof  /x/ in {} ? 1 : 0;
function late() {
  return (
    1
  )
}
const row = { a: 1, b() { return 2 } }
;[3].forEach((n) => { count += n })
const words = [text, half, found, nested, count, difference, late(), row.b(), /[\]/]/.test("/")]
""".replace("'it''s'", "'its'")


def run(script: str, folder: Path) -> object:
    file = folder / "script.mjs"
    file.write_text(script + "\nconsole.log(JSON.stringify(words))\n", "utf-8")
    done = subprocess.run([NODE, file], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_a_script_does_what_it_did(tmp_path: Path) -> None:
    compacted = compact_script(SCRIPT, "x.js")
    assert run(compacted, tmp_path) == run(SCRIPT, tmp_path)
    assert "comment" not in compacted
    assert len(compacted) < 0.75 * len(SCRIPT)
    assert compact_script(compacted, "x.js") == compacted


@pytest.mark.parametrize(
    ("script", "message"),
    [("a;\nb = `never", "x.js:2: a template without end"), ('a = "never\n";', "x.js:1: a string without end")],
)
def test_what_does_not_end_is_refused(script: str, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        compact_script(script, "x.js")


def test_a_style_keeps_what_matters() -> None:
    style = """
    /* colours */
    a > b:not(.c) .d , e { color : red ; margin: -1px  calc(1px + 2px) !important; content: "a  { ; } /* b */"; }
    @media (max-width: 760px) and (min-width: 1px) { .x { top: 0 } }
    """
    assert compact_style(style) == (
        'a>b:not(.c) .d,e{color :red;margin:-1px calc(1px + 2px)!important;content:"a  { ; } /* b */"}\n'
        "@media (max-width:760px) and (min-width:1px){.x{top:0}}\n"
    )
