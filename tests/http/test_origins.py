"""Where a key goes, and what may be downloaded."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flux_studio.http import origins
from flux_studio.http.failures import shown

BFL = "https://api.bfl.ai"
LOCAL = "http://127.0.0.1:8099"


def parsed(address):
    url = origins.parse(address)
    assert url is not None
    return url


@pytest.mark.parametrize(
    ("url", "endpoint", "trusted", "expected"),
    [
        (f"{BFL}/v1/flux-2-pro", BFL, (), True),
        ("https://API.BFL.AI/v1/x", BFL, (), True),
        ("https://api.eu4.bfl.ai/v1/get_result?id=1", BFL, (), True),
        ("https://bfl.ai/x", BFL, (), True),
        ("https://api.bfl.ai:443/x", BFL, (), True),
        ("http://api.bfl.ai/x", BFL, (), False),
        ("http://api.eu4.bfl.ai/x", BFL, (), False),
        ("https://evilbfl.ai/x", BFL, (), False),
        ("https://bfl.ai.evil.example/x", BFL, (), False),
        ("https://api.bfl.ai./x", BFL, (), False),
        ("https://api.bfl.ml/x", BFL, (), False),
        ("https://delivery.blob.core.windows.net/x", BFL, (), False),
        (f"{LOCAL}/v1/flux-2-pro", LOCAL, (), True),
        ("http://127.0.0.1:8098/x", LOCAL, (), False),
        ("https://127.0.0.1:8099/x", LOCAL, (), False),
        ("https://api.bfl.ai/x", LOCAL, (), False),
        ("https://api.bfl.ai/x", "https://gateway.example", (), False),
        ("https://api.bfl.ai/x", "http://api.bfl.ai", (), False),
        ("http://127.0.0.1:8098/x", LOCAL, ("127.0.0.1:8098",), True),
        ("http://127.0.0.1:8097/x", LOCAL, ("127.0.0.1:8098",), False),
        ("https://gateway.example/x", BFL, ("gateway.example",), True),
        ("https://GATEWAY.example/x", BFL, ("gateway.example",), True),
        ("https://sub.gateway.example/x", BFL, ("gateway.example",), False),
        ("https://gateway.example:8443/x", BFL, ("gateway.example",), False),
        ("http://gateway.example/x", BFL, ("gateway.example",), False),
        ("http://gateway.example/x", BFL, ("gateway.example:80",), True),
        ("http://[::1]:8000/x", BFL, ("[::1]:8000",), True),
        ("http://[::1]:8001/x", BFL, ("[::1]:8000",), False),
        ("https://[2606:4700::1]/x", BFL, ("[2606:4700::1]",), True),
    ],
)
def test_where_a_key_goes(url, endpoint, trusted, expected):
    assert origins.key_allowed(parsed(url), parsed(endpoint), trusted) is expected


@pytest.mark.parametrize(
    ("url", "trusted", "expected"),
    [
        ("https://anything.example/sample.png", (), True),
        ("http://anything.example/sample.png", (), False),
        (f"{LOCAL}/sample.png", (), True),
        ("http://127.0.0.1:8098/sample.png", (), False),
        ("http://127.0.0.1:8098/sample.png", ("127.0.0.1:8098",), True),
        ("http://gateway.example/sample.png", ("gateway.example",), False),
    ],
)
def test_what_may_be_downloaded(url, trusted, expected):
    assert origins.download_allowed(parsed(url), parsed(LOCAL), trusted) is expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "api.bfl.ai/x",
        "//api.bfl.ai/x",
        "https:///x",
        "ftp://api.bfl.ai/x",
        "file:///etc/passwd",
        "data:text/html,x",
        "https://api.bfl.ai@evil.example/x",
        "https://user:word@api.bfl.ai/x",
        "https://api.bfl.ai\\@evil.example/x",
        "https://api.bfl.ai/x\r\nHost: evil.example",
        "https://api.bfl.ai/a b",
        "https://api.bfl.ai:99999/x",
        "https://127.1/x",
        "https://2130706433/x",
        "https://127.0.0.1.5/x",
        "https://bücher.example/x",
        "https://api.bfl.ai/" + "x" * 5000,
        "https://api[]@",
        "http://[]@",
    ],
)
def test_malformed_addresses_are_not_read(address):
    assert origins.parse(address) is None


def test_a_signed_address_keeps_every_character():
    address = "https://delivery.bfl.ai/a%2Fb/sample.png?se=2026-11-20T10%3A00%3A00Z&sig=a%2Bb%2F%3D&x=1+2"
    assert str(parsed(address)) == address
    assert shown(parsed(address)) == "https://delivery.bfl.ai/a%2Fb/sample.png"


PIECES = [
    "https://",
    "http://",
    "//",
    "/",
    "\\",
    "@",
    ":",
    "#",
    "?",
    ".",
    "%",
    "[",
    "]",
    "::1",
    "443",
    "bfl.ai",
    "evil",
    "api",
]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join).map("https://api".__add__))
@example("https://api.bfl.ai#@evil.example/")
@example("https://evil.example?.bfl.ai")
def test_another_parser_sees_the_same_host(address):
    url = origins.parse(address)
    if url is not None:
        assert origins.origin(url).host == (urlsplit(address).hostname or "")
