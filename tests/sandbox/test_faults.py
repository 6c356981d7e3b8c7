"""Every fault of the table does what its row says; each is asked for by its magic prompt."""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import sys
from collections.abc import Callable, Iterator

import aiohttp
import pytest
from PIL import Image

from tools.sandbox import Sandbox
from tools.sandbox.faults import FAULTS, FaultError, faults_of

from . import test_finetuning
from .conftest import Client, Clock


async def first_call(sandbox: Sandbox) -> None:
    """Let the loop run until a request has been accepted."""
    while not sandbox.calls:  # noqa: ASYNC110 - the log has no event to wait for
        await asyncio.sleep(0)


async def submit(client: Client, fault: str) -> tuple[int, str, bytes]:
    """(status, content type, body) of a FLUX.2 submit with a fault in its prompt."""
    url = f"{client.sandbox.endpoint}/v1/flux-2-pro"
    body = {"prompt": f"a cat [sandbox:{fault}]", "width": 64, "height": 64}
    response, text = await client.request(url, "POST", client.sandbox.key, json=body)
    return response.status, response.content_type, text


async def polls(client: Client, fault: str, count: int) -> list[tuple[int, bytes]]:
    """(status, body) of the polls of a task whose time is over."""
    _, answer = await client.submit("flux-2-pro", prompt=f"[sandbox:{fault}]", width=64, height=64)
    client.clock.advance(client.sandbox.settings.duration)
    answers = [await client.request(answer["polling_url"]) for _ in range(count)]
    return [(response.status, text) for response, text in answers]


async def sample(client: Client, fault: str) -> str:
    """The sample URL of a finished task."""
    _, answer = await client.result("flux-2-pro", prompt=f"[sandbox:{fault}]", width=256, height=256)
    assert answer["status"] == "Ready"
    return str(answer["result"]["sample"])


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "words"),
    [
        ("invalid-key", 403, "application/json", b"Not authenticated"),
        ("out-of-credits", 402, "application/json", b"Insufficient credits"),
        ("rate-limited", 429, "application/json", b"active tasks"),
        ("server-error", 500, "text/html", b"<html>"),
        ("unavailable", 503, "text/html", b"<html>"),
        ("redirecting-submit", 307, "application/octet-stream", b""),
    ],
)
async def test_refusing_faults_create_no_task(
    client: Client, fault: str, status: int, content_type: str, words: bytes
) -> None:
    code, kind, text = await submit(client, fault)
    assert (code, kind) == (status, content_type)
    assert words in text
    assert client.sandbox.calls[0].task is None
    assert client.sandbox.settings.balance == 1000.0


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("unavailable", [503, 200, 200]),
        ("unavailable=2", [503, 503, 200]),
        ("rate-limited=1", [429, 200, 200]),
        ("rate-limited", [429, 429, 429]),
    ],
)
async def test_refusals_with_a_count_end(client: Client, fault: str, codes: list[int]) -> None:
    assert [(await submit(client, fault))[0] for _ in codes] == codes


async def test_malformed_submit_creates_the_task(client: Client) -> None:
    status, kind, text = await submit(client, "malformed-submit")
    assert (status, kind) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert client.sandbox.calls[0].task is not None


async def test_connection_reset_bills_without_an_answer(client: Client) -> None:
    with pytest.raises(aiohttp.ClientConnectionError):
        await submit(client, "connection-reset")
    (call,) = client.sandbox.calls
    assert (call.status, client.sandbox.settings.balance) == (0, 997.0)
    client.clock.advance(4)
    _, answer = await client.poll(f"{client.sandbox.polling}/v1/get_result?id={call.task}")
    assert answer["status"] == "Ready"


async def test_slow_submit_bills_first_and_answers_when_its_seconds_are_over(client: Client) -> None:
    released, asked = asyncio.Event(), []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)
        await released.wait()

    client.sandbox.state.sleep = sleep
    waiting = asyncio.create_task(submit(client, "slow-submit=60"))
    await first_call(client.sandbox)
    assert client.sandbox.settings.balance == 997.0
    released.set()
    assert (await waiting)[0] == 200
    assert asked == [60.0]


