"""Asking for the credits of an account, over real sockets."""

import pytest
from aiohttp import web

from flux_studio.errors import AuthenticationFailed, ConfigurationError, Unavailable, UnexpectedResponse
from flux_studio.http import HttpClient
from flux_studio.providers.bfl_account import credits
from flux_studio.settings import Secret

from .conftest import a_request


@pytest.fixture
async def answering(desk):
    """Settings for a service that answers everything with one status and body."""
    runners = []

    async def start(status, body, content_type="application/json"):
        async def answer(request):
            return web.Response(status=status, text=body, content_type=content_type)

        application = web.Application()
        application.router.add_get("/v1/credits", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        runners.append(runner)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        return desk.settings(flux_endpoint=f"http://127.0.0.1:{port}", max_retries=0)

    yield start
    for runner in runners:
        await runner.cleanup()


async def test_the_credits_fall_by_what_a_picture_costs(desk, sandbox):
    before = await credits(desk.settings())
    await desk.run(a_request())
    assert before == 1000.0
    assert await credits(desk.settings()) == 997.0
    assert sandbox.violations == []


async def test_a_client_of_the_caller_is_used(desk, clock):
    settings = desk.settings()
    assert await credits(settings, HttpClient(settings, sleep=clock.sleep)) == 1000.0


async def test_without_a_key_nothing_is_asked(desk):
    with pytest.raises(ConfigurationError, match="FLUX_API_KEY"):
        await credits(desk.settings(flux_key=Secret()))


async def test_a_wrong_key_is_named(desk):
    with pytest.raises(AuthenticationFailed, match="FLUX_API_KEY"):
        await credits(desk.settings(flux_key=Secret("wrong")))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, '{"credits": "many"}', UnexpectedResponse),
        (200, '{"credits": true}', UnexpectedResponse),
        (200, '{"credits": NaN}', UnexpectedResponse),
        (200, "[]", UnexpectedResponse),
        (200, "<html>", UnexpectedResponse),
        (404, '{"detail": "Not Found"}', UnexpectedResponse),
        (500, '{"detail": "no"}', Unavailable),
        (503, "<html>", Unavailable),
    ],
)
async def test_other_answers_are_errors_of_their_kind(answering, status, body, error):
    with pytest.raises(error):
        await credits(await answering(status, body))


@pytest.mark.parametrize(("told", "left"), [("7.000000000000001", 7.0), ("0", 0.0), ("-1.5", -1.5)])
async def test_a_balance_comes_without_rounding_noise(answering, told, left):
    assert await credits(await answering(200, f'{{"credits": {told}}}')) == left
