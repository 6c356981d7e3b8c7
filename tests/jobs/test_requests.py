"""A request survives as JSON, or says that it does not."""

from __future__ import annotations

import json

import pytest

from flux_studio.errors import StorageError
from flux_studio.jobs import picture_files, request_from_json, request_to_json, rerunnable
from flux_studio.types import Mask, Picture, Request, Size


def picture(file: str | None) -> Picture:
    return Picture(data=b"x", mime="image/png", width=1, height=1, file=file)


FULL = Request(
    task="edit",
    model="flux-2-pro",
    prompt="make it night",
    pictures=(picture("f1"), picture("f2")),
    size=Size(width=1024, height=768),
    aspect="4:3",
    count=2,
    seed=7,
    format="png",
    options={"steps": 30, "raw": True},
)


def test_a_request_comes_back_whole_through_json() -> None:
    data = json.loads(json.dumps(request_to_json(FULL)))
    assert picture_files(data) == ("f1", "f2")
    assert request_from_json(data, FULL.pictures) == FULL


def test_the_json_holds_no_picture_bytes() -> None:
    assert request_to_json(FULL)["pictures"] == ["f1", "f2"]


@pytest.mark.parametrize(
    "request_",
    [
        Request(task="edit", model="m", prompt="p", pictures=(picture("f1"), picture(None))),
        Request(task="inpaint", model="m", prompt="p", mask=Mask(data=b"\0", width=1, height=1)),
    ],
)
def test_a_picture_without_a_file_and_a_mask_cannot_be_made_again(request_: Request) -> None:
    data = request_to_json(request_)
    assert not rerunnable(data)
    with pytest.raises(StorageError, match="send it once more"):
        picture_files(data)


def test_a_private_request_keeps_no_prompt_and_cannot_be_run_again() -> None:
    data = request_to_json(FULL, private=True)
    assert "night" not in json.dumps(data)
    assert not rerunnable(data)
    assert not rerunnable(None)


def test_a_picture_that_is_gone_is_not_left_out_silently() -> None:
    with pytest.raises(StorageError, match="gone"):
        request_from_json(request_to_json(FULL), FULL.pictures[:1])
