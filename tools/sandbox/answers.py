"""Bodies and headers of the answers that are not about one task."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from .schema import Violation422

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SANDBOX_HEADER = "x-flux-studio-sandbox"
POLLS_PER_WINDOW = 1200
POLL_WINDOW = 5.0
"""Calls and seconds of the rate-limit headers on polls; 1200 and "few seconds ahead" recorded. Told, not enforced."""

HUGE = 3 * 1024 * 1024
"""Bytes; no answer of the service has more than a few thousand."""

HTML_ERROR = "<html><head><title>{status}</title></head><body><h1>{status} {reason}</h1></body></html>"


def problem(status: int, detail: object, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"detail": detail}, status=status, headers=headers)


def not_authenticated() -> web.Response:
    """The recorded body; there is no 401."""
    return problem(403, "Not authenticated - Invalid Authentication")


def out_of_credits() -> web.Response:
    return problem(402, "Insufficient credits")


def too_many_tasks(active: int) -> web.Response:
    """Body not recorded; clients honour Retry-After."""
    return problem(429, f"Rate limit exceeded: {active} active tasks", {"Retry-After": "1"})


def invalid(errors: Sequence[Violation422]) -> web.Response:
    return problem(422, [error.as_json() for error in errors])


def invalid_json(position: int) -> web.Response:
    return invalid([Violation422(loc=(position,), msg="JSON decode error", type="json_invalid")])


def html_page(status: int, reason: str) -> web.Response:
    text = HTML_ERROR.format(status=status, reason=reason)
    return web.Response(status=status, text=text, content_type="text/html")


def huge_json(body: Mapping[str, Any]) -> web.Response:
    """A 200 whose JSON object is padded to 3 MiB."""
    return web.json_response({**body, "padding": "x" * HUGE})


def redirect(address: str, status: int = 302) -> web.Response:
    return web.Response(status=status, headers={"Location": address})


def half_json(body: Mapping[str, Any]) -> web.Response:
    """A 200 whose JSON text breaks off in the middle."""
    text = json.dumps(body)
    return web.Response(text=text[: len(text) // 2], content_type="application/json")


def azure_refusal(reason: str) -> web.Response:
    """What a signed Azure URL answers after its expiry or with a wrong signature."""
    text = (
        '<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code>'
        f"<Message>Server failed to authenticate the request.</Message><Detail>{reason}</Detail></Error>"
    )
    return web.Response(status=403, text=text, content_type="application/xml")


@web.middleware
async def json_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """aiohttp's own 404, 405 and 413 in FastAPI's shape."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return problem(error.status, error.reason)


async def mark_as_sandbox(request: web.Request, response: web.StreamResponse) -> None:
    response.headers[SANDBOX_HEADER] = "1"
