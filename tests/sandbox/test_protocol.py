"""The protocol over real sockets: keys, bodies, limits, polling, delivery."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import uuid
from urllib.parse import parse_qsl, urlsplit

import pytest
from PIL import Image

from tools.sandbox import Sandbox
from tools.sandbox.endpoints import load_endpoints
from tools.sandbox.finetunes import OLD_FINETUNE, UPLOADED_LORA
from tools.sandbox.settings import SettingError

from .conftest import Client, Clock, encoded, halves

NOT_AUTHENTICATED = {"detail": "Not authenticated - Invalid Authentication"}
RESULT_KEYS = {
    "flux-2-pro": ["start_time", "prompt", "seed", "sample"],
    "flux-dev": ["sample", "prompt", "seed", "start_time", "end_time", "duration"],
    "flux-kontext-pro": ["sample", "prompt", "seed", "start_time", "end_time", "duration"],
}


@pytest.mark.parametrize("key", [None, "wrong", "sandbox-key2", "schlüssel"])
@pytest.mark.parametrize("path", ["/v1/flux-2-pro", "/v1/nothing", "/v1/credits", "/sandbox/calls", "/"])
async def test_the_key_is_checked_before_anything_else(client: Client, path: str, key: str | None) -> None:
    method = "POST" if path.startswith("/v1/flux") else "GET"
    headers = {"x-key": key} if key else {}
    url = client.sandbox.endpoint + path
    async with client.session.request(method, url, headers=headers, data=b"no json") as response:
        assert (response.status, await response.json()) == (403, NOT_AUTHENTICATED)
        assert response.headers["x-flux-studio-sandbox"] == "1"
    assert client.sandbox.calls == []


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("POST", "/v1/flux-9", 404, "Not Found"),
        ("POST", "/v1/finetune", 404, "Not Found"),
        ("GET", "/v1/models", 404, "Not Found"),
        ("GET", "/v1/flux-2-pro", 405, "Method Not Allowed"),
        ("GET", "/nothing", 404, "Not Found"),
    ],
)
async def test_unknown_paths(client: Client, method: str, path: str, status: int, detail: str) -> None:
    headers = {"x-key": client.sandbox.key}
    async with client.session.request(method, client.sandbox.endpoint + path, headers=headers) as response:
        assert (response.status, await response.json()) == (status, {"detail": detail})


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe{}", b"[" * 100_000, b'{"seed": ' + b"9" * 5000 + b"}"])
async def test_a_body_that_is_no_json(client: Client, body: bytes) -> None:
    url = f"{client.sandbox.endpoint}/v1/flux-2-pro"
    response, text = await client.request(url, "POST", client.sandbox.key, data=body)
    assert response.status == 422
    assert b"json_invalid" in text


async def test_an_invalid_body_is_a_422_list_and_costs_nothing(client: Client) -> None:
    status, answer = await client.submit("flux-pro-1.1", prompt="x", width=1080)
    assert status == 422
    assert answer["detail"] == [
        {"loc": ["body", "width"], "msg": "Input should be a multiple of 32", "type": "multiple_of"}
    ]
    assert client.sandbox.settings.balance == 1000.0


async def test_submit_answer_of_flux_2(client: Client) -> None:
    status, answer = await client.submit("flux-2-pro", prompt="a cat", width=256, height=256)
    assert status == 200
    assert list(answer) == ["id", "polling_url", "cost", "input_mp", "output_mp"]
    assert uuid.UUID(answer["id"]).version == 4
    assert answer["polling_url"] == f"{client.sandbox.polling}/v1/get_result?id={answer['id']}"
    assert (answer["cost"], answer["input_mp"], answer["output_mp"]) == (3.0, 0.0, 0.06)
    assert client.sandbox.settings.balance == 997.0


async def test_flux_1_reports_no_cost_but_is_billed(client: Client) -> None:
    _, answer = await client.submit("flux-pro-1.1", prompt="a cat")
    assert (answer["cost"], answer["input_mp"], answer["output_mp"]) == (None, None, None)
    response, text = await client.request(f"{client.sandbox.endpoint}/v1/credits", key=client.sandbox.key)
    assert (response.status, text) == (200, b'{"credits": 996.0}')


async def test_the_five_origins_differ(sandbox: Sandbox) -> None:
    origins = [sandbox.endpoint, sandbox.polling, sandbox.delivery, sandbox.elsewhere, sandbox.regional]
    assert len(set(origins)) == 5
    assert sandbox.trusted_hosts == (urlsplit(sandbox.polling).netloc, urlsplit(sandbox.delivery).netloc)


async def test_flux_2_is_pending_without_progress_until_its_time(client: Client, clock: Clock) -> None:
    _, answer = await client.submit("flux-2-pro", prompt="a cat")
    clock.advance(3.9)
    _, waiting = await client.poll(answer["polling_url"])
    assert waiting == {
        "id": answer["id"],
        "status": "Pending",
        "result": None,
        "progress": None,
        "details": None,
        "preview": None,
    }
    clock.advance(0.1)
    _, ready = await client.poll(answer["polling_url"])
    assert ready["status"] == "Ready"


async def test_progress_of_flux_1_rises_in_tenths_and_is_null_at_the_end(client: Client, clock: Clock) -> None:
    _, answer = await client.submit("flux-dev", prompt="a cat")
    seen = []
    for _ in range(5):
        seen.append((await client.poll(answer["polling_url"]))[1]["progress"])
        clock.advance(1.0)
    assert seen == [0.0, 0.2, 0.5, 0.7, None]


async def test_pending_polls_hold_a_task_back_whatever_the_time(client: Client, clock: Clock) -> None:
    client.sandbox.change(pending_polls=2)
    _, answer = await client.submit("flux-2-pro", prompt="a cat")
    clock.advance(60)
    states = [(await client.poll(answer["polling_url"]))[1]["status"] for _ in range(3)]
    assert states == ["Pending", "Pending", "Ready"]


@pytest.mark.parametrize(("name", "keys"), RESULT_KEYS.items())
async def test_result_keys_in_the_recorded_order(client: Client, name: str, keys: list[str]) -> None:
    _, answer = await client.result(name, prompt="a cat", seed=42)
    assert list(answer["result"]) == keys
    assert (answer["result"]["seed"], answer["result"]["prompt"]) == (42, "a cat")


async def test_a_random_seed_is_told(client: Client) -> None:
    seeds = {(await client.result("flux-2-pro", prompt="a cat"))[1]["result"]["seed"] for _ in range(3)}
    assert len(seeds) == 3


async def test_poll_headers(client: Client) -> None:
    _, answer = await client.submit("flux-2-pro", prompt="a cat")
    remaining = []
    for _ in range(2):
        response, _ = await client.request(answer["polling_url"])
        assert response.headers["Retry-After"] == "1"
        assert response.headers["X-Ratelimit-Limit"] == "1200"
        assert float(response.headers["X-Ratelimit-Reset"]) > client.clock.now
        assert response.headers["x-flux-studio-sandbox"] == "1"
        remaining.append(int(response.headers["X-Ratelimit-Remaining"]))
    assert remaining == [1199, 1198]


@pytest.mark.parametrize(("setting", "status"), [("404", 404), ("status", 200)])
async def test_the_submit_host_knows_no_task(client: Client, setting: str, status: int) -> None:
    client.sandbox.change(unknown_task=setting)
    _, answer = await client.submit("flux-2-pro", prompt="a cat")
    code, body = await client.poll(f"{client.sandbox.endpoint}/v1/get_result?id={answer['id']}")
    assert code == status
    assert "Task not found" in body.values()
    assert [violation.kind for violation in client.sandbox.violations] == ["rebuilt-polling-url"]


async def test_an_id_nobody_made(client: Client) -> None:
    code, _ = await client.poll(f"{client.sandbox.polling}/v1/get_result?id={uuid.uuid4()}")
    assert code == 404
    code, body = await client.poll(f"{client.sandbox.polling}/v1/get_result")
    assert (code, body["detail"][0]["loc"]) == (422, ["query", "id"])
    assert client.sandbox.violations == []


async def test_old_tasks_are_forgotten(client: Client, clock: Clock) -> None:
    _, old = await client.submit("flux-2-pro", prompt="a cat")
    clock.advance(1801)
    await client.submit("flux-2-pro", prompt="a dog")
    assert (await client.poll(old["polling_url"]))[0] == 404


async def test_the_25th_active_task_is_a_429(client: Client, clock: Clock) -> None:
    for _ in range(24):
        assert (await client.submit("flux-2-klein-4b", prompt="a cat", seed=1, width=64, height=64))[0] == 200
    url, headers = f"{client.sandbox.endpoint}/v1/flux-2-pro", {"x-key": client.sandbox.key}
    async with client.session.post(url, json={"prompt": "x"}, headers=headers) as response:
        assert response.status == 429
        assert response.headers["Retry-After"] == "1"
    clock.advance(4.0)
    assert (await client.submit("flux-2-pro", prompt="x", width=64, height=64))[0] == 200


async def test_kontext_max_has_a_limit_of_six_of_its_own(client: Client) -> None:
    codes = [(await client.submit("flux-kontext-max", prompt="a cat", seed=1))[0] for _ in range(7)]
    assert codes == [200] * 6 + [429]
    assert (await client.submit("flux-kontext-pro", prompt="a cat"))[0] == 200


async def test_a_balance_below_the_price_is_a_402(client: Client) -> None:
    client.sandbox.change(balance=2.99)
    assert await client.submit("flux-2-pro", prompt="a cat") == (402, {"detail": "Insufficient credits"})
    client.sandbox.change(balance=3)
    assert (await client.submit("flux-2-pro", prompt="a cat"))[0] == 200
    assert client.sandbox.settings.balance == 0


async def test_the_sample_is_a_signed_url_on_a_third_origin(client: Client) -> None:
    _, answer = await client.result("flux-2-pro", prompt="a cat", output_format="webp")
    sample = urlsplit(answer["result"]["sample"])
    assert f"http://{sample.netloc}" == client.sandbox.delivery
    assert re.fullmatch(r"/results/\d{4}/\d\d/\d\d/[0-9a-f]{32}_sample\.webp", sample.path)
    assert [name for name, _ in parse_qsl(sample.query)] == ["se", "sp", "sv", "sr", "rsct", "sig"]
    response, data = await client.request(answer["result"]["sample"])
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["Content-MD5"] == base64.b64encode(hashlib.md5(data).digest()).decode()
    assert response.headers["ETag"]
    assert not any(name.lower().startswith("access-control") for name in response.headers)


async def test_the_path_shape_of_flux_1(client: Client) -> None:
    _, answer = await client.result("flux-dev", prompt="a cat")
    path = urlsplit(answer["result"]["sample"]).path
    assert re.fullmatch(r"/results/[0-9a-f]{2}/[0-9a-f]{14}/[0-9a-f]{32}/sample\.jpeg", path)


async def test_a_sample_expires_ten_minutes_after_its_creation(client: Client, clock: Clock) -> None:
    _, answer = await client.result("flux-2-pro", prompt="a cat")
    sample = answer["result"]["sample"]
    clock.advance(599)
    assert (await client.request(sample))[0].status == 200
    clock.advance(1)
    response, text = await client.request(sample)
    assert (response.status, response.content_type) == (403, "application/xml")
    assert b"<Code>AuthenticationFailed</Code>" in text


@pytest.mark.parametrize(
    ("old", "new"), [("sig=", "sig=A"), ("sig=", "sig=%C3%A4"), ("se=2027", "se=2028"), ("/results/2", "/results/3")]
)
async def test_a_changed_url_is_refused(client: Client, old: str, new: str) -> None:
    _, answer = await client.result("flux-2-pro", prompt="a cat")
    assert old in answer["result"]["sample"]
    assert (await client.request(answer["result"]["sample"].replace(old, new)))[0].status == 403


@pytest.mark.parametrize("header", ["x-key", "Authorization"])
async def test_a_key_at_the_delivery_host_is_refused_and_noted(client: Client, header: str) -> None:
    _, answer = await client.result("flux-2-pro", prompt="a cat")
    async with client.session.get(answer["result"]["sample"], headers={header: client.sandbox.key}) as response:
        assert response.status == 400
    assert [violation.kind for violation in client.sandbox.violations] == ["key-at-delivery-host"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("data:image/png;base64,iVBORw0KGgo=", "data: prefix"),
        ("not base64!", "not valid base64"),
        (encoded(halves(64, 64)) + "\n", "not valid base64"),
        ("aGVsbG8=", "invalid or corrupted"),
        ("https://example.org/cat.png", "fetches no URLs"),
        (encoded(Image.new("RGB", (63, 64))), "at least 64 pixels"),
        (encoded(Image.new("1", (5001, 4000))), "more than 20 megapixels"),
        (encoded(halves(64, 64))[:-40] + "AAAA", "invalid or corrupted"),
    ],
)
async def test_an_unusable_picture_fails_the_task(client: Client, text: str, words: str) -> None:
    status, answer = await client.result("flux-2-pro", prompt="make it night", input_image=text)
    assert (status, answer["status"], answer["result"]) == (422, "Error", None)
    assert words in answer["details"]["error"]


async def test_an_unusable_picture_can_be_refused_at_submit(client: Client) -> None:
    client.sandbox.change(picture_errors="submit")
    status, answer = await client.submit("flux-2-pro", prompt="x", input_image="data:image/png;base64,iVBORw0KGgo=")
    assert (status, answer["detail"][0]["loc"]) == (422, ["body", "input_image"])
    assert [violation.kind for violation in client.sandbox.violations] == ["data-prefix"]


async def test_a_mask_of_another_size_is_refused(client: Client) -> None:
    picture, mask = encoded(halves(128, 128)), encoded(Image.new("L", (128, 127)))
    status, answer = await client.result("flux-pro-1.0-fill", image=picture, mask=mask)
    assert (status, answer["status"]) == (422, "Error")
    assert answer["details"]["error"].startswith("mask:")


async def test_calls_are_logged_with_picture_facts_and_without_the_key(client: Client) -> None:
    picture = encoded(halves(128, 96))
    _, answer = await client.submit("flux-2-pro", prompt="make it night", input_image=picture, style="oil")
    await client.submit("flux-2-pro", prompt="x", input_image=1)
    call, refused = client.sandbox.calls
    assert (call.endpoint, call.status, call.task) == ("/v1/flux-2-pro", 200, answer["id"])
    assert call.body["prompt"] == "make it night"
    assert call.body["style"] == "oil"
    facts = call.body["input_image"]
    assert (facts["width"], facts["height"], facts["mime"]) == (128, 96, "image/png")
    assert facts["sha256"] == hashlib.sha256(base64.b64decode(picture)).hexdigest()
    assert call.headers["content-type"] == "application/json"
    assert client.sandbox.key not in str(client.sandbox.calls)
    assert (refused.status, refused.task) == (422, None)


async def test_lists_of_pictures_are_logged_as_lists(client: Client) -> None:
    picture = encoded(halves(256, 256))
    await client.submit("flux-3-image", prompt="x", images=[picture, picture])
    assert [facts["width"] for facts in client.sandbox.calls[0].body["images"]] == [256, 256]


async def test_polls_and_downloads_are_logged(client: Client) -> None:
    _, answer = await client.result("flux-2-pro", prompt="a cat")
    await client.request(answer["result"]["sample"])
    (poll,), (download,) = client.sandbox.polls, client.sandbox.downloads
    assert (poll.task, poll.status, poll.state) == (answer["id"], 200, "Ready")
    assert download.status == 200
    client.sandbox.clear()
    assert (client.sandbox.calls, client.sandbox.polls, client.sandbox.downloads) == ([], [], [])


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("flux-2-pro", {"prompt": "x", "webhook_url": "https://example.org/hook"}, "webhook"),
        ("flux-2-pro", {"prompt": "x", "webhook_secret": "s"}, "webhook"),
        ("flux-3-image", {"prompt": "x", "seed": 1}, "unknown-field"),
        ("flux-2-pro", {"prompt": "x", "input_image": "data:image/png;base64,AAAA"}, "data-prefix"),
    ],
)
async def test_what_a_good_client_never_sends_is_noted(
    client: Client, path: str, body: dict[str, object], kind: str
) -> None:
    await client.submit(path, **body)
    assert [violation.kind for violation in client.sandbox.violations] == [kind]


async def test_a_webhook_request_has_no_polling_url(client: Client) -> None:
    _, answer = await client.submit("flux-2-pro", prompt="x", webhook_url="https://example.org/hook")
    assert set(answer) == {"id", "status", "webhook_url", "cost", "input_mp", "output_mp"}


async def test_a_good_client_leaves_no_violation(client: Client) -> None:
    _, answer = await client.result("flux-2-pro", prompt="a cat", input_image=encoded(halves(64, 64)))
    await client.request(answer["result"]["sample"])
    assert client.sandbox.violations == []


@pytest.mark.parametrize("path", load_endpoints())
async def test_every_endpoint_delivers_a_picture(client: Client, path: str) -> None:
    spec = load_endpoints()[path]
    client.sandbox.change(withdrawn="answer")
    texts = {"prompt": "a cat", "finetune_id": OLD_FINETUNE if spec.pinned else UPLOADED_LORA}
    client.submit_host = client.sandbox.regional if spec.pinned else client.sandbox.endpoint
    body: dict[str, object] = {name: texts[name] for name in texts if name in spec.fields}
    sizes = {"width": 256, "height": 256}
    body |= {name: value for name, value in sizes.items() if name in spec.fields}
    pictures = {name for name in spec.picture_fields if spec.fields[name].required}
    pictures |= {"control_image"} & set(spec.fields)
    body |= dict.fromkeys(pictures, encoded(halves(256, 256)))
    image = await client.picture(path.removeprefix("/v1/"), **body)
    assert min(image.size) >= 256


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("duration", -1),
        ("duration", True),
        ("duration", float("nan")),
        ("active_limit", 1.5),
        ("unknown_task", "405"),
        ("faults", ["no-such-fault"]),
        ("faults", "lost"),
        ("model_active_limits", {"flux-2-pro": -1}),
        ("no_such_setting", 1),
    ],
)
async def test_wrong_settings_name_the_field_and_change_nothing(sandbox: Sandbox, name: str, value: object) -> None:
    before = sandbox.settings
    with pytest.raises(SettingError, match=name):
        sandbox.change(**{name: value})
    assert sandbox.settings == before


async def test_two_sandboxes_run_side_by_side(sandbox: Sandbox, client: Client) -> None:
    async with Sandbox() as other:
        _, answer = await client.submit("flux-2-pro", prompt="a cat")
        assert (await client.poll(f"{other.polling}/v1/get_result?id={answer['id']}"))[0] == 404
        assert other.calls == []


async def test_a_taken_port_is_an_error_and_its_neighbours_are_not(sandbox: Sandbox) -> None:
    port = urlsplit(sandbox.endpoint).port
    assert port is not None
    with pytest.raises(OSError, match="in use"):
        await Sandbox(port=port).start()


async def test_many_requests_at_once_each_get_their_own_task(client: Client) -> None:
    answers = await asyncio.gather(*(client.submit("flux-2-pro", prompt="a cat", seed=1) for _ in range(24)))
    assert len({answer["id"] for _, answer in answers}) == 24


@pytest.mark.parametrize("prompt", ["\ud83d", "\x00", "a\nb\tc", "雪" * 50, "مرحبا", "e" * 40_000, " ", "<b>&amp;"])
async def test_any_prompt_is_drawn(client: Client, prompt: str) -> None:
    image = await client.picture("flux-2-pro", prompt=prompt, width=256, height=256)
    assert image.size == (256, 256)
