"""What the errors of the HTTP library mean for a paid request."""

import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from yarl import URL

from flux_studio.errors import MaybeSubmitted, RateLimited, Unavailable, UnexpectedResponse
from flux_studio.http.failures import CallFailed, Service, final_error, translate
from flux_studio.http.sessions import AddressRefused

SERVICE = Service(name="bfl", label="Black Forest Labs", endpoint="https://api.bfl.ai")
TARGET = URL("https://delivery.bfl.ai/a.png?sig=hush")
PLACE = ConnectionKey(
    host="delivery.bfl.ai",
    port=443,
    is_ssl=True,
    ssl=True,
    proxy=None,
    proxy_auth=None,
    proxy_headers_hash=None,
)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (aiohttp.ClientConnectorError(PLACE, ConnectionRefusedError(111, "Connection refused")), "not_connected"),
        (aiohttp.ClientConnectorDNSError(PLACE, OSError(-2, "Name or service not known")), "not_connected"),
        (aiohttp.ClientConnectorSSLError(PLACE, ssl.SSLError(1, "handshake")), "not_connected"),
        (aiohttp.ClientProxyConnectionError(PLACE, OSError(111, "refused")), "not_connected"),
        (aiohttp.ConnectionTimeoutError("slow"), "not_connected"),
        (aiohttp.SocketTimeoutError("slow"), "broken"),
        (TimeoutError(), "broken"),
        (aiohttp.ServerDisconnectedError(), "broken"),
        (aiohttp.ClientOSError(104, "reset"), "broken"),
        (aiohttp.ClientPayloadError("cut"), "broken"),
        (ConnectionResetError(), "broken"),
    ],
)
def test_whether_a_request_can_have_arrived(error, outcome):
    failed = translate(error, TARGET, SERVICE)
    assert failed.outcome == outcome
    assert "hush" not in failed.detail


def test_a_refused_address_ends_at_once():
    with pytest.raises(UnexpectedResponse) as caught:
        translate(aiohttp.ClientConnectorDNSError(PLACE, AddressRefused("inside")), TARGET, SERVICE)
    assert "hush" not in caught.value.sentence + caught.value.detail


@pytest.mark.parametrize(
    ("method", "outcome", "error", "retryable"),
    [
        ("paid", "not_connected", Unavailable, True),
        ("paid", "broken", MaybeSubmitted, False),
        ("paid", 504, MaybeSubmitted, False),
        ("paid", 503, Unavailable, True),
        ("paid", 429, RateLimited, True),
        ("read", "broken", Unavailable, True),
        ("read", 504, Unavailable, True),
        ("read", 429, RateLimited, True),
    ],
)
def test_the_error_when_nothing_is_repeated_any_more(method, outcome, error, retryable):
    final = final_error(CallFailed(outcome, "detail"), method, SERVICE)
    assert type(final) is error
    assert final.retryable is retryable
    assert final.provider == "bfl"
