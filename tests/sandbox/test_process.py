"""The sandbox as a process of its own: one JSON line, the control pages, a clean end."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tools.sandbox.__main__ import main

from .conftest import Client

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "tools.sandbox")


@pytest.fixture
async def process() -> AsyncIterator[asyncio.subprocess.Process]:
    running = await asyncio.create_subprocess_exec(
        *COMMAND, "--duration", "0", "--key", "own-key", cwd=ROOT, stdout=subprocess.PIPE
    )
    yield running
    if running.returncode is None:
        running.kill()
    await running.wait()


async def announced(process: asyncio.subprocess.Process) -> dict[str, str]:
    assert process.stdout is not None
    line: dict[str, str] = json.loads(await process.stdout.readline())
    return line


async def call(method: str, url: str, key: str = "own-key", **options: Any) -> tuple[int, Any]:
    headers = {"x-key": key}
    async with aiohttp.ClientSession() as session, session.request(method, url, headers=headers, **options) as response:
        return response.status, await response.json()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_announces_itself_serves_and_ends(process: asyncio.subprocess.Process, number: int) -> None:
    addresses = await announced(process)
    names = {"endpoint", "polling", "delivery", "elsewhere", "regional", "openai", "key", "trusted_hosts"}
    assert set(addresses) == names
    assert len(addresses["trusted_hosts"].split(",")) == 2
    _, answer = await call("POST", f"{addresses['endpoint']}/v1/flux-2-pro", json={"prompt": "a cat"})
    assert (await call("GET", answer["polling_url"]))[1]["status"] == "Ready"
    _, journal = await call("GET", f"{addresses['endpoint']}/sandbox/calls")
    assert [entry["task"] for entry in journal["calls"]] == [answer["id"]]
    process.send_signal(number)
    assert await process.wait() == 0


async def test_the_port_is_the_submit_port_and_a_taken_one_is_an_error(process: asyncio.subprocess.Process) -> None:
    port = (await announced(process))["endpoint"].rpartition(":")[2]
    second = await asyncio.to_thread(
        subprocess.run, [*COMMAND, "--port", port], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.startswith("The sandbox cannot start:")
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("arguments", [["--duration", "-1"], ["--port", "70000"]])
def test_wrong_arguments_end_with_a_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    assert capsys.readouterr().err.startswith("The sandbox cannot start:")


async def test_settings_are_read_and_changed_over_http(client: Client) -> None:
    url, key = f"{client.sandbox.endpoint}/sandbox/settings", client.sandbox.key
    assert (await call("GET", url, key))[1]["duration"] == 4.0
    status, settings = await call("POST", url, key, json={"duration": 9, "faults": ["slow-sample=3"]})
    assert (status, settings["duration"], settings["faults"]) == (200, 9, ["slow-sample=3"])
    assert client.sandbox.settings.duration == 9


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"duration": "9"}', b'{"speed": 1}'])
async def test_wrong_settings_over_http_change_nothing(client: Client, body: bytes) -> None:
    before = client.sandbox.settings
    status, answer = await call("POST", f"{client.sandbox.endpoint}/sandbox/settings", client.sandbox.key, data=body)
    assert (status, isinstance(answer["detail"], str)) == (422, True)
    assert client.sandbox.settings == before


async def test_the_log_is_read_and_cleared_over_http(client: Client) -> None:
    url, key = f"{client.sandbox.endpoint}/sandbox/calls", client.sandbox.key
    await client.submit("flux-2-pro", prompt="a cat", webhook_secret="s")
    journal = (await call("GET", url, key))[1]
    assert set(journal) == {"calls", "polls", "downloads", "violations"}
    assert journal["calls"][0]["body"]["prompt"] == "a cat"
    assert journal["violations"][0]["kind"] == "webhook"
    assert await call("DELETE", url, key) == (200, {})
    assert client.sandbox.calls == []
