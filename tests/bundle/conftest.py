"""Fixtures for tests that build plugins and load them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bundle import tree as small_tree
from tools.build import build


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository of its own, which the test may change."""
    return small_tree.write(tmp_path / "repository")


@pytest.fixture
def built(tree: Path) -> Callable[[], dict[str, str]]:
    """Build the repository and return {file name: text}."""
    return lambda: {path.name: text for path, text in build(tree, tree / "dist").items()}


@pytest.fixture
def clean_interpreter() -> Iterator[None]:
    """Take back what loading plugins leaves in the interpreter."""
    modules, finders = set(sys.modules), list(sys.meta_path)
    yield
    sys.meta_path[:] = finders
    for name in set(sys.modules) - modules:
        if name.startswith(("flux_studio_", "function_")):
            del sys.modules[name]
