"""The loader inside every built plugin: serves the embedded sources as an importable package.

The build copies everything below this docstring, so what runs in Open WebUI is what is linted and tested here.
"""

import hashlib
import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence


class _EmbeddedPackage(importlib.abc.MetaPathFinder, importlib.abc.ExecutionLoader):
    """Finder and loader of one immutable set of files, {path inside the package: text}."""

    def __init__(self, package: str, files: dict[str, str]) -> None:
        self.package, self.files = package, files

    def _path(self, fullname: str) -> str | None:
        head, _, tail = fullname.partition(".")
        stem = tail.replace(".", "/")
        candidates = (f"{stem}/__init__.py", f"{stem}.py") if stem else ("__init__.py",)
        return next((path for path in candidates if path in self.files), None) if head == self.package else None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if self._path(fullname) is None:
            return None
        spec = importlib.machinery.ModuleSpec(
            fullname, self, origin=self.get_filename(fullname), is_package=self.is_package(fullname)
        )
        spec.has_location = True  # gives modules a __file__, by which tracebacks and inspect ask for the source
        return spec

    def get_filename(self, fullname: str) -> str:
        return f"{self.package}/{self._path(fullname)}"

    def get_source(self, fullname: str) -> str:
        return self.files[self._path(fullname) or ""]

    def is_package(self, fullname: str) -> bool:
        return (self._path(fullname) or "").endswith("__init__.py")

    def get_data(self, path: str) -> bytes:  # pkgutil.get_data(__package__, "table.json")
        inside = str(path).replace("\\", "/").removeprefix(f"{self.package}/")
        if inside not in self.files:
            raise FileNotFoundError(path)
        return self.files[inside].encode()


def _mount(name: str, files: dict[str, str]) -> str:
    """Make `files` importable under a name that follows from their text, and return that name.

    Equal text gives an equal name, so all plugins of a release share one copy with its sessions and limits,
    while another release, or a copy edited in the admin page, gets its own.
    """
    digest = hashlib.sha256("\0".join(f"{path}\0{files[path]}" for path in sorted(files)).encode())
    package = f"{name}_{digest.hexdigest()[:12]}"
    if not any(getattr(finder, "package", None) == package for finder in sys.meta_path):
        sys.meta_path.append(_EmbeddedPackage(package, files))
    importlib.import_module(package)
    return package
