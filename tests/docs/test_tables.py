"""The generated tables in README and docs are those of the code, and filling them twice changes nothing."""

from __future__ import annotations

import re

import pytest

from tools.docs.command import BLOCK, ROOT, TABLES, DocsError, fill, main

README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
QUOTED = re.compile("“([^”]+)”")
SAYS = re.compile(r"^\| (?P<message>[^|]+) \| [^|]+ \|$", re.MULTILINE)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_document_is_current(path):
    text = path.read_text("utf-8")
    assert fill(text, path.name) == text


def test_the_check_finds_nothing_stale(capsys):
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_every_table_stands_somewhere():
    named = {block["name"] for path in DOCUMENTS for block in BLOCK.finditer(path.read_text("utf-8"))}
    assert named == set(TABLES)


def test_filling_twice_is_filling_once_and_leaves_the_rest_alone():
    emptied = BLOCK.sub(lambda block: f"{block[1]}old\n{block[3]}", README)
    assert emptied != README
    once = fill(emptied, "README.md")
    assert once == README
    assert fill(once, "README.md") == once


def test_a_table_nobody_makes_is_named():
    with pytest.raises(DocsError, match="“weather”"):
        fill("<!-- generated: weather -->\n<!-- end -->", "README.md")


def test_what_readme_says_about_messages_is_what_the_code_says():
    """Each quoted part of the troubleshooting table is a text of the package."""
    part = README.partition("## When something does not work")[2].partition("\n## ")[0]
    messages = [row["message"] for row in SAYS.finditer(part)]
    quoted = [piece.strip() for message in messages for text in QUOTED.findall(message) for piece in text.split("…")]
    assert len(quoted) >= 8
    sources = [path.read_text("utf-8") for path in (ROOT / "shared" / "flux_studio").rglob("*.py")]
    code = re.sub(r'"\s*\n\s*f?"', "", "\n".join(sources))
    assert [piece for piece in quoted if piece not in code] == []
