"""The prompt entries come from the one table, and what their fields put together is understood."""

from __future__ import annotations

import re

from flux_studio.commands import COMMANDS, help_text, parse
from flux_studio.commands.entries import is_ours, is_untouched, prompt_entries
from tools.docs import tables

FIELD = re.compile(r"\{\{\w+ \| (?P<kind>textarea|select)(?P<rest>[^}]*)\}\}")


def filled(match: re.Match[str]) -> str:
    default = re.search(r':default="([^"]+)"', match["rest"])
    return default[1] if default else "a red fox"


def test_help_readme_and_prompt_entries_are_made_of_the_one_table():
    entries = {entry["command"]: entry for entry in prompt_entries()}
    assert list(entries) == list(COMMANDS)
    shown, documented = help_text(), tables.commands()
    for row in COMMANDS.values():
        assert f"`/{row.name}" in shown
        assert row.help in shown
        assert f"| `/{row.name}" in documented
        assert row.help in documented
        assert entries[row.name]["name"] == row.help


def test_a_filled_form_is_the_command_itself():
    for entry in prompt_entries():
        text = FIELD.sub(filled, entry["content"])
        assert "{" not in text
        typed = parse(text)
        assert typed.command is COMMANDS[entry["command"]]
    assert parse(FIELD.sub(filled, prompt_entries()[0]["content"])).flags == {"aspect": "1:1", "count": 1}


def test_an_entry_knows_whether_it_was_changed():
    entry = prompt_entries()[0]
    assert is_ours(entry)
    assert is_untouched(entry)
    assert not is_untouched({**entry, "content": "/imagine my own"})
    assert not is_ours({"command": "imagine", "content": "mine", "meta": None})


def test_credits_is_shown_to_admins_only():
    assert "/credits" not in help_text(admin=False)
    assert "`/flux edit" in help_text({"imagine"})
