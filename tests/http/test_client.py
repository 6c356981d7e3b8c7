"""The client over real sockets: paid calls, reads, downloads, and what is never contacted."""

import asyncio
import socket

import pytest

from flux_studio.errors import (
    ConfigurationError,
    HostNotTrusted,
    MaybeSubmitted,
    RateLimited,
    Unavailable,
    UnexpectedResponse,
)
from flux_studio.http import HttpClient, Service, sessions
from flux_studio.settings import Secret, Settings

from .conftest import resets, says, truncates

KEY = Secret("the-key")
PICTURE = bytes(range(256)) * 40


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# paid calls


async def test_a_paid_call_carries_key_and_exact_body(client, server):
    server.script = [says(json={"id": "1"}, X_Flux_Studio_Sandbox="1")]
    answer = await client.post_paid(f"{server.url}/v1/flux-2-pro", {"prompt": "ä", "seed": 7}, KEY)
    assert (answer.status, answer.json) == (200, {"id": "1"})
    assert answer.headers["x-flux-studio-sandbox"] == "1"
    assert server.requests[0].headers["x-key"] == "the-key"
    assert server.bodies == [b'{"prompt":"\\u00e4","seed":7}']


async def test_a_large_body_arrives_whole(client, server):
    server.script = [says(json={})]
    await client.post_paid(f"{server.url}/x", {"input_image": "A" * 3_000_000}, KEY)
    assert len(server.bodies[0]) == 3_000_000 + len('{"input_image":""}')


async def test_a_paid_call_that_finds_no_server_is_repeated(make_client, waits):
    port = free_port()
    client = make_client(flux_endpoint=f"http://127.0.0.1:{port}")
    with pytest.raises(Unavailable) as caught:
        await client.post_paid(f"http://127.0.0.1:{port}/x", {}, KEY)
    assert waits == [0.5, 1.0, 2.0]
    assert "nothing was started" in caught.value.sentence


async def test_a_paid_call_refused_for_the_rate_is_repeated_after_the_pause_asked_for(client, server, waits):
    server.script = [says(429, Retry_After="7"), says(429), says(json={"id": "1"})]
    answer = await client.post_paid(f"{server.url}/x", {}, KEY)
    assert answer.json == {"id": "1"}
    assert waits == [7.0, 1.0]


async def test_whoever_orders_is_asked_before_each_sending(client, server, waits):
    """A job that was stopped while it waited out a 429 is never sent again."""
    server.script = [says(429), says(json={"id": "1"})]
    asked = []

    async def before():
        asked.append(len(server.requests))
        if len(asked) == 2:
            raise LookupError("stopped")

    with pytest.raises(LookupError):
        await client.post_paid(f"{server.url}/x", {}, KEY, before=before)
    assert asked == [0, 1]
    assert len(server.requests) == 1


async def test_a_pause_beyond_the_deadline_is_not_waited_for(client, server, waits):
    server.script = [says(429, Retry_After="60")]
    with pytest.raises(RateLimited) as caught:
        await client.post_paid(f"{server.url}/x", {}, KEY, until=waits.now + 59)
    assert waits == []
    assert caught.value.retry_after == 60.0
    assert caught.value.retryable


async def test_no_repetition_when_the_admin_wants_none(make_client, server, waits):
    server.script = [says(429)]
    with pytest.raises(RateLimited):
        await make_client(max_retries=0).post_paid(f"{server.url}/x", {}, KEY)
    assert len(server.requests) == 1


@pytest.mark.parametrize("step", [resets, truncates(b'{"id"', 100), says(502), says(504), says(524)])
async def test_a_paid_call_with_unknown_fate_is_sent_once(client, server, waits, step):
    server.script = [step]
    with pytest.raises(MaybeSubmitted) as caught:
        await client.post_paid(f"{server.url}/x?token=hush", {}, KEY)
    assert len(server.requests) == 1
    assert waits == []
    assert "may have been billed" in caught.value.sentence
    assert "hush" not in caught.value.detail + caught.value.sentence


async def test_a_paid_call_without_an_answer_in_time_is_sent_once(make_client, server):
    async def never(request):
        await asyncio.Event().wait()

    server.script = [never]
    with pytest.raises(MaybeSubmitted):
        await make_client(request_timeout=0.2).post_paid(f"{server.url}/x", {}, KEY)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [500, 503])
