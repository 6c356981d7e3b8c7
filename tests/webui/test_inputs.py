"""The pictures of a question, loaded, called as the provider numbers them, and named in the first line."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from flux_studio.catalog import card
from flux_studio.catalog.check import without_image_prompt
from flux_studio.commands import parse
from flux_studio.errors import InvalidRequest
from flux_studio.types import Picture
from flux_studio.webui import attached, inputs, question
from flux_studio.webui.caller import Caller
from tests.webui.host_doubles import put

A, B, C, D, E = (f"{letter * 8}-0000-4000-8000-000000000000" for letter in "abcde")
ANN = SimpleNamespace(id="ann", role="user", timezone="Europe/Berlin")
MESSAGES = {
    "q1": {"role": "user", "parentId": None, "files": [{"type": "image", "id": A}]},
    "a1": {"role": "assistant", "parentId": "q1", "files": [{"type": "image", "id": B}], "timestamp": 1790000000},
    "q2": {"role": "user", "parentId": "a1"},
    "a2": {"role": "assistant", "parentId": "q2", "files": [{"type": "image", "id": each} for each in (C, D)]},
}
SAME = {"x": "same", "y": "same"}
"""Two uploads of one file."""


@pytest.fixture(autouse=True)
def host(monkeypatch):
    put(
        monkeypatch,
        "open_webui.utils.chat_id",
        is_saved_chat_id=lambda chat: chat == "c",
        is_temporary_chat_id=lambda chat: chat.startswith("temporary:"),
    )

    async def messages_of_chat(chat):
        return MESSAGES

    async def shown_in_chat(chat, *, user):
        return [(A, "m1"), (B, "m2"), (C, "m2")]

    async def read(identifier, *, user, own_only=False):
        return Picture(
            data=SAME.get(identifier, identifier).encode(), mime="image/png", width=64, height=64, file=identifier
        )

    monkeypatch.setattr(inputs, "messages_of_chat", messages_of_chat)
    monkeypatch.setattr(inputs.files, "shown_in_chat", shown_in_chat)
    monkeypatch.setattr(attached.files, "read", read)


async def asked(text, *files, above="a1", chat="c", model="flux-2-pro"):
    given = [{"type": "file", "id": each, "content_type": "image/png"} for each in files]
    caller = Caller(user=ANN, app=None, chat=chat, user_message={"parentId": above, "files": given})
    return await inputs.gather(caller, {}, without_image_prompt(card(model)), parse(text))


def sent(found):
    return [picture.file for picture in found.pictures]


async def test_the_newest_picture_is_edited_and_named():
    found = await asked("make it night")
    assert sent(found) == [B]
    clock = "[the newest picture, #2 (16:13)]"
    assert found.origin == f"Edited {clock}(/api/v1/files/{B}/content) · `--new` starts from nothing"
    assert (found.prompt, found.first) == ("make it night", 3)


@pytest.mark.parametrize(
    "text", ["#1 make it night", "edit #1: make it night", "make it night --edit 1", "make it night --edit #1"]
)
async def test_any_picture_of_the_chat_is_edited_by_its_number(text):
    found = await asked(text)
    assert sent(found) == [A]
    assert found.prompt == "make it night"
    assert f"Edited [upload #1](/api/v1/files/{A}/content)" in found.origin


async def test_two_pictures_of_the_chat_are_put_together():
    found = await asked("the hat of #4 on the head of #1", above="a2")
    assert sent(found) == [D, A]
    assert found.prompt == "the hat of image 1 on the head of image 2"
    assert found.origin.startswith("Made of 2 pictures: image 1 is [the newest picture, #4]")
    assert f"image 2 is [upload #1](/api/v1/files/{A}/content)" in found.origin


async def test_an_answer_with_two_pictures_asks_which():
    with pytest.raises(InvalidRequest, match="#3 and #4"):
        await asked("make it night", above="a2")
    assert sent(await asked("#4", above="a2")) == [D]
    assert sent(await asked("make it night --new", above="a2")) == []


async def test_attached_pictures_keep_their_order_and_their_names():
    found = await asked("[Image 2] in the style of [Image 1]", C, D, above=None)
    assert sent(found) == [C, D]
    assert found.prompt == "image 2 in the style of image 1"
    assert found.origin == "Made of 2 pictures: image 1 is the attached #1, image 2 is the attached #2"
    assert found.first == 3


async def test_the_same_picture_twice_shifts_the_providers_numbers():
    found = await asked("[Image 3] beside image 1, see picture 3", "x", "y", E, above=None)
    assert len(sent(found)) == 2
    assert found.prompt == "image 2 beside image 1, see picture 2"
    assert found.origin == "Made of 2 pictures: image 1 is the attached #1, image 2 is the attached #3"


async def test_an_attached_picture_alone_needs_no_number():
    found = await asked("make it night", C, above=None)
    assert found.origin == "Edited your attached picture"
    later = await asked("make it night", C)
    assert (later.origin, later.first) == ("Edited your attached picture (#3)", 4)


async def test_an_attached_picture_goes_into_one_of_the_chat():
    found = await asked("put #3 on the wall of #1", E)
    assert sent(found) == [E, A]
    assert found.prompt == "put image 1 on the wall of image 2"


async def test_a_model_that_cannot_edit_takes_nothing_by_itself_and_says_so_when_asked():
    assert sent(await asked("a sign with #1 on it", model="flux-pro-1.1")) == []
    with pytest.raises(InvalidRequest, match="takes no pictures, only text"):
        await asked("#1 make it night", model="flux-pro-1.1")


async def test_pictures_of_a_temporary_chat_have_numbers_too():
    found = await asked("#1 make it night", chat="temporary:s")
    assert (sent(found), found.first) == ([A], 4)
    with pytest.raises(InvalidRequest, match="#2 and #3"):
        await asked("make it night", chat="temporary:s")


async def test_without_a_chat_nothing_is_numbered():
    found = await asked("make it night", chat="")
    assert (found.pictures, found.origin, found.first) == ((), "", None)


def history(*texts):
    return {"messages": [{"role": "user", "content": text} for text in texts]}


@pytest.mark.parametrize(
    ("before", "answer", "prompt", "flags"),
    [
        ("make it night --ar 1:1", "#3", "#3: make it night", {"aspect": "1:1"}),
        ("make it night --new --seed 5", "edit #3: --seed 7", "edit #3: make it night", {"seed": 7}),
        ("make it night", "--edit 3", "make it night", {"edit": 3}),
        ("make it night", "#3 make it day", "#3 make it day", {}),
        ("make it night", "--new", "", {"new": True}),
    ],
)
def test_a_message_that_only_chooses_repeats_the_question_before_it(before, answer, prompt, flags):
    typed = question.completed(parse(answer), history(before, answer))
    assert (typed.prompt, dict(typed.flags)) == (prompt, flags)


def test_a_choice_without_a_question_before_it_stays_as_it_is():
    assert question.completed(parse("#3"), history("#3")).prompt == "#3"
