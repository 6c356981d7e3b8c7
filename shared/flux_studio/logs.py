"""Where our log lines go: the host's log, or an own file, as text or as one JSON object per line."""

from __future__ import annotations

import json
import logging
import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .settings import Settings

ROOT = "flux_studio"
"""All our loggers are named below it by hand: the package's own name changes with every release."""

SIGNATURES = re.compile(r"([?&](?:sig|se|sp|sv|key|token)=)[^&\s\"']+", re.IGNORECASE)
"""Query values of signed addresses; whoever reads the log must not be able to use them."""


SHORTEST_KEY = 8
"""A shorter one is no key; removing it would let a person blank the log with the letter e as an own key."""

_KEYS: set[str] = set()
"""All keys seen so far, those of users too."""


class Redacting(logging.Filter):
    """Removes all known keys and address signatures from a line and its traceback, whoever wrote them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _without_secrets(record.getMessage()), None
        if record.exc_info:
            record.exc_text = _without_secrets(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


class PassingOn(logging.Handler):
    """Writes nothing itself: it cleans a line before the host's handlers, which come after it, see it."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_text:  # the host's handlers ask for the exception itself, which is not clean
            record.msg, record.exc_text = f"{record.msg}\n{record.exc_text}", None


class JsonLines(logging.Formatter):
    """One JSON object per line: time, level, logger, message, facts of a job, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: _clean(value) for name, value in getattr(record, "facts", {}).items()},
        }
        if record.exc_text:
            line["traceback"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)


TEXT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


def configure(settings: Settings) -> None:
    """Make the log follow the settings; calling it again with the same ones changes nothing.

    Without file and JSON our lines pass through to the host's own handlers.
    """
    key = settings.flux_key.reveal()
    if len(key) >= SHORTEST_KEY:
        _KEYS.add(key)
    wanted = (settings.log_level, settings.log_format, settings.log_file)
    root = logging.getLogger(ROOT)
    if getattr(root, "flux_studio_settings", None) == wanted:
        return
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(settings.log_level)
    own = settings.log_format == "json" or bool(settings.log_file)
    root.propagate = not own
    handler = _handler(settings) if own else PassingOn()
    handler.addFilter(Redacting())
    root.addHandler(handler)
    root.flux_studio_settings = wanted  # type: ignore[attr-defined]


def _handler(settings: Settings) -> logging.Handler:
    handler: logging.Handler = logging.StreamHandler()
    if settings.log_file:
        try:
            handler = logging.FileHandler(settings.log_file, encoding="utf-8", delay=False)
        except OSError as error:
            logging.getLogger(f"{ROOT}.logs").warning("LOG_FILE cannot be written: %s", error)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TEXT)
    return handler


def _clean(value: object) -> object:
    return _without_secrets(value) if isinstance(value, str) else value


def _without_secrets(text: str) -> str:
    text = SIGNATURES.sub(r"\1…", text)
    for key in _KEYS:
        text = text.replace(key, "…")
    return text
