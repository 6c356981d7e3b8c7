"""OpenAI's models over real sockets: generate, edit, mask, stream, every trap and fault; runs with both SDK majors."""

import io
import json
import time
from dataclasses import replace

import numpy
import pytest
from PIL import Image

from flux_studio.catalog import CARDS, card
from flux_studio.catalog.check import check
from flux_studio.errors import (
    AuthenticationFailed,
    ConfigurationError,
    InvalidRequest,
    JobLost,
    JobTimeout,
    MaybeSubmitted,
    OutOfCredits,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnexpectedResponse,
)
from flux_studio.imaging import inspect
from flux_studio.imaging.area import Box, plan_area
from flux_studio.imaging.edit import request_for
from flux_studio.imaging.masks import from_array
from flux_studio.imaging.paste import paste_back
from flux_studio.providers import openai as module
from flux_studio.providers import provider
from flux_studio.settings import Secret
from flux_studio.types import Picture, Running, Size, Succeeded
from tools.sandbox.openai_rules import MODELS, size_allowed

from .conftest import a_picture
from .openai_desk import a_wish

CURRENT = [row for row in CARDS.values() if row.provider == "openai" and row.state == "current"]
by_model = pytest.mark.parametrize("row", CURRENT, ids=[row.name for row in CURRENT])


def body_of(sandbox):
    (call,) = sandbox.calls
    assert sandbox.violations == []
    return call.body


def alpha_of(picture):
    return numpy.asarray(Image.open(io.BytesIO(picture.data)).convert("RGBA"))[..., 3]


def transparent_png(width, height, box):
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), box)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return Picture(data=buffer.getvalue(), mime="image/png", width=width, height=height)


# ---- what is sent


async def test_a_new_picture_comes_with_previews_and_its_bill(openai_desk, sandbox):
    context = openai_desk.context()
    states = await openai_desk.run(a_wish("a lighthouse"), context)
    assert [type(state) for state in states] == [Running, Running, Running, Succeeded]
    assert [state.preview is not None for state in states[:-1]] == [False, True, True]
    assert states[1].preview.size == Size(width=1024, height=1024)
    assert 0 < states[1].progress < states[2].progress < 1
    result = states[-1].result
    assert result.pictures[0].mime == "image/png"
    assert (result.cost.currency, result.cost.exact) == ("USD", True)
    # 4 letters a token, 1056 tokens and 2 previews: the sandbox counts as the service publishes it
    assert result.cost.amount == pytest.approx((3 * 5 + (1056 + 200) * 30) / 1e6)
    assert result.request_id.startswith("req_")
    assert result.notes == ("sandbox",)
    assert context.marks == ["submitting", "submitted", "downloading"]
    sent = body_of(sandbox)
    assert set(sent) == {"model", "prompt", "output_format", "stream", "partial_images", "safety_identifier"}


async def test_only_a_hash_of_the_person_leaves_and_nothing_about_this_system(openai_desk, sandbox):
    await openai_desk.run(a_wish())
    (call,) = sandbox.calls
    assert call.body["safety_identifier"] not in ("", openai_desk.context().user)
    assert openai_desk.context().user not in json.dumps(call.body)
    assert not [name for name in call.headers if name.startswith(("x-stainless", "openai-"))]
    assert call.headers["user-agent"].startswith("flux-studio/")


async def test_nothing_of_the_servers_environment_leaks_in(openai_desk, sandbox, monkeypatch):
    leaks = {
        "OPENAI_API_KEY": "sk-of-the-host",
        "OPENAI_ORG_ID": "org-of-the-host",
        "OPENAI_PROJECT_ID": "project-of-the-host",
        "OPENAI_BASE_URL": sandbox.elsewhere,
        "OPENAI_CUSTOM_HEADERS": "x-of-the-host: 1",
        "HTTP_PROXY": sandbox.elsewhere,
        "ALL_PROXY": sandbox.elsewhere,
    }
    for name, value in leaks.items():
        monkeypatch.setenv(name, value)
    await openai_desk.run(a_wish())
    assert "of-the-host" not in json.dumps(dict(sandbox.calls[0].headers))
    assert body_of(sandbox)["prompt"] == "a red fox"


