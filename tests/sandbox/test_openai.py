"""The sandbox as OpenAI: strict about what the service refuses, whole answers, streams, and other servers' habits."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from tools.sandbox import Sandbox
from tools.sandbox.faults import FAULTS

from .conftest import halves

NAMES = ("output_format", "size", "quality", "background")


@pytest.fixture
async def sandbox():
    async with Sandbox(duration=0.02) as running:
        yield running


class Caller:
    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox, self.session = sandbox, session
        self.headers = {"Authorization": f"Bearer {sandbox.key}"}

    async def generate(self, **body: Any) -> tuple[int, Any]:
        url = f"{self.sandbox.openai}/images/generations"
        async with self.session.post(url, json={"model": "gpt-image-2", **body}, headers=self.headers) as response:
            return response.status, await response.json()

    async def edit(self, *files: tuple[str, bytes, str], **fields: Any) -> tuple[int, Any]:
        form = aiohttp.FormData()
        for name, value in {"model": "gpt-image-2.6-flare", "prompt": "x", **fields}.items():
            form.add_field(name, str(value))
        for name, data, kind in files:
            form.add_field(name, data, filename=f"{name}.png", content_type=kind)
        url = f"{self.sandbox.openai}/images/edits"
        async with self.session.post(url, data=form, headers=self.headers) as response:
            return response.status, await response.json()

    async def stream(self, **body: Any) -> list[dict[str, Any]]:
        url, body = f"{self.sandbox.openai}/images/generations", {"model": "gpt-image-2", "stream": True, **body}
        async with self.session.post(url, json=body, headers=self.headers) as response:
            assert response.content_type == "text/event-stream"
            blocks = (await response.text()).strip().split("\n\n")
        return [json.loads(block.split("data: ", 1)[1]) for block in blocks]


@pytest.fixture
async def openai(sandbox):
    async with aiohttp.ClientSession() as session:
        yield Caller(sandbox, session)


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def layer(size: tuple[int, int], box: tuple[int, int, int, int]) -> bytes:
    """Opaque but for one transparent box."""
    image = Image.new("RGBA", size, (0, 0, 0, 255))
    image.paste((0, 0, 0, 0), box)
    return png(image)


def picture_of(answer: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(answer["data"][0]["b64_json"])))


PICTURE = png(halves(640, 480))


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_required_parameter", "prompt"),
        ({"prompt": "x" * 32_001}, "invalid_value", "prompt"),
        ({"prompt": "x", "response_format": "b64_json"}, "unknown_parameter", "response_format"),
        ({"prompt": "x", "style": "vivid"}, "unknown_parameter", "style"),
        ({"prompt": "x", "model": "dall-e-3"}, "model_not_found", None),
        ({"prompt": "x", "model": "gpt-image-1"}, "model_not_found", None),
        ({"prompt": "x", "size": "1000x1000"}, "invalid_value", "size"),
        ({"prompt": "x", "size": "512x512"}, "invalid_value", "size"),
        ({"prompt": "x", "size": "3840x1024"}, "invalid_value", "size"),
        ({"prompt": "x", "size": "1536x864", "model": "gpt-image-1.5"}, "invalid_value", "size"),
        ({"prompt": "x", "quality": "max"}, "invalid_value", "quality"),
        ({"prompt": "x", "quality": "hd"}, "invalid_value", "quality"),
        ({"prompt": "x", "background": "transparent", "output_format": "jpeg"}, "invalid_value", "background"),
        ({"prompt": "x", "output_compression": 5, "output_format": "png"}, "invalid_value", "output_compression"),
        ({"prompt": "x", "partial_images": 2}, "invalid_value", "partial_images"),
        ({"prompt": "x", "partial_images": 4, "stream": True}, "invalid_value", "partial_images"),
        ({"prompt": "x", "n": 2, "stream": True}, "invalid_value", "n"),
        ({"prompt": "x", "n": 11}, "invalid_value", "n"),
        ({"prompt": "x", "stream": "true"}, "invalid_value", "stream"),
        ({"prompt": "x", "complexity": "high"}, "unknown_parameter", "complexity"),
        ({"prompt": "x", "input_fidelity": "high"}, "unknown_parameter", "input_fidelity"),
        ({"prompt": "x [sandbox:nonsense]"}, "invalid_value", "prompt"),
    ],
)
async def test_what_the_service_refuses_is_refused(openai, body, code, param):
    status, answer = await openai.generate(**body)
    assert (status, answer["error"]["code"], answer["error"]["param"]) == (404 if param is None else 400, code, param)


@pytest.mark.parametrize(
    ("files", "fields", "code"),
    [
        ((("image", PICTURE, "application/octet-stream"),), {}, "unsupported_file_mimetype"),
        ((("image", b"no picture", "image/png"),), {}, "invalid_image_file"),
        ((("image", PICTURE, "image/png"), ("mask", PICTURE, "image/png")), {}, "invalid_mask_image_format"),
        (
            (("image", PICTURE, "image/png"), ("mask", layer((64, 64), (0, 0, 9, 9)), "image/png")),
            {},
            "invalid_mask_image_format",
        ),
        (
            (
                ("image", PICTURE, "image/png"),
                ("mask", layer((640, 480), (0, 0, 9, 9)), "image/png"),
                ("markup", layer((640, 480), (0, 0, 9, 9)), "image/png"),
            ),
            {},
            "invalid_value",
        ),
        (
            (("image", PICTURE, "image/png"), ("markup", layer((640, 480), (0, 0, 9, 9)), "image/png")),
            {"model": "gpt-image-2"},
            "unknown_parameter",
        ),
        (
            (("image", PICTURE, "image/png"),),
            {"model": "gpt-image-2", "input_fidelity": "high"},
            "invalid_input_fidelity_model",
        ),
        (
            (("image", PICTURE, "image/png"),),
            {"model": "gpt-image-1-mini", "input_fidelity": "high"},
            "invalid_input_fidelity_model",
        ),
        (tuple(("image[]", PICTURE, "image/png") for _ in range(17)), {}, "invalid_value"),
    ],
)
async def test_pictures_and_layers_are_looked_at(openai, files, fields, code):
    status, answer = await openai.edit(*files, **fields)
    assert (status, answer["error"]["code"]) == (400, code)


async def test_a_whole_answer_has_picture_facts_and_usage(openai, sandbox):
    status, answer = await openai.generate(prompt="a cat", size="1536x864", quality="low", output_format="webp")
    assert status == 200
    image = picture_of(answer)
    assert (image.size, image.format) == ((1536, 864), "WEBP")
    assert [answer[name] for name in NAMES] == ["webp", "1536x864", "low", "opaque"]
    used = answer["usage"]
    assert used["total_tokens"] == used["input_tokens"] + used["output_tokens"]
    assert used["output_tokens"] == round(272 * 1536 * 864 / 1024**2)
    assert sandbox.calls[0].body["prompt"] == "a cat"
    assert sandbox.key not in json.dumps(sandbox.state.journal.as_json())


async def test_only_where_the_mask_is_transparent_something_new_is_drawn(openai):
    mask = layer((640, 480), (100, 100, 400, 300))
    _, answer = await openai.edit(("image", PICTURE, "image/png"), ("mask", mask, "image/png"), size="1024x768")
    before = halves(640, 480).resize((1024, 768))
    changed = Image.composite(picture_of(answer).convert("RGB"), before, Image.new("L", before.size, 255))
    assert changed.getpixel((40, 40)) == pytest.approx(before.getpixel((40, 40)), abs=3)
    assert changed.getpixel((300, 300)) != before.getpixel((300, 300))


async def test_a_stream_sharpens_and_ends_with_the_finished_picture(openai):
    events = await openai.stream(prompt="a cat", partial_images=3)
    assert [event["type"].rpartition(".")[2] for event in events] == [*["partial_image"] * 3, "completed"]
    assert [event.get("partial_image_index") for event in events] == [0, 1, 2, None]
    assert "usage" in events[-1]
    assert "usage" not in events[0]


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("no-completed", ["partial_image"]),
        ("unknown-event", ["heartbeat", "partial_image", "completed"]),
        ("final-first", ["completed", "partial_image"]),
        ("error", ["partial_image", "error"]),
        ("content-moderated", ["partial_image", "error"]),
    ],
)
async def test_streams_go_wrong_as_asked(openai, fault, kinds):
    events = await openai.stream(prompt=f"x [sandbox:{fault}]", partial_images=1)
    assert [event["type"].rpartition(".")[2] for event in events] == kinds


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("unverified", 403, None),
        ("bad-parameter", 400, "invalid_value"),
        ("request-moderated=violence", 400, "moderation_blocked"),
        ("out-of-credits", 429, "insufficient_quota"),
        ("rate-limited", 429, "rate_limit_exceeded"),
        ("invalid-key", 401, "invalid_api_key"),
    ],
)
async def test_refusals_have_the_services_shape(openai, fault, status, code):
    found, answer = await openai.generate(prompt=f"x [sandbox:{fault}]")
    assert (found, answer["error"]["code"]) == (status, code)


async def test_a_stream_may_be_ignored_and_may_break(openai, sandbox):
    status, answer = await openai.generate(prompt="x [sandbox:json-instead]", stream=True)
    assert (status, picture_of(answer).size) == (200, (1024, 1024))
    with pytest.raises(aiohttp.ClientError):
        await openai.stream(prompt="x [sandbox:broken-stream]")


@pytest.mark.parametrize("name", [name for name, row in FAULTS.items() if row.stage == "openai"])
def test_every_fault_has_a_test(name):
    assert f'"{name}' in Path(__file__).read_text("utf-8") or f"sandbox:{name}]" in Path(__file__).read_text("utf-8")


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer no"}, {"x-key": "sandbox-key"}])
async def test_without_its_own_kind_of_key_nobody_gets_in(sandbox, openai, header):
    openai.headers = header
    status, answer = await openai.generate(prompt="x")
    assert (status, answer["error"]["code"]) == (401, "invalid_api_key")
    assert sandbox.calls == []


async def test_azure_wants_its_version_and_names_deployments(sandbox, openai):
    url, body = f"{sandbox.endpoint}/openai/deployments/mine/images/generations", {"prompt": "x", "model": "mine"}
    for query, expected in (("", 404), ("?api-version=2025-04-01-preview", 200)):
        async with openai.session.post(url + query, json=body, headers={"api-key": sandbox.key}) as response:
            assert response.status == expected


async def test_a_server_of_its_own_is_strict_and_may_answer_an_address(sandbox, openai):
    status, answer = await openai.generate(model="sandbox-diffusion", prompt="x", quality="high")
    assert (status, answer["detail"][0]["loc"]) == (422, ["body", "quality"])
    _, answer = await openai.generate(model="sandbox-diffusion", prompt="x [sandbox:answers-url]", size="512x256")
    async with openai.session.get(answer["data"][0]["url"]) as response:
        assert Image.open(io.BytesIO(await response.read())).size == (512, 256)
    assert sandbox.violations == []
