"""Prints what was made and what it cost, for admins."""

from .command import main

__all__ = ["main"]