async def test_a_fault_of_the_service_is_not_repeated_for_a_paid_call(client, server, status):
    server.script = [says(status, body=b"<html>oops</html>")]
    with pytest.raises(Unavailable) as caught:
        await client.post_paid(f"{server.url}/x", {}, KEY)
    assert len(server.requests) == 1
    assert caught.value.status == status


async def test_a_redirect_is_not_followed_with_a_key(client, server, start_server):
    elsewhere = await start_server()
    elsewhere.script = [says(json={})]
    server.script = [says(307, Location=f"{elsewhere.url}/x")]
    assert (await client.post_paid(f"{server.url}/x", {}, KEY)).status == 307
    assert (await client.get_json(f"{server.url}/x", KEY)).status == 307
    assert elsewhere.requests == []


async def test_every_paid_call_has_a_fresh_connection(client, server):
    server.script = [says(json={})]
    for _ in range(3):
        await client.post_paid(f"{server.url}/x", {}, KEY)
    connections = {request.headers.get("Connection") for request in server.requests}
    assert connections == {"close"}


@pytest.mark.parametrize("key", ["", "two words", "line\r\nx-evil: 1", "schlüssel"])
async def test_a_key_that_cannot_be_one_is_not_sent(client, server, key):
    server.script = [says(json={})]
    with pytest.raises(ConfigurationError):
        await client.post_paid(f"{server.url}/x", {}, Secret(key))
    assert server.requests == []


# reads


@pytest.mark.parametrize("step", [says(500), says(503, body=b"<html>"), says(429), truncates(b"{", 9)])
async def test_a_read_is_repeated(client, server, waits, step):
    server.script = [step, step, says(json={"credits": 5})]
    assert (await client.get_json(f"{server.url}/v1/credits", KEY)).json == {"credits": 5}
    assert waits == [0.5, 1.0]


async def test_a_read_survives_broken_connections(client, server):
    server.script = [resets, resets, says(json={"credits": 5})]
    assert (await client.get_json(f"{server.url}/v1/credits", KEY)).json == {"credits": 5}


async def test_a_read_with_its_own_schedule_is_not_repeated(client, server, waits):
    server.script = [says(503)]
    with pytest.raises(Unavailable):
        await client.get_json(f"{server.url}/x", KEY, repeat=False)
    assert (len(server.requests), waits) == (1, [])


@pytest.mark.parametrize("status", [404, 422, 503])
async def test_a_body_under_a_failing_status_is_an_answer(client, server, status):
    server.script = [says(status, json={"status": "Error"})]
    answer = await client.get_json(f"{server.url}/x", KEY)
    assert (answer.status, answer.json) == (status, {"status": "Error"})


async def test_a_body_that_is_no_json_is_an_answer_with_text(client, server):
    server.script = [says(404, body=b"<html>\n  not   here</html>" + b"x" * 1000)]
    answer = await client.get_json(f"{server.url}/x", KEY)
    assert answer.json is None
    assert answer.text.startswith("<html> not here</html>")
    assert len(answer.text) == 500


async def test_an_endless_json_is_refused(client, server):
    server.script = [says(body=b"[" + b"1," * 1_200_000 + b"1]")]
    with pytest.raises(Unavailable):
        await client.get_json(f"{server.url}/x", KEY, repeat=False)


async def test_an_endless_answer_to_a_paid_call_may_have_cost_something(client, server):
    server.script = [says(body=b"[" + b"1," * 1_200_000 + b"1]")]
    with pytest.raises(MaybeSubmitted):
        await client.post_paid(f"{server.url}/x", {}, KEY)
    assert len(server.requests) == 1


async def test_a_deeply_nested_json_does_no_harm(client, server):
    server.script = [says(body=b"[" * 200_000)]
    assert (await client.get_json(f"{server.url}/x", KEY)).json is None


# where a key goes


async def test_a_foreign_host_is_refused_before_anything_is_sent(client, start_server):
    foreign = await start_server()
    foreign.script = [says(json={})]
    with pytest.raises(UnexpectedResponse) as caught:
        await client.get_json(f"{foreign.url}/v1/get_result?id=1", KEY)
    assert foreign.requests == []
    assert "FLUX_TRUSTED_HOSTS" in caught.value.sentence


