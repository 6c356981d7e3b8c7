"""The editor's calls without a host: its files, chats and rights in memory, everything else as it is shipped."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import io
import sys
import types
import uuid
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image, ImageChops

from flux_studio.errors import NotPermitted, StudioError
from flux_studio.imaging import as_picture
from flux_studio.jobs import JobRecord, JobRunner, MemoryJobStore
from flux_studio.providers import PROVIDERS
from flux_studio.recipes import Recipe
from flux_studio.settings import Settings, build, for_editor
from flux_studio.types import Cost, JobHandle, JobState, Picture, Request, Result, Running, Succeeded
from flux_studio.valves import EditValves, PipeValves
from flux_studio.webui import files, keeper, messages, pages, rights, worker
from flux_studio.webui.editor import choice, opening
from flux_studio.webui.files import FileFacts, FileRef

ANN, BEN, ROOT = (
    SimpleNamespace(id=name, role=role) for name, role in (("ann", "user"), ("ben", "user"), ("root", "admin"))
)
CHAT, MESSAGE = "chat-of-ann", "pressed"


@functools.cache
def png(width: int = 640, height: int = 480, mode: str = "RGB") -> bytes:
    """A picture in which every pixel differs from its neighbours, so that a shift cannot hide."""
    image = (
        Image.effect_noise((width, height), 60).convert(mode)
        if mode != "RGB"
        else Image.merge("RGB", [Image.effect_noise((width, height), 60 + channel) for channel in range(3)])
    )
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def mask_png(
    width: int = 640, height: int = 480, box: tuple[int, int, int, int] | None = (100, 100, 200, 180)
) -> bytes:
    image = Image.new("L", (width, height), 0)
    if box:
        image.paste(255, box)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class Painter:
    """A provider whose answer has every pixel inverted, moved and saved as JPEG: what paste-back has to undo."""

    name = "bfl"
    resume_by = "handle"

    def __init__(self) -> None:
        self.orders: list[Request] = []
        self.errors: list[StudioError] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.is_configured = True
        self.deliver = "jpeg"

    def configured(self, settings: Settings) -> bool:
        return self.is_configured

    def account(self, settings: Settings) -> str:
        return "bfl:key"

    async def run(self, request: Request, card: Any, context: Any) -> AsyncIterator[JobState]:
        await context.submitting()
        self.orders.append(request)
        handle = JobHandle(provider="bfl", remote_id=f"t{len(self.orders)}", deadline=context.deadline)
        await context.submitted(handle)
        async for state in self.resume(handle, card, context):
            yield state

    async def resume(self, handle: JobHandle, card: Any, context: Any) -> AsyncIterator[JobState]:
        yield Running(progress=0.5)
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        request = self.orders[int(handle.remote_id[1:]) - 1]
        await context.downloading()
        picture = as_picture(spoiled(request.pictures[0].data, self.deliver))
        cost = Cost(amount=5.0, exact=True)
        yield Succeeded(
            result=Result(pictures=(picture,), model=card.name, seed=7, cost=cost, request_id=handle.remote_id)
        )

    async def cancel(self, handle: JobHandle, context: Any) -> bool:
        return False


def spoiled(data: bytes, kind: str = "jpeg") -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        moved = ImageChops.offset(ImageChops.invert(image.convert("RGB")), 1, 1)
    out = io.BytesIO()
    moved.save(out, kind.upper(), quality=80)
    return out.getvalue()


class Studio:
    """What the host would hold, and the calls of a page."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = MemoryJobStore()
        self.painter = Painter()
        self.valves = EditValves()
        self.pipe = PipeValves(FLUX_API_KEY="secret-key", RATE_LIMIT=0)
        self.bytes: dict[str, bytes] = {}
        self.owners: dict[str, str] = {}
        self.recipes: dict[str, dict[str, Any]] = {}
        self.links: list[tuple[str, str]] = []
        self.chats: dict[str, dict[str, dict[str, Any]]] = {CHAT: {}}
        self.owner_of_chat = {CHAT: "ann"}
        self.models: dict[str, set[str] | None] = {"ann": None}
        self.images_allowed = True
        self.writing = False
        self.added: list[str] = []
        self.picture = self.put(png())
        self.chats[CHAT][MESSAGE] = self.answer(self.picture)
        self.runners: list[JobRunner] = []
        self.runner = self.new_worker()
        self._patch(monkeypatch)

    def new_worker(self) -> JobRunner:
        made = JobRunner(self.store, keeper.HostKeeper(None, self.store), http=lambda settings: None)
        self.runners.append(made)
        return made

    def put(self, data: bytes, owner: str = "ann") -> str:
        identifier = str(uuid.UUID(hashlib.md5(data + owner.encode()).hexdigest()))
        self.bytes[identifier], self.owners[identifier] = data, owner
        return identifier

    def answer(self, *pictures: str, **more: Any) -> dict[str, Any]:
        shown = [{"type": "image", "id": each} for each in pictures]
        return {"role": "assistant", "files": shown, "done": True, "model": "flux_studio.flux-2-pro", **more}

    async def call(
        self, op: str, user: Any = ANN, chat: str = CHAT, message: str = MESSAGE, **event: Any
    ) -> dict[str, Any]:
        body = {"model": "m", "chat_id": chat, "id": message, "event": {"page": "editor", "op": op, **event}}
        return await pages.respond(body, user, SimpleNamespace())

    async def settled(self) -> None:
        await asyncio.wait_for(self.runner.settled(), 20)

    # ---- the host edge

    def _patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        chat_ids = types.ModuleType("open_webui.utils.chat_id")
        chat_ids.is_temporary_chat_id = lambda chat: chat.startswith("temporary:")
        env = types.ModuleType("open_webui.env")
        env.WEBUI_SECRET_KEY = "host-secret"
        for name, module in (
            ("open_webui", types.ModuleType("open_webui")),
            ("open_webui.utils", types.ModuleType("open_webui.utils")),
            ("open_webui.utils.chat_id", chat_ids),
            ("open_webui.env", env),
        ):
            monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setitem(PROVIDERS, "bfl", self.painter)
        monkeypatch.setattr(worker, "runner", lambda app: self.runner)
        for target, name in (
            (rights, "require_image_permission"),
            (rights, "require_own_chat"),
            (rights, "may_edit_with"),
            (files, "facts"),
            (files, "read"),
            (files, "keep"),
            (files, "is_kept"),
            (files, "recipe_of"),
            (files, "claim_drafts"),
            (files, "set_draft"),
            (files, "of_chat"),
            (messages, "messages_of_chat"),
            (opening, "messages_of_chat"),
            (messages, "leaf_is_being_written"),
            (messages, "leaf_of_chat"),
            (messages, "add_message"),
            (choice, "stored_editor_settings"),
            (keeper, "stored_editor_settings"),
            (keeper, "stored_settings"),
            (keeper, "_user"),
        ):
            monkeypatch.setattr(target, name, getattr(self, f"host_{name.strip('_')}"))

    async def host_require_image_permission(self, user: Any) -> None:
        if not self.images_allowed:
            raise NotPermitted("no images")

    async def host_require_own_chat(self, user: Any, chat: str) -> None:
        if self.owner_of_chat.get(chat) != user.id:
            raise NotPermitted("This works in your own saved chats only.")

    async def host_may_edit_with(self, user: Any, card: Any, app: Any) -> bool:
        allowed = self.models.get(user.id, set())
        return allowed is None or card.name in allowed

    async def host_facts(self, identifier: str, *, user: Any, own_only: bool = False) -> FileFacts:
        picture = await self.host_read(identifier, user=user, own_only=own_only)
        return FileFacts(id=identifier, mime=picture.mime, size=picture.size)

    async def host_read(self, identifier: str, *, user: Any, own_only: bool = False) -> Picture:
        if self.owners.get(identifier) != user.id:
            raise NotPermitted("This picture is gone, or it is not yours.")
        return as_picture(self.bytes[identifier], file=identifier)

    async def host_keep(self, picture: Picture, *, user: Any, recipe: Any, **more: Any) -> FileRef:
        identifier = str(uuid.uuid4())
        self.bytes[identifier], self.owners[identifier] = picture.data, user.id
        self.recipes[identifier] = recipe.to_json() | {"linked": more.get("linked")}
        return FileRef(id=identifier, name="flux-studio-x.png", mime=picture.mime)

    async def host_is_kept(self, reference: FileRef, picture: Picture) -> bool:
        return self.bytes[reference.id] == picture.data

    async def host_recipe_of(self, identifier: str, *, user: Any) -> Recipe | None:
        await self.host_read(identifier, user=user)
        return Recipe.from_json(self.recipes.get(identifier) or {})

    async def host_claim_drafts(self, identifiers: Any, *, user: Any, chat: str, message: str) -> None:
        for identifier in identifiers:
            self.recipes[identifier].pop("draft", None)
            self.links.append((identifier, message))

    async def host_set_draft(self, identifier: str, draft: bool) -> None:
        self.recipes[identifier]["draft"] = draft

    async def host_of_chat(self, chat: str, *, user: Any, limit: int) -> list[str]:
        return [each for each, owner in self.owners.items() if owner == user.id][:limit]

    async def host_messages_of_chat(self, chat: str) -> dict[str, Any]:
        return self.chats.get(chat, {})

    async def host_leaf_of_chat(self, chat: str) -> str | None:
        return next(reversed(self.chats.get(chat, {})), None)

    async def host_leaf_is_being_written(self, chat: str, app: Any) -> bool:
        return self.writing

    async def host_add_message(self, chat: str, identifier: str, **message: Any) -> None:
        self.added.append(identifier)
        shown = [each.as_event() for each in message["files"]]
        self.chats[chat][identifier] = {"role": "assistant", "done": True, **message, "files": shown}

    async def host_stored_editor_settings(self, user: str) -> tuple[Settings, EditValves]:
        return for_editor(self.pipe, self.valves, environ={}), self.valves

    async def host_stored_settings(self, user: str | None = None) -> Settings:
        return build(self.pipe, environ={})

    async def host_user(self, record: JobRecord) -> Any:
        return SimpleNamespace(id=record.user, role="user")
