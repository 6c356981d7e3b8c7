"""What `studio.py bench` runs: the promised numbers measured on a real Open WebUI, beside the naive way."""

from .command import main

__all__ = ["main"]