async def test_every_address_of_the_account_gets_the_key_and_no_other(start_server):
    first, second, foreign = [await start_server() for _ in range(3)]
    second.script = foreign.script = [says(json={})]
    settings = Settings(flux_key=KEY, flux_endpoint=first.url, flux_finetune_endpoint=second.url, environment="test")
    client = HttpClient(settings)
    await client.get_json(f"{second.url}/v1/my_finetunes", KEY)
    assert second.requests[0].headers["x-key"] == "the-key"
    with pytest.raises(HostNotTrusted):
        await client.get_json(f"{foreign.url}/v1/my_finetunes", KEY)
    assert foreign.requests == []


async def test_a_trusted_host_gets_the_key(make_client, start_server):
    polling = await start_server()
    polling.script = [says(json={"status": "Pending"})]
    client = make_client(trusted_hosts=frozenset({polling.host}))
    await client.get_json(f"{polling.url}/v1/get_result?id=1", KEY)
    assert polling.requests[0].headers["x-key"] == "the-key"


@pytest.mark.parametrize("address", ["", "ftp://api.bfl.ai/x", "https://api.bfl.ai@evil.example/x", "https://a b/"])
async def test_an_address_that_is_none_is_refused(client, address):
    with pytest.raises(UnexpectedResponse):
        await client.get_json(address, KEY)


# downloads


async def test_a_download_carries_no_key_and_keeps_the_signature(client, server):
    server.script = [says(body=PICTURE)]
    assert await client.download(f"{server.url}/a%2Fb.png?sig=a%2Bb%3D") == PICTURE
    assert "x-key" not in server.requests[0].headers
    assert server.requests[0].raw_path == "/a%2Fb.png?sig=a%2Bb%3D"


@pytest.mark.parametrize("step", [truncates(PICTURE[:100], len(PICTURE)), resets, says(503), says(429)])
async def test_a_broken_download_is_repeated(client, server, step):
    server.script = [step, step, says(body=PICTURE)]
    assert await client.download(f"{server.url}/x") == PICTURE


async def test_a_download_that_stays_truncated_ends_with_a_sentence(client, server):
    server.script = [truncates(PICTURE[:100], len(PICTURE))]
    with pytest.raises(Unavailable):
        await client.download(f"{server.url}/x")
    assert len(server.requests) == 4


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_an_expired_download_names_its_status(client, server, status):
    server.script = [says(status, body=b"<xml/>")]
    with pytest.raises(UnexpectedResponse) as caught:
        await client.download(f"{server.url}/x")
    assert (caught.value.status, len(server.requests)) == (status, 1)


async def test_redirects_inside_the_origin_are_followed(client, server):
    server.script = [says(302, Location="/b"), says(307, Location="c?d=1"), says(body=PICTURE)]
    assert await client.download(f"{server.url}/a") == PICTURE
    assert [request.raw_path for request in server.requests] == ["/a", "/b", "/c?d=1"]


async def test_redirects_end(client, server):
    server.script = [says(302, Location="/again")]
    with pytest.raises(UnexpectedResponse):
        await client.download(f"{server.url}/a")
    assert len(server.requests) == 4


@pytest.mark.parametrize("location", ["", "http://", "ftp://x/y", "http://169.254.169.254/latest", "//evil.example/x"])
async def test_a_redirect_to_nowhere_is_refused(client, server, location):
    server.script = [says(302, Location=location)]
    with pytest.raises(UnexpectedResponse):
        await client.download(f"{server.url}/a")


async def test_a_redirect_to_another_origin_is_refused(make_client, server, start_server):
    other = await start_server()
    other.script = [says(body=PICTURE)]
    server.script = [says(302, Location=f"{other.url}/x")]
    with pytest.raises(UnexpectedResponse) as caught:
        await make_client(trusted_hosts=frozenset({other.host})).download(f"{server.url}/a")
    assert other.requests == []
    assert "another host" in caught.value.sentence


async def test_an_announced_length_over_the_cap_is_not_read(client, server):
    server.script = [says(body=PICTURE)]
    with pytest.raises(UnexpectedResponse):
        await client.download(f"{server.url}/x", max_bytes=len(PICTURE) - 1)
    assert await client.download(f"{server.url}/x", max_bytes=len(PICTURE)) == PICTURE


async def test_a_body_without_a_length_is_capped_while_it_streams(client, server):
    sent = 0

    async def endless(request):
        nonlocal sent
        from aiohttp import web

        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for _ in range(1000):
            await response.write(b"x" * 65536)
            sent += 65536
        return response

    server.script = [endless]
    with pytest.raises(UnexpectedResponse):
        await client.download(f"{server.url}/x", max_bytes=200_000)
    assert sent < 60_000_000


