"""The tables of docs/coverage.md name rows that exist once, and files and tests that exist."""

from __future__ import annotations

import ast
import re

import pytest

from tools.docs.command import ROOT

ROWS = {"S0": 62, "S1": 71, "S2": 41, "S3": 32, "S4": 35, "C": 104, "G": 82, "L": 38}
"""Highest number of each checklist."""
ROW = re.compile(r"^\| (?P<row>[A-Z][0-9.]+) \|(?P<cells>.*)\|$", re.MULTILINE)
TEXT = (ROOT / "docs" / "coverage.md").read_text("utf-8")
LISTED = [(found["row"], [cell.strip() for cell in found["cells"].split(" | ")]) for found in ROW.finditer(TEXT)]
PATHS = re.compile(r"`([^`]+\.(?:py|js|html|md|json)(?:::\w+)?)`")
PURE_MODULES = re.compile(r'::test_pure_modules`(?: "([^"]+)")?')
"""The Python test that runs the page's JavaScript tests, and the title of one of them."""


def functions(path):
    """The names of all functions of a file, methods of test classes included."""
    nodes = ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_row_is_listed_once():
    rows = [row for row, _ in LISTED]
    assert len(rows) >= 60
    assert sorted(set(rows)) == sorted(rows)


@pytest.mark.parametrize("row", [row for row, _ in LISTED])
def test_every_row_is_one_of_a_checklist(row):
    group, number = re.fullmatch(r"(S\d|C|G|L)\.?(\d+)", row).groups()
    assert 1 <= int(number) <= ROWS[group]


@pytest.mark.parametrize(("row", "cells"), LISTED)
def test_every_file_and_test_exists(row, cells):
    assert all(cells)
    named = [path.partition("::") for cell in cells for path in PATHS.findall(cell)]
    for path, _, function in named:
        assert (ROOT / path).is_file(), path
        assert not function or function in functions(path), f"{path}::{function}"


def test_every_javascript_test_exists():
    sources = [path.read_text("utf-8") for path in (ROOT / "tests" / "editor").glob("*.test.js")]
    titles = {title for source in sources for title in re.findall(r'^test\("([^"]+)"', source, re.MULTILINE)}
    named = PURE_MODULES.findall(TEXT)
    assert named
    assert set(named) <= titles


@pytest.mark.parametrize("section", ["S0: ", "S1: ", "S2: ", "S3: ", "S4: ", "C: ", "G: ", "L: ", "Begun"])
def test_what_is_true_names_its_test(section):
    part = TEXT.partition(f"\n## {section}")[2].partition("\n## ")[0]
    rows = ROW.findall(part)
    assert rows
    assert all("::test_" in cells for _, cells in rows)
