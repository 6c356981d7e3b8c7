"""docs/sandbox.md says what the code does."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from tools.sandbox.__main__ import main, parser
from tools.sandbox.settings import CHECKS, SandboxSettings

TEXT = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
SOURCES = Path(__file__).parents[2] / "tools" / "sandbox"


def rows(heading: str) -> dict[str, str]:
    """First column -> second column of the first table under a heading."""
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    _, *lines = re.split(r"\n\| ---.*", section, maxsplit=1)[1].split("\n\n")[0].splitlines()
    return {first.strip(): second.strip() for _, first, second, *_ in (line.split("|") for line in lines)}


def test_the_fault_table_is_the_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--fault-table"]) == 0
    generated = capsys.readouterr().out.strip()
    assert re.search(r"<!-- faults: .* -->\n(.*)<!-- end of faults -->", TEXT, re.DOTALL)[1].strip() == generated


def test_every_setting_is_documented_with_its_default() -> None:
    documented = rows("Settings while it runs")
    settings = asdict(SandboxSettings())
    assert {name.strip("`") for name in documented} == set(settings) == set(CHECKS)
    for name, value in settings.items():
        assert documented[f"`{name}`"].replace("`", "").startswith(json.dumps(value)), name


def test_every_kind_of_violation_is_documented() -> None:
    documented = set(re.findall(r"`([\w-]+)`", " ".join(rows("What it holds against a client"))))
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    raised = set(re.findall(r'\.violation\("([\w-]+)"', source)) | {"key-elsewhere", "request-elsewhere"}
    assert documented == raised


def test_every_option_is_documented() -> None:
    options = {text for action in parser()._actions for text in action.option_strings if text.startswith("--")}
    assert {
        option for option in options - {"--help"} if f"`{option}" not in TEXT and f" {option}`" not in TEXT
    } == set()
