"""Reading and removing pictures in the host's file store, on a real SQLite with the host's table shapes."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from PIL import Image
from sqlalchemy import JSON, BigInteger, Column, Text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from flux_studio.catalog import card
from flux_studio.commands import parse
from flux_studio.errors import InvalidRequest
from flux_studio.imaging import MAX_BYTES
from flux_studio.jobs import JobRecord, Outcome
from flux_studio.webui import files, inputs
from flux_studio.webui.caller import Caller
from flux_studio.webui.keeper import HostKeeper
from tests.webui.host_doubles import put

ANN = SimpleNamespace(id="ann", role="user")
CHAT = "temporary:s"


class Base(DeclarativeBase):
    pass


class File(Base):
    __tablename__ = "file"
    id = Column(Text, primary_key=True)
    user_id = Column(Text)
    filename = Column(Text)
    path = Column(Text)
    meta = Column(JSON)
    created_at = Column(BigInteger)


class ChatMessage(Base):
    __tablename__ = "chat_message"
    id = Column(Text, primary_key=True)
    user_id = Column(Text)
    files = Column(JSON)


class Store:
    """The host's tables and storage folder; `deleted` names files that were removed."""

    def __init__(self, engine):
        self.session = async_sessionmaker(bind=engine, class_=AsyncSession, expire_on_commit=False)
        self.deleted = []
        self.opened = []

    @asynccontextmanager
    async def get_async_db(self):
        async with self.session() as session:
            yield session

    async def add(self, *rows):
        async with self.session() as session:
            session.add_all(rows)
            await session.commit()

    async def get_file_by_id(self, identifier):
        async with self.session() as session:
            return await session.get(File, identifier)

    async def delete_file_by_id(self, identifier):
        self.deleted.append(identifier)
        return True

    def get_file(self, path):
        self.opened.append(path)
        return path

    def delete_file(self, path):
        os.remove(path)


@pytest.fixture
async def store(monkeypatch, tmp_path):
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/webui.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    made = Store(engine)
    put(monkeypatch, "open_webui.internal.db", get_async_db=made.get_async_db)
    put(monkeypatch, "open_webui.models.files", File=File, Files=made)
    put(monkeypatch, "open_webui.models.chat_messages", ChatMessage=ChatMessage)
    put(monkeypatch, "open_webui.storage.provider", Storage=made)
    put(monkeypatch, "open_webui.utils.access_control.files", has_access_to_file=None)
    put(
        monkeypatch,
        "open_webui.utils.chat_id",
        is_saved_chat_id=lambda chat: chat == "c",
        is_temporary_chat_id=lambda chat: chat == CHAT,
    )
    yield made
    await engine.dispose()


def row(identifier, path="", *, draft=False, created_at=0):
    recipe = {"model": "flux-2-pro", "draft": draft}
    meta = {"data": {"chat_id": CHAT, files.KEY: recipe}}
    return File(
        id=identifier, user_id="ann", filename="flux-studio-1.png", path=str(path), meta=meta, created_at=created_at
    )


async def test_the_newest_picture_of_a_temporary_chat_is_one_that_was_shown(store):
    """A Stop leaves a draft nobody has seen; the next message must not edit it."""
    await store.add(row("shown", created_at=1), row("draft", draft=True, created_at=2))
    assert await files.shown_in_chat(CHAT, user=ANN) == [("shown", "")]


async def test_a_giant_file_is_refused_before_it_is_read(store, tmp_path):
    giant = tmp_path / "film.mp4"
    with giant.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1_000_000)
    await store.add(row("giant", giant))
    with pytest.raises(InvalidRequest, match="MB"):
        await files.read("giant", user=ANN)


async def test_more_pictures_than_the_model_takes_are_not_even_opened(store, tmp_path, monkeypatch):
    async def no_messages(chat):
        return {}

    monkeypatch.setattr(inputs, "messages_of_chat", no_messages)
    picture = tmp_path / "red.png"
    Image.new("RGB", (64, 64), "red").save(picture)
    names = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(9)]
    await store.add(*(row(name, picture) for name in names))
    attached = [{"type": "file", "id": name, "content_type": "image/png"} for name in names]
    caller = Caller(user=ANN, app=None, chat="c", user_message={"files": attached})
    with pytest.raises(InvalidRequest, match="takes up to 8 pictures, not 9"):
        await inputs.gather(caller, {}, card("flux-2-pro"), parse("together"))
    assert store.opened == []
    caller = Caller(user=ANN, app=None, chat="c", user_message={"files": attached[:2]})
    found = await inputs.gather(caller, {}, card("flux-2-pro"), parse("together"))
    assert len(found.pictures) == 1, "the same picture twice counts once"


async def test_a_temporary_picture_goes_after_a_day_unless_its_chat_was_saved(store, tmp_path):
    """Save Chat turns a temporary chat into a stored one, with the same files."""
    for name in ("lost", "saved"):
        (tmp_path / name).write_bytes(b"picture")
        await store.add(row(name, tmp_path / name))
    await store.add(ChatMessage(id="m", user_id="ann", files=[{"type": "image", "id": "saved"}]))
    keeper = HostKeeper(None, None)
    for name in ("lost", "saved"):
        await keeper.discard(
            JobRecord(user="ann", request_id="r", chat=CHAT, message="m", outcome=Outcome(files=(name,)))
        )
    assert store.deleted == ["lost"]
    assert [path.name for path in tmp_path.iterdir() if path.name in ("lost", "saved")] == ["saved"]
