"""The Info dialog renders Markdown and HTML: nothing of a prompt may become either."""

from __future__ import annotations

import html
import re

import pytest

from flux_studio.recipes import Recipe
from flux_studio.webui.details import details_text


@pytest.mark.parametrize(
    "prompt",
    [
        "![x](https://evil.example/seen.png)",
        "[click](https://evil.example)",
        "a <img src=x onerror=alert(1)> fox",
        "stars **and** _lines_ and `ticks` and ~~waves~~",
        "two\n\n# titles\n- and lists",
        "[x]: https://evil.example",
        "https://evil.example/auto",
    ],
)
def test_a_prompt_is_shown_as_it_was_typed(prompt):
    text = details_text([Recipe(model="flux-2-pro", task="generate", prompt=prompt)])
    (shown,) = re.findall(r"<b>Prompt:</b> (.*?)<br>", text)
    assert not set(shown) & set("![]()<>*_`~\n")
    assert "://" not in shown
    assert html.unescape(shown) == " ".join(prompt.split())
