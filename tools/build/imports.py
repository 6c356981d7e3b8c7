"""Check that every import of the shared package still finds its module after mounting."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import TypeGuard

from .sources import BuildError

OLDEST_PYTHON = (3, 11)


def parse(text: str, where: str) -> ast.Module:
    """Return the syntax tree; raise BuildError where the oldest supported Python would refuse the text."""
    try:
        return ast.parse(text, where, feature_version=OLDEST_PYTHON)
    except SyntaxError as error:
        raise BuildError(f"{where}:{error.lineno}: {error.msg}") from error


def package_findings(files: Mapping[str, str], package: str, folder: str) -> Iterator[str]:
    """Yield a finding per import or path that mounting would break, and per folder that is not a package."""
    modules = [path for path in files if path.endswith(".py")]
    folders = {PurePosixPath(), *(parent for path in modules for parent in PurePosixPath(path).parents)}
    for parent in sorted(folders):
        initial = (parent / "__init__.py").as_posix()
        if initial not in files:
            yield f"{folder}/{initial}: missing, the loader finds no package without it"
    for path in modules:
        parents = path.split("/")[:-1]
        for node in ast.walk(parse(files[path], f"{folder}/{path}")):
            reason = _absolute(node, package) or _missing(node, parents, files) or _file(node)
            if reason:
                yield f"{folder}/{path}:{_line(node)}: {reason}"


def plugin_findings(tree: ast.Module, files: Mapping[str, str], package: str, where: str) -> Iterator[str]:
    """Yield a finding per import or path of a plugin that the build cannot turn towards the mounted package."""
    for node in ast.walk(tree):
        reason = _file(node)
        if isinstance(node, ast.Import) and any(_top(alias.name) == package for alias in node.names):
            reason = f"write `from {package}.x import y`, the package is mounted under another name"
        elif isinstance(node, ast.ImportFrom) and node.level:
            reason = f"write `from {package}.x import y`, a plugin is no package"
        elif is_package_import(node, package):
            target = (node.module or "").split(".")[1:]
            reason = _unresolved(target, [alias.name for alias in node.names], files)
        if reason:
            yield f"{where}:{_line(node)}: {reason}"


def is_package_import(node: ast.AST, package: str) -> TypeGuard[ast.ImportFrom]:
    """True for `from <package>… import …`."""
    return isinstance(node, ast.ImportFrom) and not node.level and _top(node.module or "") == package


def _top(module: str) -> str:
    return module.partition(".")[0]


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 1))


def _file(node: ast.AST) -> str:
    named = isinstance(node, ast.Name) and node.id == "__file__"
    return "no file lies beside __file__ in Open WebUI, use pkgutil.get_data" if named else ""


def _absolute(node: ast.AST, package: str) -> str:
    named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    if is_package_import(node, package) or any(_top(name) == package for name in named):
        return f"use a relative import inside {package}, it is mounted under another name"
    return ""


def _missing(node: ast.AST, parents: list[str], files: Mapping[str, str]) -> str:
    if not isinstance(node, ast.ImportFrom) or not node.level:
        return ""
    up = node.level - 1
    if up > len(parents):
        return "the relative import leaves the package"
    base = parents[: len(parents) - up] + (node.module.split(".") if node.module else [])
    return _unresolved(base, [alias.name for alias in node.names], files)


def _unresolved(module: list[str], names: list[str], files: Mapping[str, str]) -> str:
    """Say which module is missing; a name imported from a package may be its submodule or bound in its text."""
    stem = "/".join(module)
    if stem and f"{stem}.py" in files:
        return ""
    initial = f"{stem}/__init__.py".lstrip("/")
    if initial not in files:
        return f"there is no module {stem}.py or {initial}"
    bound = bound_names(parse(files[initial], initial))
    for name in names:
        submodule = f"{stem}/{name}".lstrip("/")
        if name != "*" and name not in bound and not {f"{submodule}.py", f"{submodule}/__init__.py"} & files.keys():
            return f"there is no module {submodule}.py, and {initial} has no {name}"
    return ""


def bound_names(tree: ast.Module) -> set[str]:
    """Return the names that a module binds outside functions and classes, in `if` and `try` blocks too."""
    names: set[str] = set()
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update((alias.asname or _top(alias.name)) for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        pending.extend(ast.iter_child_nodes(node))
    return names