async def test_reset_before_starts_nothing(client: Client) -> None:
    with pytest.raises(aiohttp.ClientError):
        await submit(client, "reset-before")
    (call,) = client.sandbox.calls
    assert (call.status, call.task, client.sandbox.settings.balance) == (0, None, 1000.0)


@pytest.mark.parametrize(("fault", "status", "smallest"), [("bad-gateway", 502, 20), ("huge-submit", 200, 3 << 20)])
async def test_answers_that_hide_a_billed_task(client: Client, fault: str, status: int, smallest: int) -> None:
    code, _, text = await submit(client, fault)
    assert (code, client.sandbox.settings.balance) == (status, 997.0)
    assert len(text) >= smallest
    assert client.sandbox.calls[0].task is not None


async def test_foreign_polling_host_is_a_real_origin_that_notes_the_visit(client: Client) -> None:
    _, _, text = await submit(client, "foreign-polling-host")
    polling_url = json.loads(text)["polling_url"]
    assert polling_url.startswith(client.sandbox.elsewhere)
    assert client.sandbox.elsewhere.removeprefix("http://") not in client.sandbox.trusted_hosts
    await client.request(polling_url)
    await client.request(polling_url, key=client.sandbox.key)
    assert [entry.kind for entry in client.sandbox.violations] == ["request-elsewhere", "key-elsewhere"]


@pytest.mark.parametrize(
    ("fault", "http_status", "status", "details"),
    [
        ("request-moderated", 200, "Request Moderated", {"Moderation Reasons": ["Derivative Works Filter"]}),
        ("request-moderated=Violence", 200, "Request Moderated", {"Moderation Reasons": ["Violence"]}),
        ("content-moderated", 200, "Content Moderated", {"Moderation Reasons": ["Sexual Content", "Violence"]}),
        ("moderated-without-details", 200, "Content Moderated", None),
        ("moderated-with-text", 200, "Content Moderated", "Flagged by the output filter"),
        ("error", 200, "Error", {"error": "Generation failed, please try again"}),
        ("failed-task", 422, "Error", {"error": "Invalid or corrupted image input"}),
        ("unknown-status", 200, "Failed", {"error": "The worker gave up"}),
    ],
)
async def test_endings_without_a_picture(
    client: Client, fault: str, http_status: int, status: str, details: object
) -> None:
    _, answer = await client.submit("flux-2-pro", prompt=f"[sandbox:{fault}]")
    assert (await client.poll(answer["polling_url"]))[1]["status"] == "Pending"
    client.clock.advance(4)
    code, body = await client.poll(answer["polling_url"])
    assert (code, body["status"], body["details"], body["result"]) == (http_status, status, details, None)


async def test_new_states(client: Client, clock: Clock) -> None:
    _, answer = await client.submit("flux-2-pro", prompt="[sandbox:new-states]")
    seen = []
    for _ in range(4):
        seen.append((await client.poll(answer["polling_url"]))[1]["status"])
        clock.advance(1.5)
    assert seen == ["Pending", "Reasoning", "Generating", "Ready"]


async def test_slow_takes_its_seconds(client: Client, clock: Clock) -> None:
    _, answer = await client.submit("flux-2-pro", prompt="[sandbox:slow=20]")
    clock.advance(19)
    assert (await client.poll(answer["polling_url"]))[1]["status"] == "Pending"
    clock.advance(1)
    assert (await client.poll(answer["polling_url"]))[1]["status"] == "Ready"


