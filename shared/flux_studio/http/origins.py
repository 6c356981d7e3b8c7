"""Where a key may go and what may be downloaded, as pure functions over parsed addresses."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from yarl import URL

from .addresses import literal

PRINTABLE = re.compile(r"[!-~]{1,4096}")
"""An address with anything else could smuggle header lines, or mean another host to another reader."""

PROVIDER_DOMAIN = "bfl.ai"
"""BFL answers from clusters such as api.eu2.bfl.ai, which nobody can list (bfl_api.md section 1)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of an address; a trusted entry has no scheme and fits both."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse(address: str) -> URL | None:
    """Read an http or https address as it stands, without requoting (signatures depend on it).

    None when it is malformed, carries a user name, or names no host.
    """
    if not PRINTABLE.fullmatch(address):
        return None
    try:
        url = URL(address, encoded=True)
        complete = url.scheme in ("http", "https") and url.port is not None and _is_host(url.raw_host or "")
    except (ValueError, IndexError):  # yarl stumbles over http://[]@
        return None
    return url if complete and url.raw_user is None and url.raw_password is None else None


def _is_host(host: str) -> bool:
    """Whether a host is a name or an address in full; 127.1 and 2130706433 are neither, though sockets take them."""
    if ":" in host or host.replace(".", "").isdigit():
        return literal(host) is not None
    return bool(host)


def origin(url: URL) -> Origin:
    """The origin of an address that `parse` accepted."""
    return Origin(url.scheme, (url.raw_host or "").lower(), url.port or 0)


def trusted_origin(entry: str) -> tuple[str, int | None]:
    """Split an entry of FLUX_TRUSTED_HOSTS into host and port; None when it names no port."""
    entry = entry.strip().lower()
    bracketed = re.fullmatch(r"\[([^\]]+)\](?::(\d{1,5}))?", entry)
    if bracketed:
        return bracketed[1], int(bracketed[2]) if bracketed[2] else None
    host, colon, port = entry.rpartition(":")
    if colon and ":" not in host and port.isdecimal():
        return host, int(port)
    return entry, None


def is_trusted(url: URL, trusted_hosts: Collection[str]) -> bool:
    """Whether an entry names this host and port; an entry without a port means https at its standard port."""
    here = origin(url)
    for host, port in map(trusted_origin, trusted_hosts):
        if host == here.host and (here.port == port or (port is None and (here.scheme, here.port) == ("https", 443))):
            return True
    return False


def is_configured(url: URL, endpoint: URL, trusted_hosts: Collection[str]) -> bool:
    """Whether the admin named exactly this origin: as the endpoint or as a trusted host."""
    return origin(url) == origin(endpoint) or is_trusted(url, trusted_hosts)


def key_allowed(url: URL, endpoint: URL, trusted_hosts: Collection[str]) -> bool:
    """Whether the key of `endpoint` may be sent to `url`.

    Allowed are the endpoint's exact scheme, host and port; hosts equal to or below bfl.ai over https when the
    endpoint is one itself; exact entries of the trusted hosts.
    """
    return is_configured(url, endpoint, trusted_hosts) or (_is_provider(url) and _is_provider(endpoint))


def download_allowed(url: URL, endpoint: URL, trusted_hosts: Collection[str]) -> bool:
    """Whether a result may be fetched from `url`: https, or http at exactly a configured origin."""
    return url.scheme == "https" or is_configured(url, endpoint, trusted_hosts)


def _is_provider(url: URL) -> bool:
    host = origin(url).host
    return url.scheme == "https" and (host == PROVIDER_DOMAIN or host.endswith(f".{PROVIDER_DOMAIN}"))
