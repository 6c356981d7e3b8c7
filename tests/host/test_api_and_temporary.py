"""Answers outside a saved chat: the host's own API, and temporary chats that leave nothing behind."""

from __future__ import annotations

import base64
import io
import re

import pytest
from PIL import Image

from tools.stage import until

pytestmark = pytest.mark.host

LINK = re.compile(r"!\[[^\]]*\]\((/api/v1/files/[^)]+/content)\)")


def complete(studio, account, content, **more):
    body = {"model": "flux_studio.flux-2-pro", "messages": [{"role": "user", "content": content}], **more}
    return studio.host.session(account).post("/api/chat/completions", json=body)


def picture_uri(color):
    stream = io.BytesIO()
    Image.new("RGB", (320, 256), color).save(stream, "PNG")
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"


def test_an_api_caller_gets_links_and_the_caption(studio):
    account = studio.person("bob")
    answer = complete(studio, account, "an api windmill --n 2").json()
    text = answer["choices"][0]["message"]["content"]
    links = LINK.findall(text)
    assert len(links) == 2
    assert "FLUX.2" in text
    picture = studio.host.session(account).get(links[0])
    assert Image.open(io.BytesIO(picture.content)).size == (1024, 1024)


def test_an_api_caller_edits_a_data_uri(studio):
    parts = [
        {"type": "text", "text": "an api sky, edited"},
        {"type": "image_url", "image_url": {"url": picture_uri("blue")}},
    ]
    text = complete(studio, studio.person("bob"), parts).json()["choices"][0]["message"]["content"]
    assert "Edited your attached picture" in text
    (call,) = studio.sandbox.submitted("an api sky")
    assert "input_image" in call["body"]


@pytest.mark.parametrize("link", ["https://example.com/a.png", "file:///etc/passwd", "http://169.254.169.254/latest"])
def test_an_api_caller_cannot_make_the_server_fetch(studio, link):
    parts = [{"type": "text", "text": "a stolen page"}, {"type": "image_url", "image_url": {"url": link}}]
    answer = complete(studio, studio.person("bob"), parts)
    assert "root:" not in answer.text
    assert studio.sandbox.submitted("a stolen page") == []


def test_a_temporary_chat_shows_the_picture_and_keeps_no_prompt(studio, window):
    window.new_chat("flux_studio.flux-2-pro", temporary=True)
    window.ask("a passing cloud nobody remembers")
    assert window.pictures(count=1) == [(1024, 1024)]
    rows = until(lambda: studio.jobs("chat like 'temporary:%' or chat like 'local:%'"))
    assert "passing cloud" not in str(rows)
    window.ask("make it pink, briefly")
    (call,) = studio.sandbox.submitted("make it pink, briefly")
    assert "input_image" in call["body"]
