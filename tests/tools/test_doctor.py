"""The doctor's look from outside, and how its lines and the costs' columns are laid out."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest

from tools.costs.command import aligned, text_of
from tools.doctor import checks
from tools.doctor.checks import Finding
from tools.doctor.command import inside, report
from tools.install.bundle import Bundle, Plugin
from tools.install.client import Refused
from tools.install.failure import InstallError

EVAL, INLINE = "'unsafe-eval' in script-src", "'unsafe-inline' in script-src"
STYLE = "'unsafe-inline' in style-src"
PLUGIN = Plugin(id="flux_studio_edit", name="Edit", description="", everywhere=True, content="new text")
STORED = {"is_active": True, "is_global": True, "content": "new text"}


class Host:
    """Answers what the checks ask an OpenWebUI."""

    url = "https://chat.example.com"

    def __init__(self, stored: Any = None, *, loads: bool = True, answer: Any = None, date: str = "") -> None:
        self.stored, self.loads, self.answer, self.date = stored, loads, answer, date

    def version(self) -> str:
        return "0.12.4"

    def headers(self, path: str, what: str) -> dict[str, str]:
        return {"Date": self.date}

    def find(self, path: str, what: str) -> Any:
        return self.stored

    def get(self, path: str, what: str) -> Any:
        if not self.loads:
            raise Refused(what, 500, "No module named flux")

    def ask_plugin(self, page: str, op: str) -> Any:
        if self.answer is None:
            raise InstallError("Open WebUI refused the call admin/doctor (400): Action not available")
        return self.answer


@pytest.mark.parametrize(
    ("policy", "missing"),
    [
        ("", []),
        ("img-src 'self'", []),
        ("script-src 'self' 'unsafe-inline' 'unsafe-eval'", []),
        ("default-src 'self'", [EVAL, INLINE, STYLE]),
        ("default-src 'self'; script-src 'self' 'unsafe-inline'", [EVAL, STYLE]),
        ("style-src 'unsafe-inline'; SCRIPT-SRC 'unsafe-eval'", [INLINE]),
    ],
)
def test_the_policy_for_scripts(policy: str, missing: list[str]) -> None:
    assert checks.forbidden({"content-security-policy": policy}) == missing
    assert checks.forbidden({"Content-Security-Policy": policy}) == missing


@pytest.mark.parametrize(
    ("stored", "loads", "state", "words"),
    [
        (None, True, "fault", "not installed: run studio.py install"),
        (STORED | {"is_active": False}, True, "fault", "switched off"),
        (STORED, False, "fault", "does not load: .*No module named flux"),
        (STORED | {"is_global": False}, True, "fault", "not global"),
        (STORED | {"content": "old"}, True, "note", f"sha256 {hashlib.sha256(b'old').hexdigest()[:12]}"),
        (STORED, True, "ok", "installed, switched on, global, as released"),
    ],
)
def test_a_plugin(stored: Any, loads: bool, state: str, words: str) -> None:
    finding = checks.plugin(Host(stored, loads=loads), PLUGIN)
    assert (finding.name, finding.state) == ("flux_studio_edit", state)
    assert re.search(words, finding.text)


@pytest.mark.parametrize(("minimum", "state"), [("0.12.4", "ok"), ("0.13.0", "fault")])
def test_the_version(minimum: str, state: str) -> None:
    bundle = Bundle(version="0.1.0", minimum_open_webui=minimum, plugins=())
    assert checks.version(Host(), bundle).state == state


@pytest.mark.parametrize(
    ("date", "state"), [("", "note"), ("nonsense", "note"), ("Mon, 01 Jan 2001 00:00:00 GMT", "note")]
)
def test_a_clock_that_is_wrong_or_silent_is_a_note(date: str, state: str) -> None:
    assert checks.clock(Host(date=date)).state == state


def test_a_server_that_cannot_be_asked_is_a_fault_and_not_the_end() -> None:
    (finding,) = inside(Host())
    assert finding.state == "fault"
    assert "Action not available" in finding.text
    row = {"name": "storage", "state": "ok", "text": "local"}
    assert list(inside(Host(answer={"findings": [row]}))) == [Finding("storage", "ok", "local")]


@pytest.mark.parametrize(
    ("states", "code", "last"),
    [
        (["ok", "ok"], 0, "0 faults, 0 notes, 2 in order."),
        (["ok", "note"], 0, "0 faults, 1 note, 1 in order."),
        (["fault", "fault", "note", "note"], 1, "2 faults, 2 notes, 0 in order."),
    ],
)
def test_a_fault_decides_the_exit_code(states: list[Any], code: int, last: str) -> None:
    said: list[str] = []
    assert report((Finding("x", state, "y") for state in states), said.append) == code
    assert said[-1] == last
    assert len(said) == len(states) + 1


def test_columns_are_aligned_and_no_name_moves_the_cursor() -> None:
    text = aligned([["Person", "Pictures"], ["Ann\x1b[2J", "7"]])
    assert text.splitlines() == ["Person  Pictures", "Ann[2J         7"]
    whole = text_of({"summary": "3 credits.", "left": "", "tables": [{"head": ["A", "B"], "rows": [["x", "1"]]}]})
    assert whole == "3 credits.\n\nA  B\nx  1"
