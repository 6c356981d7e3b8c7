"""Which network addresses may be contacted."""

import ipaddress

import pytest
from aiohttp.abc import AbstractResolver
from hypothesis import given
from hypothesis import strategies as st

from flux_studio.http.addresses import AddressRules, is_public
from flux_studio.http.sessions import AddressRefused, CheckedResolver

PUBLIC = ["1.1.1.1", "20.60.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
INSIDE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.9.10",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_open_internet(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_a_network(address):
    assert not is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_never_opens_it(address):
    wrapped = [
        f"::ffff:{address}",
        f"64:ff9b::{address}",
        str(ipaddress.IPv6Address((0x2002 << 112) | (int(address) << 80))),
    ]
    assert {is_public(ipaddress.ip_address(text)) for text in wrapped} == {is_public(address)}


@pytest.mark.parametrize(
    ("address", "host", "port", "expected"),
    [
        ("10.0.0.5", "gateway.local", 8443, True),
        ("10.0.0.5", "GATEWAY.local", 8443, True),
        ("10.0.0.5", "gateway.local", 8444, False),
        ("10.0.0.5", "other.local", 8443, False),
        ("8.8.8.8", "other.example", 443, True),
        ("not an address", "gateway.local", 8443, False),
    ],
)
def test_named_hosts_may_be_inside(address, host, port, expected):
    assert AddressRules(named=frozenset({("gateway.local", 8443)})).allows(address, host, port) is expected


@pytest.mark.parametrize(("address", "expected"), [("127.0.0.1", True), ("10.0.0.5", False), ("8.8.8.8", False)])
def test_the_test_environment_stays_on_this_computer(address, expected):
    rules = AddressRules(named=frozenset({("service.example", 443)}), only_loopback=True)
    assert rules.allows(address, "service.example", 443) is expected


class Names(AbstractResolver):
    """A name service with fixed answers."""

    def __init__(self, *addresses):
        self.addresses = addresses

    async def resolve(self, host, port=0, family=0):
        return [
            {"hostname": host, "host": a, "port": port, "family": family, "proto": 0, "flags": 0}
            for a in self.addresses
        ]

    async def close(self):
        pass


async def test_the_resolver_drops_inside_addresses_and_keeps_the_others():
    resolver = CheckedResolver(AddressRules(named=frozenset()), Names("10.0.0.1", "8.8.8.8", "::ffff:127.0.0.1"))
    assert [entry["host"] for entry in await resolver.resolve("mixed.example", 443)] == ["8.8.8.8"]


async def test_a_name_with_only_inside_addresses_is_refused():
    resolver = CheckedResolver(AddressRules(named=frozenset()), Names("169.254.169.254"))
    with pytest.raises(AddressRefused):
        await resolver.resolve("metadata.example", 443)
