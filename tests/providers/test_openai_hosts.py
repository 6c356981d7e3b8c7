"""Where the key of OpenAI's models goes, with servers that try to get it sent elsewhere."""

import base64
import io

import pytest
from aiohttp import web
from PIL import Image

from flux_studio.errors import StudioError, UnexpectedResponse
from flux_studio.http.sessions import close_sessions
from flux_studio.settings import Secret, Settings

from .openai_desk import NotingContext, OpenAIDesk, a_wish

KEY = "sk-secret-0815"


def png():
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "PNG")
    return buffer.getvalue()


class Server:
    """Answers generations as told, and notes who came with which key."""

    def __init__(self):
        self.answer = None
        self.seen = []

    async def start(self):
        application = web.Application()
        application.add_routes([web.route("*", "/{path:.*}", self.visit)])
        self.runner = web.AppRunner(application)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"

    async def visit(self, request):
        await request.read()
        self.seen.append((request.path, request.headers.get("Authorization")))
        if request.path.endswith(".png"):
            return web.Response(body=png(), content_type="image/png")
        return self.answer()


@pytest.fixture
async def servers():
    """The configured server and a foreign one."""
    made = [Server(), Server()]
    for server in made:
        await server.start()
    yield made
    await close_sessions()
    for server in made:
        await server.runner.cleanup()


def context(server, **changes):
    settings = {"openai_key": Secret(KEY), "openai_base_url": f"{server.url}/v1", "openai_server": "openai"}
    return NotingContext(Settings(**{**settings, "environment": "test", **changes}))


async def make(wish, where):
    return await OpenAIDesk(None).result(wish, where)


async def test_a_redirect_takes_the_key_nowhere(servers):
    home, foreign = servers
    home.answer = lambda: web.Response(status=307, headers={"Location": f"{foreign.url}/v1/images/generations"})
    with pytest.raises(UnexpectedResponse, match="HTTP 307"):
        await make(a_wish(), context(home))
    assert foreign.seen == []
    assert len(home.seen) == 1


@pytest.mark.parametrize("address", ["/pictures/1.png", "{home}/pictures/1.png"])
async def test_a_picture_at_home_is_fetched_with_the_key_it_may_need(servers, address):
    home, _ = servers
    home.answer = lambda: web.json_response({"data": [{"url": address.format(home=home.url)}]})
    result = await make(a_wish(), context(home))
    assert result.pictures[0].size.width == 64
    assert home.seen[-1] == ("/pictures/1.png", f"Bearer {KEY}")


async def test_a_picture_elsewhere_is_fetched_without_any_key(servers):
    home, foreign = servers
    home.answer = lambda: web.json_response({"data": [{"url": f"{foreign.url}/pictures/1.png"}]})
    where = context(home, trusted_hosts=frozenset({foreign.url.removeprefix("http://")}))
    await make(a_wish(), where)
    assert foreign.seen == [("/pictures/1.png", None)]


async def test_a_picture_inside_this_network_is_not_fetched(servers):
    home, foreign = servers
    home.answer = lambda: web.json_response({"data": [{"url": f"{foreign.url}/pictures/1.png"}]})
    with pytest.raises(UnexpectedResponse, match="inside this network"):
        await make(a_wish(), context(home))
    assert foreign.seen == []


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"b64_json": "%%%"}]},
        {"data": [{"b64_json": base64.b64encode(b"<svg onload='x()'/>").decode()}]},
        {"data": [{"b64_json": base64.b64encode(png()[:40]).decode()}]},
        {"data": [{"url": "javascript:alert(1)"}]},
        {"data": [{"url": "file:///etc/passwd"}]},
        {"data": [{"b64_json": None, "url": ""}]},
        {"data": "text"},
        [1, 2],
    ],
)
async def test_what_is_no_picture_is_one_sentence_without_the_key(servers, body):
    home, _ = servers
    home.answer = lambda: web.json_response(body)
    with pytest.raises(StudioError) as caught:
        await make(a_wish(), context(home))
    assert KEY not in caught.value.sentence + caught.value.detail
    assert len(home.seen) == 1


async def test_a_page_of_a_proxy_is_not_shown(servers):
    home, _ = servers
    home.answer = lambda: web.Response(status=400, text="<html><script>x</script></html>", content_type="text/html")
    with pytest.raises(StudioError) as caught:
        await make(a_wish(), context(home))
    assert "<" not in caught.value.sentence
