"""The delivery host: signed sample URLs that expire, without CORS, and never with a key."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import hashlib
import hmac
import struct
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from aiohttp import web

from . import answers
from .connections import reset
from .drawing import Drawing
from .faults import FAULTS
from .journal import Download
from .state import State
from .tasks import Task

BOMB_SIDE = 20_000
OVERSIZED_CHUNK = 1024 * 1024
OVERSIZED_CHUNKS = 96
"""96 MiB, above any sensible byte cap for one picture."""
PERMISSIONS = "r"
SERVICE_VERSION = "2025-05-05"


def sample_path(task: Task, drawing: Drawing) -> str:
    """The recorded path shapes; the task's id without dashes makes them findable again."""
    digits, ending = task.id.replace("-", ""), drawing.mime.removeprefix("image/")
    if task.endpoint.reports_progress:
        return f"/results/{digits[:2]}/{digits[2:16]}/{digits}/sample.{ending}"
    day = time.strftime("%Y/%m/%d", time.gmtime(task.finished))
    return f"/results/{day}/{digits}_sample.{ending}"


def signature(secret: bytes, path: str, expiry: str) -> str:
    digest = hmac.new(secret, f"{path}\n{expiry}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def sample_url(state: State, task: Task, drawing: Drawing) -> str:
    """A signed URL with the query keys in the recorded order; valid for the set lifetime after the task's end."""
    lifetime = 0.0 if "expired-sample" in task.faults else state.settings.sample_lifetime
    expiry = datetime.fromtimestamp(task.finished + lifetime, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = sample_path(task, drawing)
    values = {"se": expiry, "sp": PERMISSIONS, "sv": SERVICE_VERSION, "sr": "b", "rsct": drawing.mime}
    query = urlencode({**values, "sig": signature(state.signing_secret, path, expiry)})
    foreign = "foreign-sample" in task.faults
    return f"{state.addresses.elsewhere if foreign else state.addresses.delivery}{path}?{query}"


def task_id_in(path: str) -> str:
    """The task id that a sample path was made from; some text for a path that was not."""
    digits = next((part[:32] for part in reversed(path.split("/")) if len(part) >= 32), "")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def expired(expiry: str, now: float) -> bool:
    try:
        moment = datetime.strptime(expiry, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return True
    return now >= moment.timestamp()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@functools.cache
def pixel_bomb() -> bytes:
    """A valid PNG of 400 megapixels in one bit each, about 50 kB."""
    header = struct.pack(">IIBBBBB", BOMB_SIDE, BOMB_SIDE, 1, 0, 0, 0, 0)
    rows = bytes(BOMB_SIDE // 8 + 1) * BOMB_SIDE
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, data) for kind, data in chunks)


class DeliveryHost:
    """GET /results/…"""

    def __init__(self, state: State) -> None:
        self.state = state

    async def get_sample(self, request: web.Request) -> web.StreamResponse:
        response = await self._answer(request)
        entry = Download(path=request.path, time=self.state.clock(), status=response.status)
        self.state.journal.downloads.append(entry)
        return response

    async def get_file(self, request: web.Request) -> web.StreamResponse:
        """A picture of a server that answers with addresses, as LocalAI does."""
        if "authorization" in request.headers or "api-key" in request.headers:
            self.state.violation("key-at-delivery-host", request.path)
        drawing = self.state.files.get(request.match_info["name"])
        response = whole(drawing) if drawing else web.Response(status=404)
        entry = Download(path=request.path, time=self.state.clock(), status=response.status)
        self.state.journal.downloads.append(entry)
        return response

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if "x-key" in request.headers or "authorization" in request.headers:
            self.state.violation("key-at-delivery-host", request.path)
            return web.Response(status=400, text="No key belongs here.")
        expiry, given = request.query.get("se", ""), request.query.get("sig", "")
        if not hmac.compare_digest(signature(self.state.signing_secret, request.path, expiry).encode(), given.encode()):
            return answers.azure_refusal("Signature did not match.")
        if expired(expiry, self.state.clock()):
            return answers.azure_refusal(f"Signature not valid in the specified time frame: Expiry [{expiry}]")
        task = self.state.tasks.find(task_id_in(request.path))
        if task is None or task.drawing is None:
            return web.Response(status=404, text="BlobNotFound")
        return await self._deliver(request, task, await asyncio.shield(task.drawing))

    async def _deliver(self, request: web.Request, task: Task, drawing: Drawing) -> web.StreamResponse:
        task.downloads += 1
        for fault, behaviour in BEHAVIOURS.items():
            if fault in task.faults and not used_up(task, fault):
                return await behaviour(self.state, request, drawing)
        return whole(drawing)


def used_up(task: Task, fault: str) -> bool:
    """Whether a fault that counts its downloads is over; one without a count never is."""
    return FAULTS[fault].argument == "times" and task.downloads > float(task.faults[fault])


async def cut(state: State, request: web.Request, drawing: Drawing) -> web.StreamResponse:
    return reset(request)


async def unavailable(state: State, request: web.Request, drawing: Drawing) -> web.StreamResponse:
    return answers.html_page(503, "Service Unavailable")


async def empty(state: State, request: web.Request, drawing: Drawing) -> web.StreamResponse:
    return web.Response(body=b"", content_type=drawing.mime)


async def vector(state: State, request: web.Request, drawing: Drawing) -> web.StreamResponse:
    page = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><script>alert(1)</script></svg>'
    return web.Response(body=page.encode(), content_type="image/svg+xml")


async def mistyped(state: State, request: web.Request, drawing: Drawing) -> web.StreamResponse:
    return web.Response(body=drawing.data, content_type="text/html")


async def redirected_within(state: State, request: web.Request, drawing: Drawing) -> web.StreamResponse:
    return answers.redirect(request.path_qs)


def whole(drawing: Drawing) -> web.Response:
    digest = hashlib.md5(drawing.data, usedforsecurity=False)
    headers = {"Content-MD5": base64.b64encode(digest.digest()).decode(), "ETag": f'"0x{digest.hexdigest()[:15]}"'}
    return web.Response(body=drawing.data, content_type=drawing.mime, headers=headers)


async def truncated(state: State, request: web.Request, drawing: Drawing) -> web.StreamResponse:
    headers = {"Content-Type": drawing.mime, "Content-Length": str(len(drawing.data))}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    await response.write(drawing.data[: len(drawing.data) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def interrupted(state: State, request: web.Request, drawing: Drawing) -> web.StreamResponse:
    """The second half of the file only after a while, for those who are to be stopped in between."""
    response = web.StreamResponse(headers={"Content-Type": drawing.mime, "Content-Length": str(len(drawing.data))})
    await response.prepare(request)
    middle = len(drawing.data) // 2
    await response.write(drawing.data[:middle])
    await state.sleep(sample_pause(state, request))
    with contextlib.suppress(ConnectionResetError):  # whoever was to be stopped in between has been
        await response.write(drawing.data[middle:])
    return response


def sample_pause(state: State, request: web.Request) -> float:
    task = state.tasks.find(task_id_in(request.path))
    return float(task.faults["slow-sample"]) if task else 0.0


async def html(state: State, request: web.Request, drawing: Drawing) -> web.StreamResponse:
    page = "<!doctype html><html><script>alert(1)</script><p>Please sign in to continue.</p></html>"
    return web.Response(body=page.encode(), content_type=drawing.mime)


async def bomb(state: State, request: web.Request, drawing: Drawing) -> web.StreamResponse:
    return web.Response(body=await asyncio.to_thread(pixel_bomb), content_type="image/png")


async def oversized(state: State, request: web.Request, drawing: Drawing) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": drawing.mime})
    await response.prepare(request)
    await response.write(drawing.data)
    for _ in range(OVERSIZED_CHUNKS):
        await response.write(bytes(OVERSIZED_CHUNK))
    await response.write_eof()
    return response


async def redirected(state: State, request: web.Request, drawing: Drawing) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": f"{state.addresses.elsewhere}{request.path_qs}"})


BEHAVIOURS: Mapping[str, Callable[[State, web.Request, Drawing], Awaitable[web.StreamResponse]]] = {
    "slow-sample": interrupted,
    "truncated-sample": truncated,
    "html-sample": html,
    "pixel-bomb": bomb,
    "oversized-sample": oversized,
    "sample-reset": cut,
    "sample-unavailable": unavailable,
    "empty-sample": empty,
    "svg-sample": vector,
    "mistyped-sample": mistyped,
    "moved-sample": redirected_within,
    "redirecting-sample": redirected,
}
"""Fault -> what the delivery host does instead."""
