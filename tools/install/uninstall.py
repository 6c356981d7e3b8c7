"""The command uninstall."""

from .command import uninstall_main as main

__all__ = ["main"]
