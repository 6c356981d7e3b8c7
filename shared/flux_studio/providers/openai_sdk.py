"""One call through the openai SDK, the same with its versions 2 and 3; this server's environment never leaks in."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from .openai_request import Order
from .openai_servers import Connection

GENERATES = frozenset(
    {
        "background", "model", "moderation", "output_compression", "output_format", "partial_images", "prompt",
        "quality", "response_format", "size", "user",
    }
)  # fmt: skip
"""Arguments that version 2.29 of the SDK has; all other fields travel as its extra_body."""
EDITS = (GENERATES - {"moderation"}) | {"input_fidelity"}
UNUSED_KEY = "set-by-the-transport"
"""The SDK wants a key; the real one is added where the request leaves, and never where it could be read from."""
MULTIPART = {"headers": {"Content-Type": "multipart/form-data"}}


class Transport(Protocol):
    """What the SDK's HTTP library sends with (http.sdk.SdkTransport, or a double in tests)."""

    @property
    def answered(self) -> Mapping[str, str]:
        """Headers of the newest answer, names in lower case."""

    async def aclose(self) -> None:
        """Close what is open."""


async def load() -> Any:
    """Import the SDK in a thread: the first time takes a good second."""
    sdk = await asyncio.to_thread(importlib.import_module, "openai")
    await asyncio.to_thread(importlib.import_module, "openai.resources.images")
    return sdk


def http_library(sdk: Any) -> Any:
    """The module of the HTTP library this SDK is built on: httpx, or httpx2 from version 3 on."""
    client = next(kind for kind in sdk.DefaultAsyncHttpxClient.__mro__ if kind.__name__ == "AsyncClient")
    return importlib.import_module(client.__module__.partition(".")[0])


@asynccontextmanager
async def opened(sdk: Any, place: Connection, transport: Transport) -> AsyncIterator[Any]:
    """A client for one job; every argument is given, so that the environment is asked for none."""
    http_client = sdk.DefaultAsyncHttpxClient(transport=transport, trust_env=False, follow_redirects=False)
    client = sdk.AsyncOpenAI(
        api_key=UNUSED_KEY,
        organization="",
        project="",
        webhook_secret="",
        base_url=place.base_url,
        default_query=dict(place.query),
        max_retries=0,
        timeout=86_400.0,  # the transport knows when it is too late
        http_client=http_client,
    )
    try:
        yield client
    finally:
        await client.close()


async def send(client: Any, order: Order, transport: Transport) -> Any:
    """Send one order. Returns a mapping for a whole answer, a stream for `events`, None for anything else.

    A server that ignores the wish for a stream answers with JSON; then that is returned. Raises what the SDK raises.
    """
    answer = await _call(client, order)
    if not order.streams:
        return answer.to_dict() if hasattr(answer, "to_dict") else None
    if transport.answered.get("content-type", "").startswith("text/event-stream"):
        return answer
    try:
        body = json.loads(await answer.response.aread())
        return body if isinstance(body, Mapping) else None
    except (ValueError, RecursionError):
        return None
    finally:
        await answer.close()


async def events(stream: Any) -> AsyncGenerator[Mapping[str, Any], None]:
    """The events of a stream as mappings: the classes do not tell a known event from an unknown one."""
    try:
        async for event in stream:
            yield event.to_dict() if hasattr(event, "to_dict") else {}
    finally:
        await stream.close()


async def _call(client: Any, order: Order) -> Any:
    streams: dict[str, Any] = {"stream": True} if order.streams else {}
    if order.markup:
        return await _edit_with_markup(client, order)
    if not order.pictures:
        return await client.images.generate(**_arguments(order, GENERATES), **streams)
    mask = {"mask": order.mask} if order.mask else {}
    return await client.images.edit(image=list(order.pictures), **mask, **_arguments(order, EDITS), **streams)


def _arguments(order: Order, known: frozenset[str]) -> dict[str, Any]:
    named = {name: value for name, value in order.fields.items() if name in known}
    extra = {name: value for name, value in order.fields.items() if name not in known}
    return {**named, "extra_body": extra} if extra else named


async def _edit_with_markup(client: Any, order: Order) -> Any:
    """Version 2 has no argument for the markup, and its extra_body carries no files."""
    types = await asyncio.to_thread(importlib.import_module, "openai.types")
    assert order.markup
    files = [*(("image[]", part) for part in order.pictures), ("markup", order.markup)]
    body = {**order.fields, **({"stream": True} if order.streams else {})}
    streams: dict[str, Any] = {}
    if order.streams:
        sdk = importlib.import_module("openai")
        streams = {"stream": True, "stream_cls": sdk.AsyncStream[types.ImageEditStreamEvent]}
    return await client.post(
        "/images/edits", cast_to=types.ImagesResponse, body=body, files=files, options=MULTIPART, **streams
    )
