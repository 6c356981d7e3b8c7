"""The Info dialog renders Markdown and HTML: nothing of a prompt may become either."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace

import pytest

from flux_studio.errors import InvalidRequest, NotPermitted
from flux_studio.recipes import Recipe
from flux_studio.webui import details
from flux_studio.webui.details import details_text
from tests.webui.host_doubles import Chats, host_chats


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
    (shown,) = re.findall(r"<b>Prompt:</b> (.*?)(?:<br>|$)", text)
    assert not set(shown) & set("![]()<>*_`~\n")
    assert "://" not in shown
    assert html.unescape(shown) == " ".join(prompt.split())


CHAT = SimpleNamespace(
    answer={"role": "assistant", "parentId": "question", "content": "", "files": [{"type": "image", "id": "made"}]},
    question={"role": "user", "content": "make it night", "files": [{"type": "image", "id": "given"}]},
)
MADE = Recipe(model="flux-2-pro", prompt="a fox", typed="ein Fuchs", mask="ab", parents=("given",))
GIVEN = Recipe(model="dreamshaper", prompt="a castle", negative_prompt="text", source="Automatic1111", version="v1.10")


async def shown(monkeypatch, recipes: dict[str, Recipe | None], **messages) -> list[str]:
    """Press Info on the answer; returns what the dialog says."""
    dialogs: list[str] = []

    async def ask(event):
        dialogs.append(event["data"]["message"])

    async def recipe_of(identifier, *, user):
        if identifier not in recipes:
            raise NotPermitted("This picture is gone, or it is not yours.")
        return recipes[identifier]

    async def allowed(user, chat):
        return None

    host_chats(monkeypatch, Chats(**messages))
    monkeypatch.setattr(details.files, "recipe_of", recipe_of)
    monkeypatch.setattr(details.rights, "require_own_chat", allowed)
    await details.show_details({"chat_id": "c", "id": "answer"}, SimpleNamespace(id="ann"), ask)
    return dialogs


async def test_the_pictures_and_the_attached_ones_tell_how_they_were_made(monkeypatch):
    (text,) = await shown(
        monkeypatch, {"made": MADE, "given": GIVEN}, answer=dict(CHAT.answer), question=dict(CHAT.question)
    )
    made, given = text.split("<b>An attached picture</b>")
    assert "a fox" in made
    assert "<b>Prompt as typed:</b> ein Fuchs" in made
    assert "a part of it was repainted" in made
    assert "<b>Made with:</b> Automatic1111 v1.10" in html.unescape(given)
    assert "<b>Negative prompt:</b> text" in given


async def test_an_answer_without_a_picture_tells_about_the_attached_one(monkeypatch):
    answer = {"role": "assistant", "parentId": "question", "content": "I see a castle."}
    (text,) = await shown(monkeypatch, {"given": GIVEN}, answer=answer, question=dict(CHAT.question))
    assert "a castle" in text


async def test_a_picture_that_is_gone_does_not_hide_the_others(monkeypatch):
    (text,) = await shown(monkeypatch, {"made": MADE}, answer=dict(CHAT.answer), question=dict(CHAT.question))
    assert "a fox" in text
    assert "attached" not in text


async def test_without_a_recipe_it_says_so(monkeypatch):
    (text,) = await shown(monkeypatch, {"made": None}, answer=dict(CHAT.answer))
    assert "carries no recipe" in text


async def test_a_message_without_any_picture_is_refused(monkeypatch):
    with pytest.raises(InvalidRequest, match="no picture in this answer"):
        await shown(monkeypatch, {}, answer={"role": "assistant", "parentId": None, "content": "text"})


def test_several_pictures_are_told_apart():
    recipes = [Recipe(model="flux-2-pro", prompt=prompt) for prompt in ("one", "two")]
    assert re.findall(r"<b>Picture (\d of \d)</b>", details_text(recipes)) == ["1 of 2", "2 of 2"]
    assert "Picture 1" not in details_text(recipes[:1])
