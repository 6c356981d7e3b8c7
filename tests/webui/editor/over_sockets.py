"""The editor's calls with everything real but the host's own tables: provider over sockets, files on a disk."""

from __future__ import annotations

import asyncio
import base64
import uuid
from pathlib import Path
from typing import Any

import pytest

from flux_studio.http import HttpClient
from flux_studio.imaging import as_picture
from flux_studio.jobs import JobRunner
from flux_studio.providers import PROVIDERS
from flux_studio.providers.bfl import BlackForestLabs, Clock
from flux_studio.types import Picture
from flux_studio.valves import EditValves, PipeValves
from flux_studio.webui import keeper
from flux_studio.webui.files import FileRef
from tests.webui.editor.studio import Studio
from tools.sandbox import Sandbox

SMALLEST_PAUSE = 0.02
"""Seconds: the sandbox is ready at once, and the pauses between two polls are made for a service that is not."""


async def short_sleep(seconds: float) -> None:
    await asyncio.sleep(min(seconds, SMALLEST_PAUSE))


class SocketStudio(Studio):
    """Orders travel over sockets to a sandbox, results come from its delivery host and are kept as files in a folder."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, folder: Path) -> None:
        self.folder = folder
        self.sandbox = sandbox
        super().__init__(monkeypatch)
        self.valves = EditValves(MAX_POLL_ATTEMPTS=3600)
        self.pipe = PipeValves(
            FLUX_API_KEY=sandbox.key,
            FLUX_API_ENDPOINT=sandbox.endpoint,
            FLUX_TRUSTED_HOSTS=",".join(sandbox.trusted_hosts),
            RATE_LIMIT=0,
        )
        monkeypatch.setitem(PROVIDERS, "bfl", BlackForestLabs(Clock(sleep=short_sleep)))

    def new_worker(self) -> JobRunner:
        made = JobRunner(
            self.store,
            keeper.HostKeeper(None, self.store),
            http=HttpClient,
            typical_seconds=lambda card: 0.05,
        )
        self.runners.append(made)
        return made

    async def edited(self, data: bytes, mask: bytes, **wish: Any) -> tuple[dict[str, Any], bytes]:
        """Put a picture in, edit it as a page does, and return (result row, bytes of the stored file)."""
        opened = await self.call("open", picture=self.put(data))
        wish = {"model": "flux-pro-1.0-fill", "prompt": "a boat", "mask": base64.b64encode(mask).decode(), **wish}
        job = await self.call("start", session=opened["session"], request=str(uuid.uuid4()), **wish)
        assert "error" not in job, job
        state = await self.call("poll", session=opened["session"], job=job["job"])
        while state["state"] in ("queued", "running"):
            state = await self.call("poll", session=opened["session"], job=job["job"], after=state["revision"])
        assert state["state"] == "done", state
        (result,) = state["results"]
        return result, self.stored(result["picture"])

    def stored(self, identifier: str) -> bytes:
        return self.path(identifier).read_bytes()

    def path(self, identifier: str) -> Path:
        return self.folder / f"{uuid.UUID(identifier)}"

    # ---- files as the host keeps them: bytes on a disk, read back for every look

    def put(self, data: bytes, owner: str = "ann") -> str:
        identifier = super().put(data, owner)
        self.path(identifier).write_bytes(data)
        self.bytes[identifier] = b""
        return identifier

    async def host_read(self, identifier: str, *, user: Any, own_only: bool = False) -> Picture:
        assert self.owners[identifier] == user.id
        return as_picture(self.stored(identifier), file=identifier)

    async def host_keep(self, picture: Picture, *, user: Any, recipe: Any, **more: Any) -> FileRef:
        reference = await super().host_keep(picture, user=user, recipe=recipe, **more)
        self.path(reference.id).write_bytes(self.bytes.pop(reference.id))
        return reference

    async def host_is_kept(self, reference: FileRef, picture: Picture) -> bool:
        return self.stored(reference.id) == picture.data
