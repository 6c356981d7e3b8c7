"""The help is read off the tables."""

from __future__ import annotations

from flux_studio.commands import COMMANDS, FLAGS, flag_rows, help_text


def test_the_help_names_every_command_and_every_flag() -> None:
    text = help_text()
    assert all(f"`/{row.name}" in text and row.help in text for row in COMMANDS.values())
    assert all(flag.example in text and flag.help in text for flag in FLAGS)


def test_each_row_of_the_flag_table_is_complete() -> None:
    rows = flag_rows()
    assert len(rows) == len(FLAGS)
    assert all(name in example and effect and allowed for name, allowed, effect, example in rows)


def test_no_command_takes_a_name_that_open_webui_keeps_for_itself() -> None:
    reserved = {"model", "compact", "fork", "status", "compare", "settings", "temporary"}
    assert not reserved & set(COMMANDS)


def test_flag_names_are_unique() -> None:
    names = [name for flag in FLAGS for name in (flag.name, *flag.aliases)]
    assert len(names) == len(set(names))
