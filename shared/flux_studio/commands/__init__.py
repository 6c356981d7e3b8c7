"""Chat text to request: slash commands, flags and the defaults behind them (pure)."""

from __future__ import annotations

from .flags import FLAGS, Flag, flag_rows
from .help import help_text
from .parse import Typed, parse
from .request import to_request
from .table import COMMANDS, Command

__all__ = ["COMMANDS", "FLAGS", "Command", "Flag", "Typed", "flag_rows", "help_text", "parse", "to_request"]
