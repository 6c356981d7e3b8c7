"""A server that speaks the HTTP protocol of Black Forest Labs over real sockets and draws what was asked."""

from .server import Sandbox
from .settings import SandboxSettings

__all__ = ["Sandbox", "SandboxSettings"]