async def test_stuck_never_ends(client: Client, clock: Clock) -> None:
    _, answer = await client.submit("flux-dev", prompt="[sandbox:stuck]")
    clock.advance(1700)
    body = (await client.poll(answer["polling_url"]))[1]
    assert (body["status"], body["progress"]) == ("Pending", 0.0)


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("not-found-first", [404, 404, 200]),
        ("not-found-first=1", [404, 200, 200]),
        ("lost", [404, 404, 404]),
        ("poll-unavailable", [503, 503, 200]),
        ("poll-rate-limited=1", [429, 200, 200]),
        ("redirecting-poll=1", [302, 200, 200]),
    ],
)
async def test_polls_that_do_not_answer(client: Client, fault: str, codes: list[int]) -> None:
    assert [status for status, _ in await polls(client, fault, len(codes))] == codes


async def test_not_found_as_a_status(client: Client) -> None:
    client.sandbox.change(unknown_task="status")
    (first, last) = await polls(client, "not-found-first=1", 2)
    assert (first[0], json.loads(first[1])["status"]) == (200, "Task not found")
    assert json.loads(last[1])["status"] == "Ready"


async def test_malformed_poll(client: Client) -> None:
    (first, second) = await polls(client, "malformed-poll=1", 2)
    with pytest.raises(json.JSONDecodeError):
        json.loads(first[1])
    assert (first[0], json.loads(second[1])["status"]) == (200, "Ready")


async def test_huge_poll(client: Client) -> None:
    (first, second) = await polls(client, "huge-poll=1", 2)
    assert (len(first[1]) > 3 << 20, json.loads(second[1])["status"]) == (True, "Ready")


async def test_poll_reset(client: Client) -> None:
    _, answer = await client.submit("flux-2-pro", prompt="[sandbox:poll-reset]", width=64, height=64)
    client.clock.advance(4)
    with pytest.raises(aiohttp.ClientError):  # a GET is sent again once by the client library itself
        await client.poll(answer["polling_url"])
    assert (await client.poll(answer["polling_url"]))[1]["status"] == "Ready"
    assert [entry.status for entry in client.sandbox.polls] == [0, 0, 200]


async def test_slow_poll_waits_once(client: Client) -> None:
    asked = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    client.sandbox.state.sleep = sleep
    assert [status for status, _ in await polls(client, "slow-poll=9", 2)] == [200, 200]
    assert asked == [9.0]


@pytest.mark.parametrize(("fault", "status"), [("sample-unavailable=1", 503), ("moved-sample", 302)])
async def test_downloads_that_come_with_the_second_request(client: Client, fault: str, status: int) -> None:
    url = await sample(client, fault)
    assert [(await client.request(url))[0].status for _ in range(2)] == [status, 200]


async def test_sample_reset(client: Client) -> None:
    url = await sample(client, "sample-reset=2")
    with pytest.raises(aiohttp.ClientError):
        await client.request(url)
    assert (await client.request(url))[0].status == 200


@pytest.mark.parametrize(
    ("fault", "content_type", "begins"),
    [
        ("empty-sample", "image/jpeg", b""),
        ("svg-sample", "image/svg+xml", b"<svg"),
        ("mistyped-sample", "text/html", b"\xff\xd8"),
    ],
)
async def test_bodies_of_another_kind(client: Client, fault: str, content_type: str, begins: bytes) -> None:
    response, data = await client.request(await sample(client, fault))
    assert (response.status, response.content_type) == (200, content_type)
    assert data.startswith(begins)
    assert bool(data) == bool(begins)


async def test_no_sample(client: Client) -> None:
    _, answer = await client.result("flux-2-pro", prompt="[sandbox:no-sample]")
    assert answer["status"] == "Ready"
    assert list(answer["result"]) == ["start_time", "prompt", "seed"]


async def test_truncated_sample(client: Client) -> None:
    url = await sample(client, "truncated-sample")
    with pytest.raises(aiohttp.ClientPayloadError):
        await client.request(url)


async def test_slow_sample_sends_half_and_then_the_rest(client: Client) -> None:
    released = asyncio.Event()

    async def sleep(seconds: float) -> None:
        assert seconds == 7
        await released.wait()

    client.sandbox.state.sleep = sleep
    async with client.session.get(await sample(client, "slow-sample=7")) as response:
        first = await response.content.readany()
        assert 0 < len(first) <= response.content_length // 2
        released.set()
        assert len(first + await response.read()) == response.content_length


