"""What the doctor sees from outside: version, clock, security policy, and each plugin."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

from tools.install.bundle import Bundle, Plugin
from tools.install.command import release
from tools.install.failure import InstallError

if TYPE_CHECKING:
    from tools.install.client import OpenWebUI

TOLERATED_SKEW = 60.0
"""Seconds by which this machine and the server may differ; the Date header counts whole seconds."""

NEEDED = {"script-src": ("'unsafe-eval'", "'unsafe-inline'"), "style-src": ("'unsafe-inline'",)}
"""What a page's security policy has to allow so that the editor can open."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do when it is not well."""

    name: str
    state: Literal["ok", "note", "fault"]
    text: str

    def __str__(self) -> str:
        return f"  {self.state.upper() if self.state == 'ok' else self.state:6} {self.name:24} {self.text}"


def version(host: OpenWebUI, bundle: Bundle) -> Finding:
    """Whether the host is new enough for this release."""
    found = host.version()
    text = f"{found} at {host.url}; FLUX Studio {bundle.version} needs {bundle.minimum_open_webui} or newer"
    enough = release(found) >= release(bundle.minimum_open_webui)
    return Finding("Open WebUI", "ok", text) if enough else Finding("Open WebUI", "fault", f"{text}: upgrade it first")


def clock(host: OpenWebUI) -> Finding:
    """Whether the server's clock agrees with this machine's."""
    date = host.headers("/health", "its health").get("Date", "")
    try:
        skew = abs(parsedate_to_datetime(date).timestamp() - time.time())
    except ValueError:
        return Finding("clock", "note", "the server does not tell its time")
    if skew > TOLERATED_SKEW:
        text = f"server and this machine are {skew:.0f} s apart: set the wrong one by NTP, signed addresses expire"
        return Finding("clock", "note", text)
    return Finding("clock", "ok", "server and this machine agree")


def scripts(host: OpenWebUI) -> Finding:
    """Whether the site's security policy lets the editor open."""
    missing = forbidden(host.headers("/", "its page"))
    if missing:
        text = (
            f"the Content-Security-Policy lacks {' and '.join(missing)}, so Edit area cannot open: "
            "allow it in CONTENT_SECURITY_POLICY, or in the proxy before the server"
        )
        return Finding("security policy", "fault", text)
    return Finding("security policy", "ok", "scripts of plugins may run, Edit area can open")


def forbidden(headers: Mapping[str, str]) -> list[str]:
    """What the policy lacks, as "'unsafe-eval' in script-src" (pure)."""
    named = {name.lower(): value for name, value in headers.items()}
    policy = named.get("content-security-policy", "")
    rules = {words[0].lower(): words[1:] for words in map(str.split, policy.split(";")) if words}
    general = rules.get("default-src")
    allowed = {name: rules.get(name, general) for name in NEEDED}
    return [
        f"{word} in {name}"
        for name, words in NEEDED.items()
        for word in words
        if (rule := allowed[name]) is not None and word not in rule
    ]


def functions(host: OpenWebUI) -> Finding:
    """Whether the server runs functions at all."""
    try:
        host.require_plugins()
    except InstallError as error:
        return Finding("functions", "fault", str(error))
    return Finding("functions", "ok", "switched on")


def plugin(host: OpenWebUI, wanted: Plugin) -> Finding:
    """Whether one plugin is there, loads, is switched on, and is the text of this release."""
    stored = host.find(f"/api/v1/functions/id/{wanted.id}", f"the function {wanted.id}")
    if stored is None:
        return Finding(wanted.id, "fault", "not installed: run studio.py install")
    if not stored["is_active"]:
        text = "switched off, by an admin or because it failed to load: see the server's log, run studio.py install"
        return Finding(wanted.id, "fault", text)
    if error := loading_error(host, wanted.id):
        return Finding(wanted.id, "fault", f"does not load: {error}")
    if wanted.everywhere and not stored["is_global"]:
        return Finding(wanted.id, "fault", "not global, so nobody sees its buttons: run studio.py install")
    if stored["content"] != wanted.content:
        return Finding(wanted.id, "note", f"another text than this release's ({digests(stored, wanted)}): "
                       "run studio.py install")  # fmt: skip
    return Finding(wanted.id, "ok", f"installed, switched on{', global' if wanted.everywhere else ''}, as released")


def loading_error(host: OpenWebUI, function: str) -> str:
    """Why the host cannot load a function; reading its valves' schema loads it."""
    try:
        host.get(f"/api/v1/functions/id/{function}/valves/spec", f"the valves of {function}")
    except InstallError as error:
        return str(error)
    return ""


def digests(stored: Mapping[str, Any], wanted: Plugin) -> str:
    mine, theirs = (hashlib.sha256(text.encode()).hexdigest()[:12] for text in (wanted.content, stored["content"]))
    return f"sha256 {theirs}… instead of {mine}…"
