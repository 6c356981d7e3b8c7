"""Title, tag and follow-up tasks get an answer without any picture."""

import json

import pytest

from flux_studio.webui.tasks import reply, text_of, title


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a red fox", "a red fox"),
        ("a red fox --ar 16:9 --n 2", "a red fox"),
        ("a red fox —ar 16:9", "a red fox"),
        ("/imagine a red fox", "a red fox"),
        ("one two three four five six seven", "one two three four five six…"),
        ("ein Fuchs\nim Schnee", "ein Fuchs im Schnee"),
        ("/help", "Help"),
        ("", "New picture"),
        ("--new", "New picture"),
    ],
)
def test_title(prompt, expected):
    assert title(prompt) == expected


def test_reply_holds_every_key_a_task_template_asks_for():
    body = {"messages": [{"role": "user", "content": [{"type": "text", "text": "a red fox"}]}]}
    answer = json.loads(reply("title_generation", body))
    assert answer["title"] == "a red fox"
    assert answer["tags"] == answer["follow_ups"] == answer["queries"] == []
    assert json.loads(reply("tags_generation", None))["title"] == "New picture"


@pytest.mark.parametrize("content", [None, 5, {}, [None, {"type": "image_url"}]])
def test_text_of_anything_else_is_empty(content):
    assert text_of(content) == ""
