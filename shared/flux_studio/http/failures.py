"""Turns what the HTTP library raises into an outcome, and outcomes into the errors of this package."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
from yarl import URL

from ..errors import (
    ConfigurationError,
    HostNotTrusted,
    MaybeSubmitted,
    ProviderError,
    RateLimited,
    Unavailable,
    UnexpectedResponse,
)
from .policy import Method, Outcome, may_have_started
from .sessions import AddressRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Whom a client talks to."""

    name: str
    """The provider's name in errors: bfl."""
    label: str
    """As people know it: Black Forest Labs."""
    endpoint: str
    """The configured address: scheme, host and port."""
    key_header: str = "x-key"
    """Where the key goes; Authorization carries it as a bearer token."""

    further: tuple[str, ...] = ()
    """More configured addresses of the same account, such as the cluster where its finetunes live."""

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.endpoint, *(address for address in self.further if address != self.endpoint))

    def key_headers(self, key: str) -> dict[str, str]:
        """The header that shows the key."""
        return {self.key_header: f"Bearer {key}" if self.key_header == "Authorization" else key}


class CallFailed(Exception):
    """One attempt brought no complete answer; whoever sends through `repeat_paid` raises it, nobody lets it out."""

    def __init__(self, outcome: Outcome, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail
        self.retry_after = retry_after


class TooLarge(Exception):
    """A body that passes its limit; lives only inside this package."""


def shown(url: URL) -> str:
    """An address for logs and sentences: without the query, where signatures and ids are."""
    return f"{url.scheme}://{url.raw_authority}{url.raw_path}"


def translate(error: aiohttp.ClientError | TimeoutError | OSError, url: URL, service: Service) -> CallFailed:
    """Read off an error of the library whether the request can have arrived.

    Raises UnexpectedResponse when the connection was refused by the address rules.
    """
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, AddressRefused):
        raise address_refused(url, service) from error
    unsent = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
    kind = type(error).__name__
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
    reason = f" ({cause.strerror or type(cause).__name__})" if cause is not None else ""
    return CallFailed("not_connected" if isinstance(error, unsent) else "broken", f"{shown(url)}: {kind}{reason}")


def final_error(failed: CallFailed, method: Method, service: Service) -> ProviderError:
    """The error of a call that is not repeated any more."""
    if failed.outcome == 429:
        return RateLimited(
            f"{service.label} is busy with too many requests of this account. Please try again in a moment.",
            provider=service.name,
            retry_after=failed.retry_after,
            detail=failed.detail,
        )
    status = failed.outcome if isinstance(failed.outcome, int) else None
    if method == "paid" and may_have_started(failed.outcome):
        return MaybeSubmitted(
            f"The connection to {service.label} broke after the request was sent. It may have been billed, "
            "so it is not repeated by itself.",
            provider=service.name,
            status=status,
            detail=failed.detail,
        )
    if failed.outcome == "not_connected":
        sentence = f"{service.label} could not be reached; nothing was started. Please try again in a moment."
    elif status is not None:
        sentence = f"{service.label} has a fault at the moment (HTTP {status}). Please try again in a few minutes."
    else:
        sentence = f"{service.label} did not answer completely. Please try again in a moment."
    return Unavailable(sentence, provider=service.name, status=status, detail=failed.detail)


def foreign_address(url: URL, service: Service) -> HostNotTrusted:
    """The service named a host that must not get the key."""
    return HostNotTrusted(
        f"{service.label} named a host that is not known to be its own ({url.raw_authority}), so the key was not "
        "sent there. If the host is right, an admin can add it to FLUX_TRUSTED_HOSTS in the valves of FLUX Studio.",
        provider=service.name,
        detail=f"key refused for {shown(url)}",
    )


def malformed_address(address: str, service: Service) -> UnexpectedResponse:
    """The service named something that is no http or https address."""
    return UnexpectedResponse(
        f"{service.label} named an address that cannot be used.",
        provider=service.name,
        detail=f"malformed address of {len(address)} characters",
    )


def insecure_download(url: URL, service: Service) -> HostNotTrusted:
    """The service named a result without transport security, at a host the admin did not name."""
    return HostNotTrusted(
        f"{service.label} offered the picture over an unprotected connection ({shown(url)}); it was not fetched. "
        "If that is right, an admin can add host:port to FLUX_TRUSTED_HOSTS in the valves of FLUX Studio.",
        provider=service.name,
        detail=f"download refused: {shown(url)}",
    )


def address_refused(url: URL, service: Service) -> HostNotTrusted:
    """A name or address leads into this network."""
    return HostNotTrusted(
        f"{service.label} named a host inside this network ({url.raw_authority}); it was not contacted. "
        "If that is right, an admin can add host:port to FLUX_TRUSTED_HOSTS in the valves of FLUX Studio.",
        provider=service.name,
        detail=f"address refused for {shown(url)}",
    )


def test_environment(url: URL) -> ConfigurationError:
    """FLUX_ENV=test keeps everything on this computer."""
    return ConfigurationError(
        "FLUX_ENV is “test”: only services on this computer are contacted. Remove FLUX_ENV to use others.",
        detail=f"refused in the test environment: {shown(url)}",
    )