@pytest.mark.parametrize(
    ("wish", "sent"),
    [
        ({"options": {"quality": "high"}}, {"quality": "high"}),
        ({"options": {"background": "transparent"}, "format": "webp"}, {"background": "transparent"}),
        ({"options": {"compression": 40}, "format": "jpeg"}, {"output_compression": 40, "output_format": "jpeg"}),
        ({"options": {"previews": 0}}, {"partial_images": 0, "stream": True}),
        ({"options": {"moderation": "low"}}, {"moderation": "low"}),
        ({"size": Size(width=1536, height=864)}, {"size": "1536x864"}),
        ({"model": "gpt-image-2.6-flare", "options": {"complexity": "high", "quality": "max"}}, {"complexity": "high"}),
    ],
)
async def test_what_was_chosen_is_sent_in_the_providers_names(openai_desk, sandbox, wish, sent):
    result = await openai_desk.result(a_wish(**wish), openai_desk.context(safety_tolerance=6))
    assert sent.items() <= body_of(sandbox).items()
    assert result.pictures[0].mime == f"image/{wish.get('format', 'png')}"


async def test_the_admins_bound_of_moderation_holds_at_the_last_door(openai_desk, sandbox):
    await openai_desk.run(a_wish(options={"moderation": "low"}), openai_desk.context(safety_tolerance=2))
    assert body_of(sandbox)["moderation"] == "auto"


async def test_a_transparent_background_stays_transparent(openai_desk):
    result = await openai_desk.result(a_wish(options={"background": "transparent"}, format="jpeg"))
    assert result.pictures[0].mime == "image/png"
    assert alpha_of(result.pictures[0]).min() == 0


@by_model
async def test_every_model_takes_all_its_options_for_new_pictures_and_edits(openai_desk, sandbox, row):
    assert row.name in MODELS
    options = {spec.name: spec.choices[-1] for spec in row.options if spec.choices}
    for pictures in ((), (a_picture(),)):
        wish = a_wish(model=row.name, options=options, pictures=pictures, task="edit" if pictures else "generate")
        request = check(row, wish, safety_cap=6).request
        await openai_desk.run(request, openai_desk.context(safety_tolerance=6))
    assert [call.status for call in sandbox.calls] == [200, 200]


@by_model
@pytest.mark.parametrize("aspect", ["1:1", "16:9", "9:16", "3:1", "1:3", "4:3", "21:9"])
def test_every_ratio_becomes_a_size_the_service_takes(row, aspect):
    size = check(row, a_wish(model=row.name, aspect=aspect), safety_cap=2).request.size
    assert size_allowed(f"{size.width}x{size.height}", MODELS[row.name])


# ---- pictures in


async def test_sixteen_pictures_travel_in_their_order(openai_desk, sandbox):
    pictures = tuple(a_picture(width=64 + number) for number in range(16))
    await openai_desk.run(a_wish(task="edit", pictures=pictures))
    sent = body_of(sandbox)
    assert [picture["width"] for picture in sent["image"]] == list(range(64, 80))
    assert {picture["mime"] for picture in sent["image"]} == {"image/png"}


async def test_an_edit_shows_the_picture_it_was_given(openai_desk):
    red = a_picture(width=512, height=512, colour=(220, 20, 20))
    states = await openai_desk.run(a_wish("brighter", task="edit", pictures=(red,)))
    assert sum(isinstance(state, Running) and state.preview is not None for state in states) == 2
    pixels = numpy.asarray(Image.open(io.BytesIO(states[-1].result.pictures[0].data)).convert("RGB"))
    assert pixels[..., 0].mean() > pixels[..., 1].mean() + 50


@pytest.mark.parametrize("model", ["gpt-image-2.5-sunburst", "gpt-image-1.5"])
async def test_only_the_masked_part_reaches_the_picture(openai_desk, sandbox, model):
    sandbox.change(edit_shift=2.5)
    size, painted = Size(width=900, height=640), Box(x=300, y=200, width=220, height=160)
    coarse = numpy.random.default_rng(8).integers(0, 256, (64, 90, 3), dtype=numpy.uint8)
    buffer = io.BytesIO()
    Image.fromarray(coarse).resize((size.width, size.height), Image.Resampling.BICUBIC).save(buffer, "PNG")
    picture = inspect(buffer.getvalue())
    values = numpy.zeros((size.height, size.width), numpy.uint8)
    values[painted.y : painted.bottom, painted.x : painted.right] = 255
    mask, row = from_array(values), card(model)
    area = plan_area(size, painted, row)
    wish = a_wish("a boat", task="inpaint", model=model, format="png")
    result = await openai_desk.result(check(row, request_for(wish, picture, mask, area, row), safety_cap=2).request)
    sent = body_of(sandbox)
    assert (sent["mask"]["width"], sent["mask"]["height"]) == (sent["image"][0]["width"], sent["image"][0]["height"])
    assert sent["size"] == f"{area.sent.width}x{area.sent.height}"
    pasted = paste_back(picture, result.pictures[0], mask, area)
    before, after = (
        numpy.asarray(Image.open(io.BytesIO(each.data)).convert("RGB")) for each in (picture, pasted.picture)
    )
    changed = (before != after).any(axis=2)
    assert not changed[values == 0].any()
    assert changed[values == 255].mean() > 0.5
    assert pasted.changed == 0


