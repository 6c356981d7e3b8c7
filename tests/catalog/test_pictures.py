"""Pictures with a role, pictures as a prompt, and what a chat does with them."""

from __future__ import annotations

import pytest

from flux_studio.catalog import card
from flux_studio.catalog.check import check, in_order, without_image_prompt
from flux_studio.errors import InvalidRequest
from flux_studio.types import Picture, Request
from flux_studio.webui.caller import Caller
from flux_studio.webui.inputs import Origin, origin_sentence
from flux_studio.webui.targets import Scene, Target

PICTURE = Picture(data=b"picture", mime="image/png", width=512, height=512)
TRY_ON = card("flux-tools-vto-v2")
ULTRA = card("flux-pro-1.1-ultra")
NEWEST = card("flux-3-image")


def refused(name: str, **changes: object) -> str:
    facts = {"task": "generate", "model": name, "prompt": "a fox", **changes}
    with pytest.raises(InvalidRequest) as caught:
        check(card(name), Request(**facts), safety_cap=6)  # type: ignore[arg-type]
    return caught.value.sentence


@pytest.mark.parametrize("pictures", [(), (PICTURE,)])
def test_a_try_on_says_which_pictures_it_needs_in_which_order(pictures: tuple[Picture, ...]) -> None:
    assert (
        refused(TRY_ON.name, task="tryon", pictures=pictures)
        == "FLUX Try-on v2 needs 2 pictures; attach first the person, then the garment."
    )
    assert in_order(TRY_ON.pictures) == "first the person, then the garment"


def test_a_model_that_sharpens_says_that_it_needs_a_picture() -> None:
    assert (
        refused("flux-tools-deblur-v1", task="deblur")
        == "FLUX Deblur needs 1 picture to deblur; attach it to the message."
    )


def test_what_it_can_do_stands_in_words() -> None:
    assert "it can: try clothes on." in refused(TRY_ON.name, pictures=(PICTURE,) * 2)


def test_the_strength_of_a_picture_needs_one() -> None:
    assert "attach one, or leave it out" in refused(ULTRA.name, options={"image_prompt_strength": 0.5})


def test_a_picture_prompt_makes_a_new_picture() -> None:
    request = Request(task=ULTRA.task_for(1), model=ULTRA.name, prompt="a fox", pictures=(PICTURE,))
    assert check(ULTRA, request, safety_cap=6).request.task == "generate"


def test_switched_off_a_picture_prompt_is_no_setting_either() -> None:
    off = without_image_prompt(ULTRA)
    assert (off.pictures.maximum, off.option("image_prompt_strength")) == (0, None)
    assert without_image_prompt(TRY_ON) == TRY_ON


@pytest.mark.parametrize(
    ("name", "count", "sentence"),
    [
        ("flux-2-pro", 1, "Edited your attached picture"),
        ("flux-2-pro", 2, "Made of your 2 attached pictures, in their order (#1, #2)"),
        ("flux-tools-vto-v2", 2, "Made of your 2 attached pictures: first the person, then the garment"),
        ("flux-pro-1.1", 1, "Inspired by your attached picture"),
    ],
)
def test_the_answer_says_what_became_of_attached_pictures(name: str, count: int, sentence: str) -> None:
    scene = Scene(attached=count)
    target = Target(numbers=scene.attached_numbers)
    origin = Origin(card=card(name), scene=scene, target=target, places=list(target.numbers))
    caller = Caller(user=None, app=None)
    assert origin_sentence(origin, caller) == sentence


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 7}, "takes no seed"),
        ({"format": "png"}, "chooses the file format itself"),
        ({"aspect": "16:10"}, "21:9, 2:1, 16:9, 3:2"),
        ({"options": {"safety_tolerance": 7, "resolution": "8k"}}, "768sq, 1k, 1.5k, 2k, 4k"),
        ({"prompt": "x" * 15_001}, "15,000 characters"),
    ],
)
def test_the_newest_generation_names_what_it_does_not_take(changes: dict[str, object], words: str) -> None:
    assert words in refused(NEWEST.name, **changes)


def test_pixels_become_a_listed_ratio() -> None:
    from flux_studio.types import Size

    checked = check(
        NEWEST,
        Request(task="generate", model=NEWEST.name, prompt="x", size=Size(width=1280, height=720)),
        safety_cap=6,
    )
    assert checked.request.aspect == "16:9"
