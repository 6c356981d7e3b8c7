"""How the installer meets servers that are not what it expects; over real sockets."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools.install.client import OpenWebUI
from tools.install.failure import InstallError
from tools.ports import free_port

Answer = Callable[[int, str], str]


@pytest.fixture
def answering() -> Iterator[Answer]:
    """Start a server that answers everything with one status and body; give its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, body: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body.encode())

            do_POST = do_GET

            def log_message(self, *arguments: object) -> None:
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def sentence_of(call: Callable[[], object]) -> str:
    with pytest.raises(InstallError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nobody_there() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert sentence_of(OpenWebUI(url).version) == f"No Open WebUI answers at {url}: check the address and that it runs."


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://host", "http://", ""])
def test_no_address(url: str) -> None:
    assert sentence_of(lambda: OpenWebUI(url)).startswith("The address must begin with http:// or https://")


@pytest.mark.parametrize("body", ["<html>hello</html>", '{"hello": 1}', "[]"])
def test_another_web_server(answering: Answer, body: str) -> None:
    url = answering(200, body)
    assert sentence_of(OpenWebUI(url).version) == f"What answers at {url} is not Open WebUI."


def test_functions_switched_off(answering: Answer) -> None:
    url = answering(200, json.dumps({"version": "0.12.4", "features": {"enable_functions": False}}))
    assert "ENABLE_PLUGINS and ENABLE_FUNCTIONS" in sentence_of(OpenWebUI(url).require_plugins)


def test_too_many_sign_ins(answering: Answer) -> None:
    url = answering(429, '{"detail": "API rate limit exceeded"}')
    assert "wait three minutes" in sentence_of(lambda: OpenWebUI(url).sign_in("a@example.com", "secret"))


def test_a_second_factor(answering: Answer) -> None:
    url = answering(200, '{"mfa_required": true}')
    assert sentence_of(lambda: OpenWebUI(url).sign_in("a@example.com", "secret")).endswith("use --api-key instead.")


def test_any_other_refusal_keeps_the_hosts_reason_on_one_line(answering: Answer) -> None:
    url = answering(500, json.dumps({"detail": "[ERROR: first line\nsecond]"}))
    sentence = sentence_of(lambda: OpenWebUI(url).get("/x", "the list"))
    assert sentence == "Open WebUI refused the list (500): first line second"
