"""Link plain ES modules into one script text, because a page without an origin cannot import files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from .sources import BuildError, raise_findings, read, text_findings

IMPORT = re.compile(r'^import\s+(?:(?:\*\s+as\s+(\w+)|\{([^}]*)\})\s+from\s+)?"([^"]+)";', re.MULTILINE)
EXPORT_DECLARATION = re.compile(r"^export (?=(?:async function|function|class|const)\b\*? *(\w+))", re.MULTILINE)
EXPORT_LIST = re.compile(r"^export\s*\{([^}]*)\};", re.MULTILINE)
UNSUPPORTED = re.compile(r"^(?:import|export)\b|\bimport\(|\bimport\.meta\b")

ENDS_SCRIPT = {
    "</script": "ends the script element it is put into, write it in two parts",
    "<!--": "changes how a browser reads the script element, write it in two parts",
}


def link(main: Path, root: Path) -> str:
    """Return one script that runs `main` and the modules it imports, each in its own scope, imported ones first.

    Modules may write `import {a, b as c} from "./x.js";`, `import * as x from "./x.js";`, `import "./x.js";`,
    `export` before function, class and const, and `export {a, b as c};`. Raises BuildError, naming file and line,
    for any other form, for circles, and for modules outside `root`/artifacts.
    """
    scoped: dict[str, str] = {}
    _collect(main, root, (), scoped)
    names = [_name(path) for path in scoped]
    raise_findings(
        f"{path}: another module is also called {_name(path)}" for path in scoped if names.count(_name(path)) > 1
    )
    return "".join(_assignment(path, text) for path, text in scoped.items())


def _name(path: str) -> str:
    """The constant that holds the exports of a module: artifacts/editor/deep/view.js -> $deep_view."""
    inner = path.removeprefix("artifacts/").partition("/")[2] or path
    return "$" + re.sub(r"\W", "_", inner.removesuffix(".js"))


def _assignment(path: str, text: str) -> str:
    return f"\n// --- {path} ---\nconst {_name(path)} = (() => {{\n{text}}})();\n"


def _collect(path: Path, root: Path, chain: tuple[str, ...], scoped: dict[str, str]) -> None:
    """Add the module to `scoped` after all it imports; `chain` are the modules on the way to it."""
    where = Path(os.path.relpath(path, root)).as_posix()
    if not where.startswith("artifacts/"):
        raise BuildError(f"{chain[-1] if chain else 'page'}: {where} is outside artifacts/")
    if where in chain:
        raise BuildError(f"{where}: imports itself by way of {' -> '.join(chain[chain.index(where) :])}")
    if where in scoped:
        return
    source = read(root / where, root)
    raise_findings(text_findings(source.lower(), where, ENDS_SCRIPT))
    for _, _, target in IMPORT.findall(source):
        if not target.startswith(("./", "../")):
            raise BuildError(f"{where}: {target} is no relative path, and a page has no other modules")
        _collect(path.parent / target, root, (*chain, where), scoped)
    scoped[where] = _scoped(source, where)


def _scoped(source: str, where: str) -> str:
    """Return the module's text as the body of a function: imports read from the constants, exports returned."""
    folder = os.path.dirname(where)
    exports = [(name, name) for name in EXPORT_DECLARATION.findall(source)]
    for names in EXPORT_LIST.findall(source):
        exports += [(outer, inner) for inner, outer in _pairs(names)]
    text = IMPORT.sub(lambda found: _constants(found, folder), source)
    text = EXPORT_LIST.sub(lambda found: "\n" * found[0].count("\n"), EXPORT_DECLARATION.sub("", text))
    raise_findings(_unsupported(text, where))
    returned = ", ".join(name if name == inner else f"{name}: {inner}" for name, inner in exports)
    return f"{text}return {{ {returned} }};\n"


def _constants(found: re.Match[str], folder: str) -> str:
    whole, names, target = found.groups()
    source = _name(os.path.normpath(os.path.join(folder, target)).replace(os.sep, "/"))
    kept_lines = "\n" * found[0].count("\n")
    if whole:
        return f"const {whole} = {source};{kept_lines}"
    pairs = ", ".join(outer if outer == inner else f"{outer}: {inner}" for outer, inner in _pairs(names or ""))
    return f"const {{ {pairs} }} = {source};{kept_lines}" if pairs else kept_lines


def _pairs(names: str) -> list[tuple[str, str]]:
    """Return (left, right) of each `left as right` in a brace list; a plain name stands for both."""
    parts = [part.split() for part in names.split(",") if part.strip()]
    return [(part[0], part[-1]) for part in parts]


def _unsupported(text: str, where: str) -> Iterator[str]:
    for number, line in enumerate(text.split("\n"), 1):
        if UNSUPPORTED.search(line):
            yield f"{where}:{number}: the build cannot link this form of import or export"
