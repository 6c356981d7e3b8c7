"""Connections that break on purpose."""

from __future__ import annotations

import socket
import struct

from aiohttp import web

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with zero seconds: closing sends a reset instead of an orderly end."""


def reset(request: web.Request) -> web.Response:
    """Cut the connection; the response that follows reaches nobody."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        request.transport.abort()
    return web.Response()
