"""Let esbuild put a page's modules into one script, and write scripts and stylesheets as short as it can."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools import node

from .shorten import GLOBALS_MODULE, script_options, shorten_text_keys
from .sources import BuildError, raise_findings, read, text_findings

OPTIONS = ("--minify", "--charset=utf8", "--log-level=warning", "--color=false", "--tsconfig-raw={}")

MESSAGE = re.compile(r"\[(?:ERROR|WARNING)\] (?P<what>.+)\n\n +(?P<where>\S+?:\d+):")

ENDS_SCRIPT = {
    "</script": "ends the script element it is put into, write it in two parts",
    "<!--": "changes how a browser reads the script element, write it in two parts",
}
ENDS_STYLE = {"</style": "ends the style element it is put into"}


def bundle_script(main: Path, root: Path) -> str:
    """Return one minified script that runs the module `main` and all that it imports.

    Raises BuildError for what does not parse or resolve, for modules outside `root`/artifacts, and for text that
    would not reach the browser unchanged.
    """
    where = main.relative_to(root).as_posix()
    read(main, root)
    with tempfile.TemporaryDirectory() as folder:
        script, record = Path(folder) / "script.js", Path(folder) / "record.json"
        outputs = (f"--outfile={script}", f"--metafile={record}")
        options = script_options(main.parent, Path(folder))
        _esbuild([where, "--bundle", "--format=esm", *options, *outputs], root)
        sources = json.loads(record.read_text("utf-8"))["inputs"]
        text = shorten_text_keys(script.read_text("utf-8"))
    sources = [source for source in sources if not source.endswith(f"/{GLOBALS_MODULE}")]
    raise_findings(_outside(sources, where))
    for source in sources:
        read(root / source, root)  # refuses by file and line what in the result has neither
    raise_findings(text_findings(text, f"{where} as built"))
    raise_findings(text_findings(text.lower(), f"{where} as built", ENDS_SCRIPT))
    return text


def minify_style(path: Path, root: Path) -> str:
    """Return the stylesheet as short as it can be written. Raises BuildError like `bundle_script`."""
    where = path.relative_to(root).as_posix()
    read(path, root)
    text = _esbuild([where], root)
    raise_findings(text_findings(text, f"{where} as built"))
    raise_findings(text_findings(text.lower(), f"{where} as built", ENDS_STYLE))
    return text


def _esbuild(arguments: list[str], root: Path) -> str:
    """Run esbuild and return what it wrote to its output; a warning counts like an error."""
    try:
        done = node.run("esbuild", [*arguments, *OPTIONS], cwd=root)
    except node.NodeError as error:
        raise BuildError(str(error)) from error
    if done.returncode or done.stderr:
        found = [f"{message['where']}: {message['what']}" for message in MESSAGE.finditer(done.stderr)]
        raise BuildError("\n".join(found) or done.stderr.strip())
    return done.stdout


def _outside(sources: dict[str, object], where: str) -> Iterator[str]:
    for source in sources:
        if not source.startswith("artifacts/"):
            yield f"{where}: {source} is outside artifacts/"
