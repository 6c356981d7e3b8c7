"""A command is the exact word at the beginning of a message, if it is enabled, and any of them behind /flux."""

from __future__ import annotations

import pytest

from flux_studio.commands import COMMANDS, parse
from flux_studio.commands.addressed import addressed, enabled_commands, is_addressed
from flux_studio.errors import InvalidRequest

FEW = enabled_commands("/imagine, Help")


@pytest.mark.parametrize(
    ("text", "name", "prompt"),
    [
        ("/imagine a fox", "imagine", "a fox"),
        ("  /imagine\na fox", "imagine", "a fox"),
        ("/help", "help", ""),
        ("/flux imagine a fox", "imagine", "a fox"),
        ("/flux /edit make it night", "edit", "make it night"),
        ("/flux vary #2 strong", "vary", "#2 strong"),
        ("/flux", "help", ""),
        ("/flux  \n", "help", ""),
        ("/imagine a fox —ar 16:9", "imagine", "a fox"),
        ("/imagine “—ar” on a sign", "imagine", "“—ar” on a sign"),
    ],
)
def test_a_command_and_what_follows(text, name, prompt):
    assert is_addressed(text)
    typed = parse(text)
    assert typed.command is not None
    assert (typed.command.name, typed.prompt) == (name, prompt)


@pytest.mark.parametrize(
    "text",
    [
        "imagine a fox",
        "/imagines a fox",
        "/imagine: a fox",
        "//imagine a fox",
        "/Imagine a fox",
        "/upscale",
        "/replay",
        "a /help",
        "",
        "/",
        "/fluxes",
        "/model x",
    ],
)
def test_everything_else_is_no_command(text):
    assert not is_addressed(text)
    assert parse(text).command is None


def test_a_word_that_is_switched_off_is_a_command_behind_the_prefix_only():
    assert {"imagine", "help"} == FEW
    assert not is_addressed("/edit make it night", FEW)
    assert parse("/edit make it night", FEW).prompt == "/edit make it night"
    assert addressed("/flux edit make it night", FEW).command is COMMANDS["edit"]
    assert enabled_commands(" , ") == set(COMMANDS)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("/flux imagin x", "/flux imagine"),
        ("/flux 3 foxes", "there are: imagine"),
        (f"/flux {'x' * 300}", "there are: imagine"),
    ],
)
def test_another_word_behind_the_prefix_is_answered_with_the_nearest(text, hint):
    assert is_addressed(text)
    with pytest.raises(InvalidRequest) as caught:
        parse(text)
    assert caught.value.field == "command"
    assert hint in caught.value.sentence
    assert len(caught.value.sentence) < 300