@by_model
@pytest.mark.parametrize(
    ("width", "height", "box"),
    [
        (6000, 4000, (2400, 1400, 1096, 1096)),
        (300, 2400, (10, 10, 280, 2380)),
        (700, 200, (0, 0, 700, 200)),
        (90, 80, (5, 5, 20, 20)),
    ],
)
def test_every_work_area_has_a_size_the_service_takes(row, width, height, box):
    x, y, across, down = box
    area = plan_area(Size(width=width, height=height), Box(x=x, y=y, width=across, height=down), row)
    assert size_allowed(f"{area.sent.width}x{area.sent.height}", MODELS[row.name])
    assert abs(area.sent.width / area.sent.height - area.box.width / area.box.height) < 0.02


async def test_a_drawing_over_the_picture_is_sent_beside_it(openai_desk, sandbox):
    model, picture = "gpt-image-2.6-sunburst", a_picture(width=640, height=480)
    markup = transparent_png(640, 480, (100, 100, 300, 200))
    wish = a_wish("a boat here", task="edit", model=model, pictures=(picture,), markup=markup)
    states = await openai_desk.run(check(card(model), wish, safety_cap=2).request)
    assert sum(isinstance(state, Running) and state.preview is not None for state in states) == 2
    sent = body_of(sandbox)
    assert (sent["markup"]["width"], sent["markup"]["height"]) == (640, 480)
    assert len(sent["image"]) == 1


@pytest.mark.parametrize(
    ("model", "changes", "sentence"),
    [
        ("gpt-image-2", {}, "takes no drawing over the picture"),
        ("gpt-image-2.6-flare", {"markup": transparent_png(64, 64, (1, 1, 5, 5))}, "96 × 80"),
        ("gpt-image-2.6-flare", {"mask": from_array(numpy.full((80, 96), 255))}, "not both"),
    ],
)
def test_a_drawing_that_cannot_be_sent_gets_a_sentence(model, changes, sentence):
    usual = {"task": "edit", "pictures": (a_picture(),), "markup": transparent_png(96, 80, (1, 1, 5, 5))}
    with pytest.raises(InvalidRequest, match=sentence):
        check(card(model), a_wish(model=model, **{**usual, **changes}), safety_cap=2)


# ---- what goes wrong


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        ("invalid-key", AuthenticationFailed, "did not accept the API key"),
        ("unverified", AuthenticationFailed, "verified organisation"),
        ("out-of-credits", OutOfCredits, "no credits left"),
        ("request-moderated=sexual, violence", Refused, "sexual, violence"),
        ("content-moderated=sexual", Refused, "withheld the output: sexual"),
        ("bad-parameter", InvalidRequest, "does not accept quality"),
        ("server-error", Unavailable, "HTTP 500"),
        ("unavailable", Unavailable, "HTTP 503"),
        ("connection-reset", MaybeSubmitted, "may have been billed"),
        ("broken-stream", MaybeSubmitted, "may have been billed"),
        ("no-completed", UnexpectedResponse, "ended without a picture"),
        ("error", ProviderError, "stopped in the middle"),
    ],
)
async def test_every_failure_is_one_sentence_and_sent_once(openai_desk, sandbox, fault, error, says):
    context = openai_desk.context()
    with pytest.raises(error, match=says):
        await openai_desk.run(a_wish(f"a lamp [sandbox:{fault}]"), context)
    assert len(sandbox.calls) == 1
    assert context.marks == ["submitting"]


@pytest.mark.parametrize(
    "fault", ["invalid-key", "out-of-credits", "request-moderated=violence", "connection-reset", "content-moderated"]
)
async def test_edits_fail_in_the_same_words(openai_desk, sandbox, fault):
    with pytest.raises(ProviderError if fault not in ("request-moderated=violence", "content-moderated") else Refused):
        await openai_desk.run(a_wish(f"a lamp [sandbox:{fault}]", task="edit", pictures=(a_picture(),)))
    assert len(sandbox.calls) == 1


