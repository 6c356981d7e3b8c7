"""A recipe travels in the picture: whole, without what concerns this server alone, whatever a stranger did to it."""

from __future__ import annotations

import hashlib
import io
import json
import random

import pytest
from PIL import Image

from flux_studio.imaging import inspect
from flux_studio.imaging.embedded import with_text
from flux_studio.recipes import Recipe, embed, read, write
from flux_studio.types import Cost, Picture, Result, Timings

FULL = Recipe(
    model="flux-2-flex",
    task="inpaint",
    provider="bfl",
    prompt="a red kite, 狐",
    typed="ein roter Drachen",
    final_prompt="a red kite over the sea",
    seed=7,
    width=64,
    height=48,
    options={"steps": 30, "guidance": 3.5, "raw": True},
    parents=("f1",),
    parent_hashes=("ab" * 32,),
    mask="cd" * 32,
    notes=("sandbox",),
    cost=3.0,
    seconds=6.5,
    request_id="task-1",
    job="job-1",
    draft=True,
)
MIMES = ["image/png", "image/jpeg", "image/webp"]


def picture(mime: str = "image/png") -> Picture:
    out = io.BytesIO()
    Image.frombytes("RGB", (64, 48), random.Random(1).randbytes(64 * 48 * 3)).save(out, mime.removeprefix("image/"))
    return inspect(out.getvalue())


def pixels(one: Picture) -> bytes:
    with Image.open(io.BytesIO(one.data)) as image:
        return image.tobytes()


@pytest.mark.parametrize("mime", MIMES)
def test_the_picture_carries_its_recipe_and_looks_the_same(mime: str) -> None:
    plain = picture(mime)
    carrier = embed(plain, FULL)
    assert read(carrier.data) == FULL.for_picture()
    assert pixels(carrier) == pixels(plain)
    assert (carrier.mime, carrier.size) == (plain.mime, plain.size)
    assert inspect(carrier.data).mime == mime


def test_it_tells_neither_cost_nor_task_nor_job() -> None:
    for word in (b"task-1", b"job-1", b"cost", b"draft", b"credits"):
        assert word not in embed(picture(), FULL).data


@pytest.mark.parametrize("mime", MIMES)
def test_a_new_recipe_takes_the_place_of_an_old_one(mime: str) -> None:
    twice = embed(embed(picture(mime), FULL), Recipe(model="flux-2-pro", prompt="another"))
    assert read(twice.data) == Recipe(model="flux-2-pro", prompt="another")


def test_a_prompt_too_long_for_a_jpeg_gives_up_its_other_wordings_first() -> None:
    long = Recipe(model="flux-2-pro", prompt="x" * 40_000, final_prompt="y" * 40_000)
    assert read(embed(picture("image/jpeg"), long).data) == Recipe(model="flux-2-pro", prompt="x" * 40_000)
    giant = Recipe(model="flux-2-pro", prompt="狐" * 40_000)
    plain = picture("image/jpeg")
    assert embed(plain, giant) is plain
    assert read(embed(picture("image/png"), giant).data) == giant


def test_half_a_surrogate_does_not_stop_a_paid_picture() -> None:
    for mime in MIMES:
        assert read(embed(picture(mime), Recipe(model="m", prompt="a \ud800 b")).data) is not None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, None),
        ([], None),
        ("text", None),
        ({"model": 5}, None),
        ({"model": ""}, None),
        ({"model": "m", "seed": "7", "width": -3, "cost": float("inf")}, Recipe(model="m")),
        ({"model": "m", "options": "none", "parents": 5, "notes": [1, "a"]}, Recipe(model="m", notes=("a",))),
        ({"model": "m", "options": {"a": {"b": 1}, "c": 10**400, "d": True}}, Recipe(model="m", options={"d": True})),
        ({"model": "m", "prompt": ["x"], "draft": "yes", "unknown": 1}, Recipe(model="m")),
    ],
)
def test_what_somebody_tampered_with_is_left_out(data: object, expected: Recipe | None) -> None:
    assert Recipe.from_json(data) == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"flux_studio":',
        '{"flux_studio": null}',
        '{"flux_studio": []}',
        '{"flux_studio": {"model": null}}',
        '{"flux_studio": ' + "[" * 100_000,
        '{"flux_studio": {"model": ' + "9" * 5000 + "}}",
        "flux_studio",
        "",
    ],
)
@pytest.mark.parametrize("mime", MIMES)
def test_hostile_metadata_is_no_recipe(mime: str, text: str) -> None:
    carrier = with_text(picture(mime).data, mime, "flux_studio", text)
    assert carrier is None or read(carrier) is None


@pytest.mark.parametrize("mime", MIMES)
def test_a_cut_file_is_no_recipe_or_the_whole_one(mime: str) -> None:
    data = embed(picture(mime), FULL).data
    for end in range(0, len(data), 37):
        assert read(data[:end]) in (None, FULL.for_picture())


def test_other_files_have_no_recipe() -> None:
    for data in (b"", b"GIF89a", b"<svg>", json.dumps({"flux_studio": {"model": "m"}}).encode()):
        assert read(data) is None


def test_the_request_of_a_job_gives_its_recipe() -> None:
    request = {
        "task": "inpaint",
        "prompt": "a kite",
        "typed": "a kite --no text",
        "pictures": ["f1", None],
        "hashes": ["aa", "bb"],
        "options": {"steps": 30},
        "edit": {"mask": "bWFzaw=="},
    }
    made = Result(
        pictures=(picture(),), model="flux-2-pro", seed=7, cost=Cost(amount=3), timings=Timings(provider=1.234)
    )
    recipe = write(request, made, job="j")
    assert (recipe.provider, recipe.prompt, recipe.typed) == ("bfl", "a kite", "a kite --no text")
    assert (recipe.parents, recipe.parent_hashes) == (("f1",), ("aa", "bb"))
    assert recipe.mask == hashlib.sha256(b"mask").hexdigest()
    assert (recipe.width, recipe.height, recipe.seconds, recipe.cost) == (64, 48, 1.23, 3)


def test_the_request_of_a_temporary_chat_gives_no_words_and_no_pictures() -> None:
    recipe = write(
        {
            "task": "edit",
            "prompt": None,
            "typed": None,
            "pictures": ["f1"],
            "hashes": ["aa"],
            "edit": {"mask": "bWFzaw=="},
        },
        Result(pictures=(picture(),), model="flux-2-pro", prompt="rewritten"),
    )
    assert (recipe.prompt, recipe.final_prompt, recipe.parents, recipe.parent_hashes, recipe.mask) == (
        "",
        None,
        (),
        (),
        "",
    )
