"""Which network addresses may be contacted: nothing inside this network unless the admin named it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

BLOCKED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's metadata and DNS service, on a public address
        "192.0.0.0/24",  # protocol assignments, among them Oracle's metadata service 192.0.0.192
        "192.88.99.0/24",  # 6to4 relays
        "64:ff9b:1::/48",  # translation prefixes of local networks
    )
)
"""Addresses that count as global although no provider answers there."""

GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""The only IPv6 range from which public addresses are given out."""
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""NAT64: the last four bytes are an IPv4 address."""


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What one client may contact; equal rules share one connection pool."""

    named: frozenset[tuple[str, int]]
    """Hosts with ports that the admin named (endpoint, trusted hosts, proxy): they may be inside this network."""
    only_loopback: bool = False
    """FLUX_ENV=test: nothing outside this computer."""

    def allows(self, address: str, host: str, port: int) -> bool:
        """Whether `address`, to which `host` resolved, may be connected to at `port`."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        if self.only_loopback and not embedded(parsed).is_loopback:
            return False
        return (host.lower(), port) in self.named or is_public(parsed)


def literal(host: str) -> str | None:
    """The address a host name spells out, None when it is a name that has to be resolved."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether a host is this computer by its spelling alone."""
    address = literal(host)
    return host == "localhost" if address is None else embedded(ipaddress.ip_address(address)).is_loopback


def embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, NAT64), else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet: not private, loopback, link-local, multicast or metadata."""
    if any(address.version == network.version and address in network for network in BLOCKED):
        return False
    inner = embedded(address)
    if inner is not address:
        return is_public(inner)
    if isinstance(address, ipaddress.IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
