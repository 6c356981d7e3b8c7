"""A listener on the host's socket that notes when each message got its picture, as an open tab would."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import socketio

from tools.host import Account, Host

PICTURE_IN_TEXT = re.compile(r"!\[([^\]]*)\]\(data:image/")
CONNECT_TIMEOUT = 30.0
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The moment a message had its picture in the tab."""

    time: float
    """Seconds since the epoch, when the event had arrived."""
    description: str = ""
    """Of a picture inside the text; the naive plugin writes its task's id there."""


def picture_in(event: Mapping[str, Any]) -> str | None:
    """The description of the picture an event brings ("" for a stored one), None without a picture (pure)."""
    data = event.get("data") or {}
    if data.get("type") in ("files", "chat:message:files"):
        return "" if (data.get("data") or {}).get("files") else None
    found = PICTURE_IN_TEXT.search(json.dumps(data))
    return found[1] if found else None


class Tab:
    """Connected from `with` on, in a thread of its own."""

    def __init__(self, host: Host, account: Account) -> None:
        self.shown: dict[str, Shown] = {}
        """By message id, the first event only."""
        self.reloads: set[str] = set()
        """Messages of which the host said that they have changed and are to be read again."""
        self._host, self._account = host, account
        self._ready, self._ended = threading.Event(), asyncio.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="tab", daemon=True)

    def wait_for(self, messages: Iterable[str], *, seconds: float) -> None:
        """Wait until all of these messages have a picture. Raises TimeoutError naming how many do not."""
        wanted, deadline = set(messages), time.monotonic() + seconds
        while missing := wanted - set(self.shown):
            if time.monotonic() >= deadline:
                raise TimeoutError(f"{len(missing)} of {len(wanted)} answers have no picture after {seconds:g} s")
            time.sleep(0.05)

    def _run(self) -> None:
        try:
            asyncio.run(self._listen())
        except (socketio.exceptions.ConnectionError, OSError) as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _listen(self) -> None:
        self._loop = asyncio.get_running_loop()
        # whole pictures in messages are larger than the 4 MiB a client takes by default
        client = socketio.AsyncClient(websocket_extra_options={"max_msg_size": 0})
        client.on("events", self._note)
        await client.connect(
            self._host.url,
            socketio_path="/ws/socket.io",
            transports=["websocket"],
            auth={"token": self._account.token},
        )
        self._ready.set()
        await self._ended.wait()
        await client.disconnect()

    async def _note(self, event: Mapping[str, Any], *_: Any) -> None:
        now, message = time.time(), str(event.get("message_id") or "")
        if (event.get("data") or {}).get("type") == "chat:reload":
            self.reloads.add(message)
        if message in self.shown:
            return
        description = picture_in(event)
        if description is not None:
            self.shown[message] = Shown(time=now, description=description)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(CONNECT_TIMEOUT) or self._failure:
            raise ConnectionError(f"the host's socket did not let us in: {self._failure}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)