async def test_what_surely_did_not_run_is_sent_again(openai_desk, sandbox):
    context = openai_desk.context()
    states = await openai_desk.run(a_wish("a lamp [sandbox:rate-limited=2]"), context)
    assert isinstance(states[-1], Succeeded)
    assert context.marks[:3] == ["submitting"] * 3
    assert context.waits == [1.0, 1.0]


async def test_a_limit_that_stays_is_told_after_the_allowed_repetitions(openai_desk, sandbox):
    with pytest.raises(RateLimited):
        await openai_desk.run(a_wish("a lamp [sandbox:rate-limited]"), openai_desk.context(max_retries=2))
    assert len(sandbox.calls) == 3


async def test_a_wrong_key_in_the_valve_is_told(openai_desk):
    with pytest.raises(AuthenticationFailed):
        await openai_desk.run(a_wish(), openai_desk.context(openai_key=Secret("sk-another")))


@pytest.mark.parametrize("fault", ["json-instead", "unknown-event", "final-first"])
async def test_unusual_streams_still_give_the_picture(openai_desk, fault):
    states = await openai_desk.run(a_wish(f"a lamp [sandbox:{fault}]"))
    assert isinstance(states[-1], Succeeded)
    assert states[-1].result.cost.exact


async def test_a_picture_that_is_late_is_told_and_not_repeated(openai_desk, sandbox, monkeypatch):
    monkeypatch.setattr(module, "LEAST_PATIENCE", 0.4)
    started = time.monotonic()
    with pytest.raises(JobTimeout, match="may have been billed and is not repeated") as caught:
        await openai_desk.run(a_wish("a lamp [sandbox:slow=20]"), openai_desk.context(seconds=0.2))
    assert caught.value.handle is None
    assert time.monotonic() - started < 15
    assert len(sandbox.calls) == 1


async def test_a_picture_gets_minutes_even_where_flux_has_seconds(openai_desk):
    assert module.LEAST_PATIENCE >= 300
    states = await openai_desk.run(a_wish("a lamp [sandbox:slow=1]"), openai_desk.context(seconds=0.1))
    assert isinstance(states[-1], Succeeded)


async def test_nobody_there(openai_desk, sandbox):
    with pytest.raises(Unavailable, match="could not be reached; nothing was started"):
        await openai_desk.run(a_wish(), openai_desk.context(openai_base_url="http://127.0.0.1:9/v1", max_retries=1))
    assert sandbox.calls == []


@pytest.mark.parametrize("address", ["http://10.0.0.1/v1", "https://api.openai.com/v1"])
async def test_the_test_environment_refuses_every_other_host(openai_desk, address):
    with pytest.raises(ConfigurationError, match="FLUX_ENV"):
        await openai_desk.run(a_wish(), openai_desk.context(openai_base_url=address))


@pytest.mark.parametrize(
    ("key", "sentence"), [("", "There is no key for OpenAI yet"), ("sk a b", "has blanks or line breaks")]
)
async def test_without_a_usable_key_nothing_is_sent(openai_desk, sandbox, key, sentence):
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        await openai_desk.run(a_wish(), openai_desk.context(openai_key=Secret(key)))
    assert not key or key not in caught.value.sentence
    assert sandbox.calls == []


async def test_no_model_of_that_name(openai_desk):
    with pytest.raises(ConfigurationError, match="does not offer GPT Image 2 at this address"):
        await openai_desk.run(a_wish(), openai_desk.context(openai_names={"gpt-image-2": "gpt-image-9"}))


async def test_a_job_ends_with_its_call(openai_desk):
    context = openai_desk.context()
    await openai_desk.run(a_wish(), context)
    service = provider("openai")
    assert service.resume_by == "nothing"
    assert await service.cancel(context.handle, context) is False
    with pytest.raises(JobLost, match="may have been billed"):
        service.resume(context.handle, card("gpt-image-2"), context)


# ---- other servers


@pytest.mark.parametrize("place", ["", "/openai", "/openai/v1"])
async def test_azure_in_both_forms(openai_desk, sandbox, place):
    context = openai_desk.context(
        openai_base_url=f"{sandbox.endpoint}{place}", openai_server="azure", openai_names={"gpt-image-2": "gpt-image-2"}
    )
    for pictures in ((), (a_picture(),)):
        result = await openai_desk.result(a_wish(pictures=pictures, task="edit" if pictures else "generate"), context)
        assert result.pictures[0].mime == "image/png"
    path = "/openai/v1/images" if place.endswith("v1") else "/openai/deployments/gpt-image-2/images"
    assert [call.endpoint for call in sandbox.calls] == [f"{path}/generations", f"{path}/edits"]
    assert "user" in sandbox.calls[0].body
    assert "authorization" not in sandbox.calls[0].headers


