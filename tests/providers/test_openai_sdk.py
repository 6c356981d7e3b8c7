"""What the openai SDK of the host makes of an order, request by request, without any socket."""

from __future__ import annotations

import json

import openai
import pytest
import respx

from flux_studio.providers import openai_errors, openai_sdk
from flux_studio.providers.openai_answers import read_answer, read_usage
from flux_studio.providers.openai_request import Order, mask_png
from flux_studio.providers.openai_servers import PROFILES, Connection
from flux_studio.types import Mask, Request, Size

PLACE = Connection(base_url="https://images.example/v1", query={}, headers={}, model="gpt-image-2")
PART = ("picture-1.png", b"not really a png", "image/png")
WHOLE = {"created": 1, "data": [{"b64_json": "QUJD"}]}


class Mocked:
    """A router of respx in the place of the connection."""

    def __init__(self) -> None:
        self.router = respx.Router(assert_all_called=False)
        self.transport = openai_sdk.http_library(openai).MockTransport(self._handle)
        self.transport.answered = {}

    async def _handle(self, request):
        response = await self.router.async_handler(request)
        self.transport.answered = {name.lower(): value for name, value in response.headers.items()}
        return response

    async def send(self, order):
        async with openai_sdk.opened(openai, PLACE, self.transport) as client:
            return await openai_sdk.send(client, order, self.transport)


@pytest.fixture
def mocked():
    return Mocked()


def an_order(**changes):
    return Order(**{"fields": {"model": "gpt-image-2", "prompt": "x"}, **changes})


async def test_generations_are_json_and_unknown_arguments_travel_with_them(mocked):
    route = mocked.router.post("https://images.example/v1/images/generations").respond(json=WHOLE)
    fields = {"model": "m", "prompt": "x", "quality": "xhigh", "complexity": "high", "safety_identifier": "h"}
    assert read_answer(await mocked.send(an_order(fields=fields))).base64 == "QUJD"
    assert json.loads(route.calls.last.request.content) == fields


async def test_several_pictures_and_a_mask_are_parts_of_a_form(mocked):
    route = mocked.router.post("https://images.example/v1/images/edits").respond(json=WHOLE)
    await mocked.send(an_order(pictures=(PART, PART), mask=("mask.png", b"mask", "image/png")))
    body = route.calls.last.request.content
    assert body.count(b'name="image[]"; filename="picture-1.png"') == 2
    assert body.count(b"Content-Type: image/png") == 3
    assert b'name="mask"; filename="mask.png"' in body
    assert b'name="prompt"' in body


async def test_markup_is_a_part_of_its_own(mocked):
    route = mocked.router.post("https://images.example/v1/images/edits").respond(json=WHOLE)
    fields = {"model": "m", "prompt": "x", "complexity": "low"}
    await mocked.send(an_order(fields=fields, pictures=(PART,), markup=("markup.png", b"m", "image/png")))
    body = route.calls.last.request.content
    assert b'name="markup"; filename="markup.png"' in body
    assert b'name="complexity"' in body


async def test_a_call_is_never_repeated_by_the_sdk_itself(mocked):
    route = mocked.router.post("https://images.example/v1/images/generations").respond(
        500, headers={"x-should-retry": "true"}
    )
    with pytest.raises(openai.InternalServerError):
        await mocked.send(an_order())
    assert route.call_count == 1


async def test_what_breaks_while_a_stream_is_read_escapes_as_the_librarys_error(mocked):
    library = openai_sdk.http_library(openai)

    async def broken():
        yield b"event: x\n"
        raise library.ReadTimeout("slow")

    answer = library.Response(200, headers={"content-type": "text/event-stream"}, content=broken())
    mocked.router.post("https://images.example/v1/images/generations").mock(return_value=answer)
    async with openai_sdk.opened(openai, PLACE, mocked.transport) as client:
        stream = await openai_sdk.send(client, an_order(streams=True), mocked.transport)
        with pytest.raises(library.HTTPError):
            [event async for event in openai_sdk.events(stream)]