async def test_html_sample(client: Client) -> None:
    response, data = await client.request(await sample(client, "html-sample"))
    assert (response.status, response.content_type) == (200, "image/jpeg")
    assert data.startswith(b"<!doctype html>")


async def test_pixel_bomb_is_a_small_valid_png(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    response, data = await client.request(await sample(client, "pixel-bomb"))
    assert (response.content_type, len(data) < 200_000) == ("image/png", True)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (20_000, 20_000)


async def test_oversized_sample_does_not_announce_its_length(client: Client) -> None:
    async with client.session.get(await sample(client, "oversized-sample")) as response:
        assert response.content_length is None
        received = 0
        async for chunk in response.content.iter_chunked(1 << 20):
            received += len(chunk)
    assert received > 64 * 1024 * 1024


async def test_redirecting_sample(client: Client) -> None:
    response, _ = await client.request(await sample(client, "redirecting-sample"))
    assert response.status == 302
    assert response.headers["Location"].startswith(client.sandbox.elsewhere)
    response, data = await client.request(response.headers["Location"])
    assert Image.open(io.BytesIO(data)).size == (64, 64)
    assert [entry.kind for entry in client.sandbox.violations] == ["request-elsewhere"]


async def test_foreign_sample(client: Client) -> None:
    assert (await sample(client, "foreign-sample")).startswith(client.sandbox.elsewhere)


async def test_expired_sample(client: Client) -> None:
    response, text = await client.request(await sample(client, "expired-sample"))
    assert (response.status, response.content_type) == (403, "application/xml")
    assert b"<Error>" in text


async def test_faults_can_be_set_for_every_request(client: Client) -> None:
    client.sandbox.change(faults=["rate-limited=1"])
    codes = [(await client.submit("flux-2-pro", prompt=prompt))[0] for prompt in ("a", "a", "b")]
    assert codes == [429, 200, 429]


async def test_an_unknown_fault_is_a_422_that_lists_the_known_ones(client: Client) -> None:
    status, answer = await client.submit("flux-2-pro", prompt="[sandbox:explode]")
    assert status == 422
    assert "content-moderated" in answer["detail"][0]["msg"]


@pytest.mark.parametrize(
    "mark", ["explode", "", "error=1", "slow=", "slow=-1", "slow=abc", "slow=nan", "slow=1e99", "rate-limited=inf"]
)
def test_wrong_marks(mark: str) -> None:
    with pytest.raises(FaultError):
        faults_of(f"a cat [sandbox:{mark}]")


def test_marks_are_found_anywhere_and_prompts_win_over_settings() -> None:
    assert faults_of("[sandbox:slow=3] a cat [sandbox:lost]", ["slow=9"]) == {"slow": 3.0, "lost": ""}
    assert faults_of(None) == {}
    assert faults_of("a [sandbox] cat") == {}


def sources_of_tests() -> Iterator[str]:
    yield inspect.getsource(test_finetuning)
    module = sys.modules[__name__]
    tests: list[Callable[..., object]] = [item for name, item in vars(module).items() if name.startswith("test_")]
    for test in tests:
        yield inspect.getsource(test)


@pytest.mark.parametrize("name", [name for name, row in FAULTS.items() if row.stage != "openai"])
def test_every_fault_has_a_test(name: str) -> None:
    assert any(f'"{name}' in text or f"sandbox:{name}" in text for text in sources_of_tests())


async def test_a_sandbox_stops_while_requests_wait(client: Client) -> None:
    async with Sandbox() as other, aiohttp.ClientSession() as session:
        url, body = f"{other.endpoint}/v1/flux-2-pro", {"prompt": "[sandbox:slow-submit=600]"}
        waiting = asyncio.create_task(session.post(url, json=body, headers={"x-key": other.key}))
        await first_call(other)
        await other.stop()
        with pytest.raises(aiohttp.ClientError):
            await waiting
