"""The server's own proxies, used only when the admin allowed them."""

from __future__ import annotations

from urllib.request import getproxies_environment, proxy_bypass

from yarl import URL

from ..errors import ConfigurationError
from ..settings import Settings
from .origins import origin


def environment_proxies(settings: Settings) -> dict[str, URL]:
    """Scheme -> proxy of the server's environment, when the admin allowed it."""
    if not settings.use_proxy or settings.environment == "test":
        return {}
    found = getproxies_environment()
    addresses = {scheme: found.get(scheme) or found.get("all") for scheme in ("http", "https")}
    return {scheme: _proxy_address(address) for scheme, address in addresses.items() if address}


def proxy_for(url: URL, proxies: dict[str, URL]) -> str | None:
    """The proxy for an address, None when there is none or NO_PROXY names the host."""
    here = origin(url)
    proxy = proxies.get(here.scheme)
    return None if proxy is None or proxy_bypass(f"{here.host}:{here.port}") else str(proxy)


def _proxy_address(address: str) -> URL:
    try:
        url = URL(address if "://" in address else f"http://{address}")
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise ConfigurationError(
            "USE_PROXY is on, but HTTP_PROXY or HTTPS_PROXY of the server is not an address such as "
            "http://proxy.example:3128."
        )
    return url
