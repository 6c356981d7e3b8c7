"""Turn the readable sources into self-contained plugins: `python -m tools.build [--check] [--out DIR]`."""

from .command import build, main
from .sources import BuildError

__all__ = ["BuildError", "build", "main"]
