"""Looks an installation over and says what to do, line by line."""

from .command import main

__all__ = ["main"]
