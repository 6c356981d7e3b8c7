"""Installs the bundle into a running Open WebUI through its API: idempotent, and careful with what an admin has set."""

from .command import main

__all__ = ["main"]
