"""The engine over HTTP: one POST is one job, its answer a stream of events; closing it cancels the job."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import web

from .catalogue import Catalogue
from .errors import EngineFault
from .models import Model
from .pool import Event, Pool
from .spec import JobSpec, parse

PROTOCOL = 1
MAX_BODY = 128 * 1024 * 1024
"""Ten pictures of 10 MB in base64."""
ALIVE = 5.0
"""Seconds of silence after which a line says that the engine is still there."""

POOL: web.AppKey[Pool] = web.AppKey("pool", Pool)
CATALOGUE: web.AppKey[Catalogue] = web.AppKey("catalogue", Catalogue)
TOKEN: web.AppKey[str] = web.AppKey("token", str)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(pool: Pool, catalogue: Catalogue, token: str) -> web.Application:
    """The routes; every one but /v1/health asks for the token."""
    app = web.Application(middlewares=[_guarded], client_max_size=MAX_BODY)
    app[POOL], app[CATALOGUE], app[TOKEN] = pool, catalogue, token
    app.router.add_post("/v1/jobs", make)
    app.router.add_get("/v1/models", models)
    app.router.add_get("/v1/health", health)
    app.router.add_post("/v1/unload", unload)
    app.on_cleanup.append(_close)
    return app


async def make(request: web.Request) -> web.StreamResponse:
    """Run one job; NDJSON events: queued, loading, started, step, alive, then result, error or cancelled."""
    pool = request.app[POOL]
    pool.require_room()
    spec = await asyncio.to_thread(_read, await request.read(), request.app[CATALOGUE])
    pool.require_room()  # before the answer has begun: afterwards there is no status to refuse with
    events = pool.submit(spec)
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson", "Cache-Control": "no-store"})
    await response.prepare(request)
    try:
        async for line in _lines(events):
            await response.write(line)
    finally:
        await events.aclose()
    await response.write_eof()
    return response


async def models(request: web.Request) -> web.Response:
    """The models and LoRAs that can be used now."""
    catalogue = request.app[CATALOGUE]
    found, loras = await asyncio.to_thread(lambda: (catalogue.models(), catalogue.loras()))
    rows = [describe(model) for model in found.values()]
    listed = [
        {"name": lora.name, "trigger": lora.trigger, "description": lora.description, "base": lora.base}
        for lora in loras.values()
    ]
    return web.json_response({"protocol": PROTOCOL, "models": rows, "loras": listed})


async def health(request: web.Request) -> web.Response:
    """Whether the engine lives; with the token also what its devices do."""
    if not _is_trusted(request):
        return web.json_response({"status": "ok"})
    pool = request.app[POOL]
    seats = [{"device": seat.device, "busy": seat.job is not None, "running": seat.running} for seat in pool.devices]
    return web.json_response({"status": "ok", "protocol": PROTOCOL, "queue": pool.waiting(), "devices": seats})


async def unload(request: web.Request) -> web.Response:
    """Give the memory of idle workers back."""
    await request.app[POOL].unload()
    return web.json_response({"status": "ok"})


def describe(model: Model) -> dict[str, Any]:
    """One model as the list shows it."""
    return {
        "name": model.name,
        "label": model.label,
        "family": model.family.name,
        "tasks": list(model.family.ways),
        "steps": model.steps,
        "guidance": model.guidance if model.family.guidance else None,
        "size": model.size,
        "licence": model.licence,
        "commercial": model.commercial,
    }


def to_line(event: Event) -> bytes:
    """One event as a line of JSON; files in base64."""
    blobs = [base64.b64encode(blob).decode("ascii") for blob in event.get("blobs", [])]
    plain = {name: value for name, value in event.items() if name not in ("blobs", "id")}
    if event["event"] == "step" and blobs:
        plain["preview"] = blobs[0]
    if event["event"] == "result":
        plain["pictures"] = blobs
    return json.dumps(plain).encode() + b"\n"


async def _lines(events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    """The events as lines, with a sign of life in long silences."""
    following = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            done, _ = await asyncio.wait({following}, timeout=ALIVE)
            if not done:
                yield b'{"event": "alive"}\n'
                continue
            event = following.result()
            if event is None:
                return
            yield await asyncio.to_thread(to_line, event)
            following = asyncio.ensure_future(anext(events, None))
    finally:
        following.cancel()
        await asyncio.wait({following})


def _read(body: bytes, catalogue: Catalogue) -> JobSpec:
    """The job of a body, tens of megabytes perhaps; a wrong name is told at once, not behind a long queue."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise EngineFault("invalid", "The body is not JSON.", field="job") from None
    spec = parse(document)
    catalogue.model(spec.model)
    for use in spec.loras:
        catalogue.lora(use.name)
    return spec


def _is_trusted(request: web.Request) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    return hmac.compare_digest(given.encode(errors="replace"), request.app[TOKEN].encode())


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path != "/v1/health" and not _is_trusted(request):
        fault = EngineFault("invalid", "The engine did not accept the token.", field="token")
        return web.json_response({"error": fault.to_json()}, status=401)
    try:
        return await handler(request)
    except EngineFault as fault:
        status = {"invalid": 422, "missing": 404, "unsupported": 422}.get(fault.code, 503)
        return web.json_response({"error": fault.to_json()}, status=status)


async def _close(app: web.Application) -> None:
    await app[POOL].close()
