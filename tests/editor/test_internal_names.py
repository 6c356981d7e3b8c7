"""Names that the build may shorten are the page's own: none stands in a call, an answer or a message of the bridge."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "shared" / "flux_studio" / "webui" / "editor"
LIST = ROOT / "artifacts" / "editor" / "internal.txt"
VALUES = {"editor"}
"""Texts of the protocol that are no names of fields."""


def internal_names() -> set[str]:
    lines = [line for line in LIST.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {name for line in lines for name in line.split()}


def test_no_field_of_a_call_or_an_answer_is_shortened() -> None:
    fields = {word for path in SERVER.glob("*.py") for word in re.findall(r'"(\w+)"', path.read_text("utf-8"))}
    assert {"session", "revision", "results"} <= fields
    assert internal_names() & fields - VALUES == set()


def test_no_field_of_a_message_to_the_bridge_is_shortened() -> None:
    bridge = (SERVER / "bridge.js").read_text("utf-8")
    fields = set(re.findall(r"(\w+):", bridge)) | set(re.findall(r"message\.(\w+)", bridge))
    assert "kind" in fields
    assert internal_names() & fields == set()
