"""The demo, started as a person starts it, against a real Open WebUI."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tools.demo import connection, free_port_from, has_key
from tools.ports import is_free

ROOT = Path(__file__).parents[2]
START = "import sys; sys.path[:0] = ['.', 'shared']; from tools.demo import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_a_taken_port_gives_the_next_free_one_and_says_so(taken_port: int) -> None:
    said: list[str] = []
    port = free_port_from(taken_port, said.append)
    assert port > taken_port
    assert said == [f"Port {taken_port} is taken; using {port}."]


@pytest.mark.parametrize(
    ("environ", "real"),
    [({}, False), ({"FLUX_API_KEY": "YOUR-FLUX-API-KEY"}, False), ({"BFL_API_KEY": "a1b2"}, True)],
)
def test_only_a_real_key_turns_the_sandbox_off(environ: dict[str, str], real: bool) -> None:
    assert has_key(environ) is real


def test_with_a_real_key_the_environment_stays_as_it_is() -> None:
    assert connection(None) == {}


SANDBOX = {"key": "k", "endpoint": "http://127.0.0.1:1", "regional": "http://127.0.0.1:2", "trusted_hosts": ""} | {
    "openai": "http://127.0.0.1:1/v1"
}


@pytest.mark.parametrize(("environ", "stands_in"), [({}, True), ({"OPENAI_API_KEY": "sk-1"}, False)])
def test_the_sandbox_stands_for_openai_unless_there_is_a_key_of_theirs(
    environ: dict[str, str], stands_in: bool
) -> None:
    assert ("FLUX_OPENAI_API_KEY" in connection(SANDBOX, environ)) is stands_in


@pytest.mark.host
def test_the_demo_from_start_to_ctrl_c(tmp_path: Path, taken_port: int) -> None:
    command = [sys.executable, "-c", START, "--json", "--port", str(taken_port)]
    environ = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        facts = json.loads(demo.stdout.readline())
        second = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
        assert (second.returncode, second.stderr.split(";")[0]) == (1, "The demo is already running")
        assert facts["provider"] == "sandbox"
        assert not facts["url"].endswith(f":{taken_port}")
        shown = {row["id"] for row in models(facts)}
        assert {"flux_studio.flux-tiny", "flux_studio.flux-2-pro", "flux_studio.gpt-image-2"} <= shown
        assert default_model(facts) == "flux_studio.flux-tiny"
        demo.send_signal(signal.SIGINT)
    assert demo.returncode == 0
    for address in (facts["url"], facts["sandbox"]["endpoint"]):
        assert is_free(int(address.rsplit(":")[-1]))


def default_model(facts: dict[str, Any]) -> str:
    """The model that a new chat of the demo begins with."""
    user = {name: facts["user"][name] for name in ("email", "password")}
    token = requests.post(f"{facts['url']}/api/v1/auths/signin", json=user, timeout=60).json()["token"]
    answer = requests.get(f"{facts['url']}/api/config", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    return str(answer.json()["default_models"])


def models(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """What the normal user of the demo may choose from."""
    user = {name: facts["user"][name] for name in ("email", "password")}
    token = requests.post(f"{facts['url']}/api/v1/auths/signin", json=user, timeout=60).json()["token"]
    answer = requests.get(f"{facts['url']}/api/models", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    return answer.json()["data"]