async def test_a_page_in_place_of_a_stream_is_no_answer(mocked):
    mocked.router.post("https://images.example/v1/images/generations").respond(html="<p>Sign in</p>")
    assert await mocked.send(an_order(streams=True)) is None


# ---- reading


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"data": [{"b64_json": "QUJD"}]}, ("QUJD", "")),
        ({"data": [{"url": "https://x/y.png"}]}, ("", "https://x/y.png")),
        ({"data": [{"url": "data:image/png;base64,QUJD"}]}, ("QUJD", "")),
    ],
)
def test_where_the_picture_is(body, found):
    delivered = read_answer(body)
    assert (delivered.base64, delivered.url) == found


@pytest.mark.parametrize(
    "body", [None, "text", {}, {"data": None}, {"data": []}, {"data": ["x"]}, {"data": [{"b64_json": 5}]}]
)
def test_no_picture_is_none(body):
    assert read_answer(body) is None


@pytest.mark.parametrize(
    "usage", [None, 5, {}, {"input_tokens": "7", "output_tokens": 1}, {"input_tokens": 1, "output_tokens": -1}]
)
def test_nonsense_is_no_bill(usage):
    assert read_usage(usage) is None


def test_without_details_the_dearer_kind_counts():
    usage = read_usage({"input_tokens": 10, "output_tokens": 20})
    assert (usage.text_in, usage.image_in, usage.out) == (0, 10, 20)


class Failed(Exception):
    """An error with the fields of the SDK's."""

    def __init__(self, **fields):
        super().__init__("the whole body")
        self.__dict__.update(fields)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"status_code": 400, "code": "content_filter", "body": {}}, "Refused"),
        (
            {
                "status_code": 400,
                "code": "BadRequest",
                "body": {"innererror": {"code": "ResponsibleAIPolicyViolation"}},
            },
            "Refused",
        ),
        ({"status_code": 400, "code": None, "type": "image_generation_user_error", "body": {}}, "ProviderError"),
        ({"status_code": 400, "code": "billing_hard_limit_reached", "body": {}}, "OutOfCredits"),
        ({"status_code": 404, "code": None, "body": "<html>"}, "ConfigurationError"),
        ({"status_code": 418, "code": None, "body": None}, "UnexpectedResponse"),
        ({"code": "moderation_blocked", "body": {"message": "safety_violations=[violence]"}}, "Refused"),
    ],
)
def test_a_code_decides_then_the_status_and_never_the_words(fields, kind):
    from flux_studio.catalog import card

    said = openai_errors.read(Failed(**fields), 0.0)
    speaker = openai_errors.Speaker(label="OpenAI", card=card("gpt-image-2"))
    error = openai_errors.studio_error(said, speaker)
    assert type(error).__name__ == kind
    assert "<" not in error.sentence


def test_a_mask_is_transparent_where_it_repaints_and_as_large_as_the_picture():
    from io import BytesIO

    from PIL import Image

    request = Request(task="inpaint", model="m", prompt="", mask=Mask(data=bytes([255, 0, 128, 0]), width=2, height=2))
    image = Image.open(BytesIO(mask_png(request, Size(width=2, height=2))))
    assert (image.mode, image.getchannel("A").tobytes()) == ("RGBA", bytes([0, 255, 127, 255]))
    assert Image.open(BytesIO(mask_png(request, Size(width=64, height=48)))).size == (64, 48)


def test_a_soft_mask_above_the_cap_becomes_a_hard_one():
    import numpy

    noise = numpy.random.default_rng(1).integers(0, 256, (2400, 2400), dtype=numpy.uint8)
    noise[:1200] //= 4  # the noisy half is below one half everywhere
    noise[1200:] = 255 - noise[:1200]
    mask = Mask(data=noise.tobytes(), width=2400, height=2400)
    request = Request(task="inpaint", model="m", prompt="", mask=mask)
    assert len(mask_png(request, Size(width=2400, height=2400))) < 4 * 1024 * 1024


def test_every_kind_of_server_can_be_chosen_in_the_valve():
    from typing import get_args

    from flux_studio.valves import PipeValves

    choices = get_args(PipeValves.model_fields["OPENAI_SERVER"].annotation)
    assert set(choices) == {"auto", *PROFILES}
