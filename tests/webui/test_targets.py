"""Which pictures a question means; where more than one may be meant, it is asked before anything is read or paid."""

from __future__ import annotations

import pytest

from flux_studio.commands import COMMANDS
from flux_studio.commands.mentions import mentions
from flux_studio.errors import InvalidRequest
from flux_studio.webui.messages import ChatPicture
from flux_studio.webui.targets import Scene, Target, choose, slot_of, the_one


def scene(*messages: int, attached: int = 0, role: str = "assistant") -> Scene:
    """A branch whose messages show so many pictures each: scene(1, 4) has #1 and, together, #2 to #5."""
    owners = [f"m{place}" for place, count in enumerate(messages) for _ in range(count)]
    pictures = [ChatPicture(file=f"f{i}", number=i, message=owner, role=role) for i, owner in enumerate(owners, 1)]
    return Scene(earlier=tuple(pictures), attached=attached)


def numbers(where: Scene, prompt: str = "make it night", **more: object) -> tuple[int, ...]:
    return choose(where, prompt, **{"edits": True, **more}).numbers


def question(where: Scene, prompt: str = "make it night", **more: object) -> str:
    with pytest.raises(InvalidRequest) as caught:
        numbers(where, prompt, **more)
    return caught.value.sentence


@pytest.mark.parametrize(
    ("where", "prompt", "more", "expected"),
    [
        (scene(), "a cat", {}, ()),
        (scene(1), "make it night", {}, (1,)),
        (scene(1, 1), "make it night", {}, (2,)),
        (scene(4, 1), "make it night", {}, (5,)),
        (scene(1, 1), "make it night", {"fresh": True}, ()),
        (scene(1, 1), "a cat", {"edits": False}, ()),
        (scene(1, 4), "#3 make it night", {}, (3,)),
        (scene(1, 4), "make it night", {"picked": 1}, (1,)),
        (scene(1, 4), "the cat of #1 on the sofa of #4", {}, (1, 4)),
        (scene(1, 4), "#4 with the cat of #1 and again #4", {}, (4, 1)),
        (scene(attached=1), "make it night", {}, (1,)),
        (scene(1, 4, attached=2), "side by side", {}, (6, 7)),
        (scene(1, 4, attached=1), "put it into #3", {}, (6, 3)),
        (scene(1, 4, attached=1), "put #6 into #3", {}, (6, 3)),
        (scene(1, 4, attached=2), "with the attached", {"picked": 2}, (2, 6, 7)),
        (scene(1, 4, attached=2), "#2 with the attached", {"picked": 2}, (2, 6, 7)),
        (scene(attached=2), "the cat of #2 in #1", {}, (1, 2)),
        (scene(1), "a house with sign #9", {}, (1,)),
        (scene(1), "#1 in blue", {"fresh": True}, ()),
        (scene(1, 1), "a house with sign #1", {"edits": False}, ()),
    ],
)
def test_what_a_question_means(where, prompt, more, expected):
    assert numbers(where, prompt, **more) == expected


def test_several_pictures_in_the_last_answer_are_asked_about():
    assert question(scene(1, 4)) == (
        "The last answer shows 4 pictures, #2 to #5: send just “#2” to say which one is edited, "
        "or your message with --new for a new picture."
    )
    assert "The last upload has 2 pictures, #1 and #2" in question(scene(2, role="user"))


def test_a_command_says_whether_the_newest_picture_is_meant():
    imagine, edit, area = (COMMANDS[name] for name in ("imagine", "edit", "area"))
    assert numbers(scene(1, 1), command=imagine) == ()
    assert numbers(scene(1, 1, attached=1), command=imagine) == (3,)
    assert numbers(scene(1, 1), "the hat of #1", command=imagine) == (1,)
    assert numbers(scene(1, 1), command=edit) == (2,)
    assert question(scene(1, 4), command=edit).endswith("say which one is meant, as in /edit #2.")
    assert the_one(scene(1, 4), "#3", picked=None, command=area) == 3
    assert the_one(scene(1, 4), "", picked=1, command=area) == 1
    for where, words, expected in (
        (scene(), "", "no picture in this chat for /area yet"),
        (scene(1, 1), "#1 and #2", "takes one picture, not 2"),
        (scene(1, attached=2), "", "as in /area #2"),
    ):
        with pytest.raises(InvalidRequest, match=expected):
            the_one(where, words, picked=None, command=area)


def test_a_number_that_is_none_of_this_chat():
    assert "There is no picture #7 in this chat; there is #1 to #5." in question(scene(1, 4), "#7 make it night")
    assert "there is only #1." in question(scene(1), picked=2)
    assert "there is no picture yet." in question(scene(), "edit #1: make it night")
    assert "There is no picture #0" in question(scene(1), "#0 make it night")
    assert "no picture yet" in question(scene(), "#1 of a series", edits=False)


def test_a_number_that_may_mean_two_pictures_is_asked_about():
    sentence = question(scene(1, 1, attached=1), "make #1 darker")
    assert sentence == (
        "“#1” may be picture #1 of this chat or the first one attached here; "
        "write #3 for the attached one, or add --edit 1 for the other."
    )
    assert numbers(scene(1, 1, attached=1), "make #3 darker") == (3,)
    assert numbers(scene(1, 1, attached=1), "make #1 darker", picked=1) == (1, 3)


def test_new_and_edit_exclude_each_other():
    assert "--edit and --new exclude each other" in question(scene(1), fresh=True, picked=1)


def slots(prompt: str, target: Target) -> list[int | None]:
    return [slot_of(mention, target) for mention in mentions(prompt)]


def test_the_place_of_a_mentioned_picture_among_the_inputs():
    target = Target(numbers=(6, 3))
    assert slots("#3 beside #6 and #9", target) == [1, 0, None]
    assert slots("[Image 2] beside image 1 and picture 5", target) == [1, 0, None]
    with pytest.raises(InvalidRequest, match=r"\[Image 3\] is not among the pictures of this message: there are 2\."):
        slots("[Image 3]", target)
    with pytest.raises(InvalidRequest, match="there is none"):
        slots("[Image 1]", Target())
