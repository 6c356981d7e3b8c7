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


class Redacting(logging.Filter):
    """Removes the current key and all address signatures from a line, whoever wrote it."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._secret = secret

    def filter(self, record: logging.LogRecord) -> bool:
        text = SIGNATURES.sub(r"\1…", record.getMessage())
        record.msg = text.replace(self._secret, "…") if self._secret else text
        record.args = None
        return True


class JsonLines(logging.Formatter):
    """One JSON object per line: time, level, logger, message and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


TEXT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


def configure(settings: Settings) -> None:
    """Make the log follow the settings; calling it again with the same ones changes nothing.

    Without file and JSON our lines pass through to the host's own handlers.
    """
    wanted = (settings.log_level, settings.log_format, settings.log_file, settings.flux_key.fingerprint())
    root = logging.getLogger(ROOT)
    if getattr(root, "flux_studio_settings", None) == wanted:
        return
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(settings.log_level)
    own = settings.log_format == "json" or bool(settings.log_file)
    root.propagate = not own
    if own:
        root.addHandler(_handler(settings))
    root.flux_studio_settings = wanted  # type: ignore[attr-defined]


def _handler(settings: Settings) -> logging.Handler:
    handler: logging.Handler = logging.StreamHandler()
    if settings.log_file:
        try:
            handler = logging.FileHandler(settings.log_file, encoding="utf-8", delay=False)
        except OSError as error:
            logging.getLogger(f"{ROOT}.logs").warning("LOG_FILE cannot be written: %s", error)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TEXT)
    handler.addFilter(Redacting(settings.flux_key.reveal()))
    return handler