SERVER = {"openai_server": "other", "openai_names": {"openai-server": "sandbox-diffusion"}}


@pytest.mark.parametrize("kind", ["other", "vllm-omni", "localai"])
async def test_a_server_with_its_own_model_gets_only_what_it_knows(openai_desk, sandbox, kind):
    context = openai_desk.context(**{**SERVER, "openai_server": kind})
    wish = a_wish(model="openai-server", size=Size(width=512, height=512))
    result = await openai_desk.result(wish, context)
    sent = body_of(sandbox)
    assert sent == {
        "model": "sandbox-diffusion",
        "prompt": "a red fox",
        "size": "512x512",
        "response_format": "b64_json",
    }
    assert result.cost is None
    assert not [mark for mark in context.marks if mark == "resumed"]


async def test_an_answered_address_is_fetched_without_the_key(openai_desk, sandbox):
    wish = a_wish("a lamp [sandbox:answers-url]", model="openai-server")
    result = await openai_desk.result(wish, openai_desk.context(**SERVER))
    assert result.pictures[0].size == Size(width=1024, height=1024)
    (download,) = sandbox.downloads
    assert download.path.startswith("/generated-images/")
    assert sandbox.violations == []


async def test_an_answered_address_elsewhere_is_not_fetched(openai_desk, sandbox):
    context = openai_desk.context(**SERVER, trusted_hosts=frozenset())
    with pytest.raises(UnexpectedResponse, match="named a host inside this network"):
        await openai_desk.run(a_wish("a lamp [sandbox:answers-url]", model="openai-server"), context)
    assert sandbox.downloads == []


async def test_a_server_without_edits_says_so(openai_desk, sandbox):
    context = openai_desk.context(**{**SERVER, "openai_server": "localai"})
    with pytest.raises(InvalidRequest, match="LocalAI takes no pictures"):
        await openai_desk.run(a_wish(model="openai-server", task="edit", pictures=(a_picture(),)), context)
    assert sandbox.calls == []


async def test_a_server_without_a_name_for_its_model_says_which_valve(openai_desk):
    with pytest.raises(ConfigurationError, match="OPENAI_MODEL_NAMES"):
        await openai_desk.run(a_wish(model="openai-server"), openai_desk.context(openai_server="other"))


async def test_a_server_that_answers_no_picture_at_all(openai_desk):
    with pytest.raises(UnexpectedResponse, match="ended without a picture"):
        await openai_desk.run(a_wish("x [sandbox:no-sample]", model="openai-server"), openai_desk.context(**SERVER))


async def test_fastapi_faults_are_told_in_their_words(openai_desk):
    context = openai_desk.context(openai_names={"gpt-image-2": "sandbox-diffusion"})
    with pytest.raises(ProviderError, match=r"body\.output_format: Extra inputs are not permitted"):
        await openai_desk.run(a_wish(), context)


async def test_litellm_gets_the_options_but_no_stream(openai_desk, sandbox):
    states = await openai_desk.run(a_wish(options={"quality": "low"}), openai_desk.context(openai_server="litellm"))
    assert [type(state) for state in states] == [Running, Succeeded]
    assert {"quality": "low", "output_format": "png"}.items() <= body_of(sandbox).items()
    assert not {"stream", "partial_images"} & set(body_of(sandbox))


async def test_a_keyless_server_gets_no_key(openai_desk, sandbox):
    context = openai_desk.context(**SERVER, openai_key=Secret())
    with pytest.raises(AuthenticationFailed):  # the sandbox wants one
        await openai_desk.run(a_wish(model="openai-server"), context)


async def test_the_same_order_costs_what_was_estimated_for_it(openai_desk):
    from flux_studio.catalog.price import price

    wish = a_wish(options={"quality": "high", "previews": 2}, size=Size(width=1024, height=1024))
    told = price(card("gpt-image-2"), wish)
    bill = (await openai_desk.result(wish)).cost
    assert told.amount == pytest.approx(bill.amount, rel=0.02)
    assert (told.exact, bill.exact) == (False, True)
    assert price(card("gpt-image-2"), replace(wish, count=3)).amount == pytest.approx(3 * told.amount, rel=0.01)