async def test_an_expanding_body_is_not_expanded(client, server):
    import gzip

    packed = gzip.compress(bytes(1_000_000))
    server.script = [says(body=packed, Content_Encoding="gzip")]
    assert await client.download(f"{server.url}/x", max_bytes=10_000) == packed


async def test_http_elsewhere_is_not_downloaded(client, start_server):
    other = await start_server()
    other.script = [says(body=PICTURE)]
    with pytest.raises(UnexpectedResponse):
        await client.download(f"{other.url}/x")
    assert other.requests == []


# addresses inside this network


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "169.254.169.254", "10.0.0.1"]
)
async def test_nothing_inside_this_network_is_contacted(make_client, server, host):
    server.script = [says(body=PICTURE)]
    client = make_client(flux_endpoint="https://api.bfl.ai", max_retries=0)
    with pytest.raises(UnexpectedResponse) as caught:
        await client.download(f"https://{host}:{server.url.rpartition(':')[2]}/x")
    assert "inside this network" in caught.value.sentence
    assert server.requests == []


async def test_the_port_of_a_named_host_opens_no_other(make_client, start_server):
    named, other = await start_server(), await start_server()
    other.script = [says(body=PICTURE)]
    client = make_client(flux_endpoint="https://api.bfl.ai", trusted_hosts=frozenset({named.host}), max_retries=0)
    with pytest.raises(UnexpectedResponse):
        await client.download(f"https://{other.host}/x")
    assert other.requests == []


@pytest.mark.parametrize("url", ["https://api.bfl.ai/x", "https://8.8.8.8/x", "https://10.0.0.1/x"])
async def test_the_test_environment_contacts_this_computer_only(make_client, server, url):
    server.script = [says(json={})]
    client = make_client(environment="test")
    assert (await client.get_json(f"{server.url}/x", KEY)).status == 200
    with pytest.raises(ConfigurationError) as caught:
        await client.download(url)
    assert "FLUX_ENV" in caught.value.sentence


# proxies, services, pools


async def test_proxies_of_the_environment_count_only_when_allowed(make_client, server, start_server, monkeypatch):
    proxy = await start_server()
    proxy.script = [says(json={"from": "proxy"})]
    server.script = [says(json={"from": "server"})]
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert (await make_client().get_json(f"{server.url}/x", KEY)).json == {"from": "server"}
    assert (await make_client(use_proxy=True).get_json(f"{server.url}/x", KEY)).json == {"from": "proxy"}


async def test_a_proxy_that_is_no_address_is_named(make_client, monkeypatch):
    monkeypatch.setenv("https_proxy", "socks5://x")
    with pytest.raises(ConfigurationError) as caught:
        make_client(use_proxy=True)
    assert "USE_PROXY" in caught.value.sentence


@pytest.mark.parametrize("endpoint", ["", "api.bfl.ai", "https://user:word@api.bfl.ai"])
async def test_an_endpoint_that_is_no_address_is_a_matter_for_the_admin(make_client, endpoint):
    with pytest.raises(ConfigurationError):
        make_client(flux_endpoint=endpoint)


async def test_another_service_has_its_own_endpoint_and_name(server, start_server):
    own = await start_server()
    own.script = [says(402)]
    service = Service(name="engine", label="The own GPU", endpoint=own.url)
    client = HttpClient(Settings(flux_endpoint=server.url), service)
    assert (await client.get_json(f"{own.url}/x", KEY)).status == 402
    with pytest.raises(UnexpectedResponse) as caught:
        await client.get_json(f"{server.url}/x", KEY)
    assert caught.value.provider == "engine"
    assert caught.value.sentence.startswith("The own GPU")


async def test_clients_share_connections(make_client, server):
    server.script = [says(json={})]
    for _ in range(3):
        await make_client().get_json(f"{server.url}/x", KEY)
    assert len({request.transport for request in server.requests} | {None}) == 2


def test_pools_of_closed_loops_are_forgotten():
    async def use():
        await sessions.sessions(sessions.AddressRules(named=frozenset()))
        return sum(1 for loop, _ in sessions._SESSIONS if loop.is_closed())

    for _ in range(3):
        loop = asyncio.new_event_loop()
        try:
            assert loop.run_until_complete(use()) == 0
        finally:
            loop.close()

    async def last():
        await sessions.sessions(sessions.AddressRules(named=frozenset()))
        await sessions.close_sessions()
        return len(sessions._SESSIONS)

    assert asyncio.run(last()) == 0
