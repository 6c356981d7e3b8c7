"""The end of an answer: a picture counts as delivered only once it is in the message, and exactly once."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from flux_studio.errors import StorageError
from flux_studio.jobs import JobRecord, Outcome
from flux_studio.webui import delivery
from flux_studio.webui.caller import Caller
from flux_studio.webui.files import FileRef, refs
from flux_studio.webui.messages import write_answer
from tests.webui.host_doubles import Chats, host_chats

A, B = (f"{letter * 8}-0000-4000-8000-000000000000" for letter in "ab")


def job(file, **more):
    return JobRecord(user="ann", request_id="m:0", chat="c", message="m", outcome=Outcome(files=(file,)), **more)


class Run:
    """The runner's two ways out."""

    def __init__(self):
        self.delivered, self.handed_over = [], []

    async def mark_delivered(self, jobs):
        self.delivered += jobs

    async def hand_over(self, jobs):
        self.handed_over += jobs


def caller(events=None, chat="c"):
    async def emit(event):
        events.append(event)

    return Caller(
        user=SimpleNamespace(id="ann"), app=None, chat=chat, message="m", emit=None if events is None else emit
    )


async def confirmed(run, records, monkeypatch):
    monkeypatch.setattr(delivery, "PAUSE", 0)
    delivery.confirm_delivery(caller(), run, records)
    await asyncio.gather(*delivery._BACKGROUND)


async def test_a_picture_in_the_finished_answer_is_delivered(monkeypatch):
    host_chats(monkeypatch, Chats(m={"done": True, "files": [{"type": "image", "id": A}]}))
    run, record = Run(), job(A)
    await confirmed(run, [record], monkeypatch)
    assert (run.delivered, run.handed_over) == ([record.id], [])


async def test_a_picture_the_host_failed_to_store_in_the_answer_goes_to_the_sweep(monkeypatch):
    """The host swallows a failed write of a files event."""
    host_chats(monkeypatch, Chats(m={"done": True, "files": [{"type": "image", "id": A}]}))
    run, record = Run(), job(B)
    await confirmed(run, [record], monkeypatch)
    assert (run.delivered, run.handed_over) == ([], [record.id])


async def test_an_answer_that_never_ends_goes_to_the_sweep(monkeypatch):
    host_chats(monkeypatch, Chats(m={"done": False, "files": [{"type": "image", "id": A}]}))
    run, record = Run(), job(A)
    await confirmed(run, [record], monkeypatch)
    assert (run.delivered, run.handed_over) == ([], [record.id])


async def test_a_deleted_message_ends_the_job(monkeypatch):
    host_chats(monkeypatch, Chats())
    run, record = Run(), job(A)
    await confirmed(run, [record], monkeypatch)
    assert run.delivered == [record.id]


async def test_pictures_come_as_one_event(monkeypatch):
    host_chats(monkeypatch, Chats(m={}))
    events = []
    await delivery.attach(caller(events), refs([job(A), job(B)]))
    assert [(event["type"], [file["id"] for file in event["data"]["files"]]) for event in events] == [("files", [A, B])]


async def test_an_answer_asked_for_again_stores_no_picture_twice(monkeypatch):
    """Continue Response sends the same message id: the host would append the list a second time."""
    host_chats(monkeypatch, Chats(m={"files": [{"type": "image", "id": A}]}))
    events = []
    await delivery.attach(caller(events), refs([job(A)]))
    assert [event["type"] for event in events] == ["chat:message:files"]
    events.clear()
    await delivery.attach(caller(events), refs([job(A), job(B)]))
    assert [(event["type"], [file["id"] for file in event["data"]["files"]]) for event in events] == [
        ("files", [B]),
        ("chat:message:files", [A, B]),
    ]


async def test_a_message_the_host_could_not_write_is_no_delivery(monkeypatch):
    chats = Chats(m={"done": False, "content": ""})
    host_chats(monkeypatch, chats)
    picture = FileRef(id=A, name="flux-studio-1.jpg", mime="image/jpeg")
    chats.broken = True
    with pytest.raises(StorageError):
        await write_answer("c", "m", user="ann", content="a fox", files=[picture], done=True)
    chats.broken = False
    assert await write_answer("c", "m", user="ann", content="a fox", files=[picture], done=True)
    assert chats.messages["m"]["files"][0]["id"] == A
    assert not await write_answer("c", "gone", user="ann", content="a fox", files=[], done=True)


async def test_a_stop_stays_a_stop_whatever_fails_while_it_is_told():
    """The host has to see the cancellation, or the tab would go on showing a running answer."""

    class Broken:
        async def find(self, record):
            raise StorageError("The server's database did not answer.")

        fate = find

    async def answer():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await delivery.tell_stopped(caller(), Broken(), [job(A)], None)
            raise

    task = asyncio.create_task(answer())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
