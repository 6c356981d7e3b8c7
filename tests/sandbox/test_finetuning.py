"""Finetunes: trained, followed, listed, used and deleted on one cluster only; training is gone unless switched on."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest

from tools.sandbox.finetunes import OLD_FINETUNE, UPLOADED_LORA

from .conftest import Client, encoded, halves

NOT_READY = {"detail": "Finetune not found or not ready"}
DENIED = {"detail": "Finetune not found or access denied"}


def archive(*names: str) -> str:
    """Base64 of a ZIP with a picture under each name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, base64.b64decode(encoded(halves(64, 64))))
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture
def regional(client: Client) -> Client:
    """A client of the cluster where finetunes live, before training was withdrawn."""
    client.sandbox.change(withdrawn="answer", training_duration=100.0)
    client.submit_host = client.sandbox.regional
    return client


async def get(client: Client, path: str) -> tuple[int, Any]:
    response, text = await client.request(f"{client.submit_host}/v1/{path}", key=client.sandbox.key)
    return response.status, json.loads(text)


async def trained(client: Client, comment: str = "my dog") -> str:
    status, answer = await client.submit(
        "finetune", file_data=archive("1.png", "1.txt"), finetune_comment=comment, mode="character"
    )
    assert status == 200, answer
    return str(answer["finetune_id"])


async def test_training_is_withdrawn_by_todays_facts(client: Client) -> None:
    for host in (client.sandbox.endpoint, client.sandbox.regional):
        client.submit_host = host
        assert await client.submit("finetune", file_data="") == (404, {"detail": "Not Found"})
        assert await client.submit("flux-pro", prompt="a cat") == (404, {"detail": "Not Found"})


async def test_a_training_flickers_runs_is_ready_and_is_forgotten(regional: Client) -> None:
    name = await trained(regional)
    question = f"get_result?id={name}"
    assert [(await get(regional, question))[1]["status"] for _ in range(3)] == [
        "Task not found",
        "Task not found",
        "Pending",
    ]
    assert await get(regional, f"finetune_details?finetune_id={name}") == (404, DENIED)
    regional.clock.advance(50)
    assert (await get(regional, question))[1]["progress"] == 0.5
    regional.clock.advance(50)
    assert (await get(regional, question))[1]["status"] == "Ready"
    regional.clock.advance(61)
    assert (await get(regional, question))[1]["status"] == "Task not found"
    _, answer = await get(regional, f"finetune_details?finetune_id={name}")
    details = answer["finetune_details"]
    assert (details["finetune_comment"], details["mode"], details["iterations"]) == ("my dog", "character", 300)
    assert "file_data" not in details
    assert (await get(regional, "my_finetunes"))[1] == {"finetunes": [OLD_FINETUNE, name]}


async def test_a_training_that_fails(regional: Client) -> None:
    regional.sandbox.change(training_flicker=0)
    name = await trained(regional, "[sandbox:training-failed]")
    regional.clock.advance(100)
    _, body = await get(regional, f"get_result?id={name}")
    assert (body["status"], "pictures" in body["details"]["error"]) == ("Error", True)
    assert await get(regional, f"finetune_details?finetune_id={name}") == (404, DENIED)


async def test_a_finetune_makes_pictures_where_it_lives_and_nowhere_else(client: Client) -> None:
    wish = {"prompt": "TOK", "finetune_id": OLD_FINETUNE}
    assert await client.submit("flux-pro-1.1-ultra-finetuned", **wish) == (400, NOT_READY)
    client.submit_host = client.sandbox.regional
    assert (await client.picture("flux-pro-1.1-ultra-finetuned", **wish)).width > 2000
    assert await client.submit("flux-pro-1.1-ultra-finetuned", prompt="x", finetune_id="no") == (400, NOT_READY)


async def test_an_unready_finetune_makes_no_picture(regional: Client) -> None:
    name = await trained(regional)
    assert await regional.submit("flux-pro-finetuned", prompt="TOK", finetune_id=name) == (400, NOT_READY)
    regional.clock.advance(100)
    assert (await regional.submit("flux-pro-finetuned", prompt="TOK", finetune_id=name))[0] == 200


async def test_another_cluster_knows_nothing(client: Client) -> None:
    assert await get(client, "my_finetunes") == (200, {"finetunes": []})
    assert await get(client, f"finetune_details?finetune_id={OLD_FINETUNE}") == (404, DENIED)
    assert await client.submit("delete_finetune", finetune_id=OLD_FINETUNE) == (404, DENIED)


async def test_a_finetune_is_deleted_once(client: Client) -> None:
    client.submit_host = client.sandbox.regional
    status, answer = await client.submit("delete_finetune", finetune_id=OLD_FINETUNE)
    assert (status, answer["deleted_finetune_id"], set(answer)) == (
        200,
        OLD_FINETUNE,
        {"status", "message", "deleted_finetune_id", "timestamp"},
    )
    assert await client.submit("delete_finetune", finetune_id=OLD_FINETUNE) == (404, DENIED)
    assert await get(client, "my_finetunes") == (200, {"finetunes": []})


async def test_an_uploaded_lora_is_known_by_its_name_on_every_cluster(client: Client) -> None:
    status, _ = await client.submit("flux-2-klein-4b-finetuned", prompt="x", finetune_id=UPLOADED_LORA)
    assert status == 200
    assert await client.submit("flux-2-klein-4b-finetuned", prompt="x", finetune_id="other") == (400, NOT_READY)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"file_data": "no base64!"}, "file_data"),
        ({"file_data": archive("notes.txt")}, "file_data"),
        ({"mode": "portrait"}, "mode"),
        ({"iterations": 99}, "iterations"),
        ({"lora_rank": 8}, "lora_rank"),
        ({"finetune_comment": "[sandbox:no-such-fault]"}, "finetune_comment"),
    ],
)
async def test_a_wrong_training_names_its_field(regional: Client, changes: dict[str, Any], field: str) -> None:
    good = {"file_data": archive("1.jpg"), "finetune_comment": "my dog", "mode": "style"}
    status, answer = await regional.submit("finetune", **{**good, **changes})
    assert (status, answer["detail"][0]["loc"]) == (422, ["body", field])


async def test_the_journal_holds_a_training_without_its_archive(regional: Client) -> None:
    name = await trained(regional)
    (call,) = regional.sandbox.calls
    assert (call.endpoint, call.task, call.body["file_data"]) == ("/v1/finetune", name, "(an archive)")


@pytest.mark.parametrize("path", ["finetune_details", "delete_finetune"])
async def test_the_id_is_asked_for(client: Client, path: str) -> None:
    status, answer = await (client.submit(path) if path.startswith("delete") else get(client, path))
    assert (status, answer["detail"][0]["loc"][-1]) == (422, "finetune_id")
