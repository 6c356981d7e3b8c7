"""Writes the generated tables of the documentation, and says which are stale."""

from .command import main

__all__ = ["main"]
