"""Chat text to request: slash commands, flags, words and the defaults behind them (pure)."""

from __future__ import annotations

from .addressed import enabled_commands, is_addressed
from .faults import in_flags
from .flags import FLAGS, Flag, flag_rows
from .help import help_text
from .negative import with_positive_words
from .parse import Typed, parse
from .presets import completed
from .request import to_request
from .stored import Stored, fitting
from .table import COMMANDS, Command
from .words import with_words

__all__ = [
    "COMMANDS",
    "FLAGS",
    "Command",
    "Flag",
    "Stored",
    "Typed",
    "completed",
    "enabled_commands",
    "fitting",
    "flag_rows",
    "help_text",
    "in_flags",
    "is_addressed",
    "parse",
    "to_request",
    "with_positive_words",
    "with_words",
]
