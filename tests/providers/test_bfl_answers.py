"""What BFL's answers mean, recorded, documented and hostile ones."""

import json

import pytest

from flux_studio.catalog import card
from flux_studio.errors import (
    AuthenticationFailed,
    ConfigurationError,
    InvalidRequest,
    InvalidRequests,
    MaybeSubmitted,
    OutOfCredits,
    ProviderError,
    Refused,
    UnexpectedResponse,
)
from flux_studio.http import Answer
from flux_studio.providers.bfl_answers import (
    Missing,
    Ready,
    Unreadable,
    Waiting,
    read_poll,
    read_submission,
)
from flux_studio.providers.bfl_moderation import moderation_reasons
from flux_studio.types import Size

from .conftest import a_picture, a_request

ENDPOINT = "https://api.bfl.ai"
URL = "https://api.eu4.bfl.ai/v1/get_result?id=7"
ENTRY = {"type": "x", "input": 1}


def answer(status=200, body=None, **headers):
    text = "" if body is None else json.dumps(body)
    return Answer(status=status, json=body, text=text, headers={k.replace("_", "-"): v for k, v in headers.items()})


def submitted(given, **request):
    return read_submission(given, a_request(**request), card("flux-2-pro"), ENDPOINT)


def polled(body, status=200):
    return read_poll(answer(status, body), "7")


@pytest.mark.parametrize(
    ("body", "url", "cost"),
    [
        ({"id": "7", "polling_url": URL, "cost": 7.000000000000001}, URL, 7.0),
        ({"id": "7", "polling_url": URL, "cost": None, "input_mp": None}, URL, None),
        ({"id": "7", "polling_url": URL, "cost": True}, URL, None),
        ({"id": "7", "polling_url": URL, "cost": "3"}, URL, None),
        ({"id": "7", "polling_url": URL, "cost": -3}, URL, None),
        ({"id": "a b/7", "status": "PENDING"}, f"{ENDPOINT}/v1/get_result?id=a%20b%2F7", None),
        ({"id": "7", "polling_url": 5}, f"{ENDPOINT}/v1/get_result?id=7", None),
    ],
)
def test_a_started_job(body, url, cost):
    got = submitted(answer(200, body))
    assert (got.id, got.polling_url, got.cost, got.notes) == (body["id"], url, cost, ())


def test_the_sandbox_says_so():
    assert submitted(answer(200, {"id": "7"}, x_flux_studio_sandbox="1")).notes == ("sandbox",)


@pytest.mark.parametrize("body", [None, [], "x", 5, {}, {"id": 5}, {"id": ""}, {"id": "x" * 500}])
def test_a_yes_without_an_id_may_have_been_billed(body):
    with pytest.raises(MaybeSubmitted):
        submitted(answer(200, body))


@pytest.mark.parametrize(
    ("status", "body", "error", "word"),
    [
        (402, {"detail": "Insufficient credits"}, OutOfCredits, "credits"),
        (403, {"detail": "Not authenticated - Invalid Authentication"}, AuthenticationFailed, "FLUX_API_KEY"),
        (401, None, AuthenticationFailed, "FLUX_API_KEY"),
        (404, {"detail": "Not Found"}, ConfigurationError, "FLUX_API_ENDPOINT"),
        (400, {"detail": "Finetune not found or not ready"}, ProviderError, "Finetune not found"),
        (422, {"detail": "Invalid image"}, ProviderError, "Invalid image"),
        (422, {"detail": {"error": "Invalid image"}}, ProviderError, "Invalid image"),
        (422, {"detail": []}, ProviderError, "422"),
        (422, None, ProviderError, "422"),
        (302, None, UnexpectedResponse, "302"),
        (201, {"id": "7"}, UnexpectedResponse, "201"),
        (418, {"detail": "teapot"}, UnexpectedResponse, "418"),
    ],
)
def test_refused_requests(status, body, error, word):
    with pytest.raises(error) as caught:
        submitted(answer(status, body))
    assert word in caught.value.sentence
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("loc", "field", "allowed"),
    [
        (["body", "disable_pup"], "prompt_upsampling", "on or off"),
        (["body", "safety_tolerance"], "safety_tolerance", "whole number 0 to 5"),
        (["body", "width"], "size", "too big"),
        (["body", "input_image_2", 0], "picture 2", "too big"),
        (["body", 3, "prompt"], "prompt", "too big"),
        (["body"], "request", "too big"),
        ("body", "request", "too big"),
        (None, "request", "too big"),
    ],
)
def test_a_field_the_service_does_not_accept_is_named_in_our_words(loc, field, allowed):
    request = {"pictures": (a_picture(), a_picture(70, 66)), "size": Size(width=99, height=98)}
    with pytest.raises(InvalidRequest) as caught:
        submitted(answer(422, {"detail": [{**ENTRY, "loc": loc, "msg": "too big"}]}), **request)
    assert (caught.value.field, caught.value.allowed) == (field, allowed)
    assert field in caught.value.sentence
    assert "too big" in caught.value.sentence


def test_several_wrong_fields_are_all_named():
    detail = [{**ENTRY, "loc": ["body", name], "msg": "bad"} for name in ("prompt", "width", "seed")]
    with pytest.raises(InvalidRequests) as caught:
        submitted(answer(422, {"detail": detail}))
    assert [fault.field for fault in caught.value.faults] == ["prompt", "size", "seed"]


def test_a_hostile_explanation_is_cut_to_one_line():
    with pytest.raises(ProviderError) as caught:
        submitted(answer(400, {"detail": "<script>\n" + "x" * 100_000}))
    assert len(caught.value.sentence) < 400
    assert "\n" not in caught.value.sentence


@pytest.mark.parametrize("word", ["Pending", "Reasoning", "Generating", "Processing", "Queued"])
def test_states_of_a_running_job(word):
    assert polled({"id": "7", "status": word, "result": None, "progress": None}) == Waiting()


@pytest.mark.parametrize(
    ("progress", "expected"),
    [(0.3, 0.3), (0, 0.0), (1.7, 1.0), (-1, 0.0), ("0.3", None), (True, None), (float("nan"), None), ([], None)],
)
def test_progress_is_a_share(progress, expected):
    assert polled({"status": "Pending", "progress": progress}) == Waiting(progress=expected)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"sample": "https://d/x", "seed": 7, "prompt": "p"}, Ready(sample="https://d/x", seed=7, prompt="p")),
        ({"sample": "https://d/x"}, Ready(sample="https://d/x")),
        ({"sample": "https://d/x", "seed": True, "prompt": 5}, Ready(sample="https://d/x")),
        ({"sample": "https://d/x", "seed": "7", "prompt": ""}, Ready(sample="https://d/x")),
    ],
)
def test_a_finished_job(result, expected):
    assert polled({"status": "Ready", "result": result}) == expected


def test_a_finished_job_may_bring_its_cost():
    assert polled({"status": "Ready", "result": {"sample": "https://d/x"}, "cost": 4.5}).cost == 4.5


@pytest.mark.parametrize("result", [None, [], "x", {}, {"sample": None}, {"sample": ""}, {"sample": 5}])
def test_a_finished_job_without_a_picture(result):
    with pytest.raises(UnexpectedResponse):
        polled({"status": "Ready", "result": result})


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"status": "Task not found"}, Missing()),
        (404, {"status": "Task not found"}, Missing()),
        (404, {"detail": "Not Found"}, Missing()),
        (404, None, Missing()),
        (200, None, Unreadable(status=200)),
        (302, None, Unreadable(status=302)),
        (422, {"detail": "x"}, Unreadable(status=422)),
        (200, [], Unreadable(status=200)),
        (200, {"status": 5}, Unreadable(status=200)),
        (503, {"detail": "overloaded"}, Unreadable(status=503)),
        (503, {"status": "Pending"}, Waiting()),
    ],
)
def test_answers_that_may_get_better(status, body, expected):
    assert polled(body, status) == expected


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, {"detail": "Not authenticated"}, AuthenticationFailed),
        (200, {"status": "Dancing"}, UnexpectedResponse),
        (200, {"status": "ready"}, UnexpectedResponse),
        (200, {"status": "Error"}, ProviderError),
        (200, {"status": "Failed", "details": "worker gave up"}, ProviderError),
        (422, {"status": "Error", "details": {"error": "Invalid image"}}, ProviderError),
    ],
)
def test_answers_that_end_the_wait(status, body, error):
    with pytest.raises(error):
        polled(body, status)


def test_an_unknown_state_is_shown():
    with pytest.raises(UnexpectedResponse) as caught:
        polled({"status": "Dancing"})
    assert "“Dancing”" in caught.value.sentence


def test_a_failed_job_repeats_the_services_words():
    with pytest.raises(ProviderError) as caught:
        polled({"status": "Error", "details": {"error": "Invalid or corrupted image input"}}, 422)
    assert "Invalid or corrupted image input" in caught.value.sentence
    assert caught.value.request_id == "7"


@pytest.mark.parametrize(
    ("word", "stage", "told"), [("Request Moderated", "input", "input"), ("Content Moderated", "output", "output")]
)
def test_moderation_says_stage_reasons_and_what_to_change(word, stage, told):
    details = {"Moderation Reasons": ["Derivative Works Filter", "Violence"]}
    with pytest.raises(Refused) as caught:
        polled({"status": word, "details": details})
    error = caught.value
    assert (error.stage, error.reasons) == (stage, ("Derivative Works Filter", "Violence"))
    for part in (told, "Derivative Works Filter", "names of brands", "weapons", "Nothing is repeated", "not known"):
        assert part in error.sentence
    assert not error.retryable


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        (None, ()),
        ("Flagged", ("Flagged",)),
        ({}, ()),
        ({"Moderation Reasons": []}, ()),
        ({"Moderation Reasons": "Violence"}, ("Violence",)),
        ({"Moderation Reasons": ["Violence", 5, None, " "]}, ("Violence",)),
        ({"reason": "Violence"}, ("Violence",)),
        (["Violence"], ("Violence",)),
        (5, ()),
        ({"Moderation Reasons": ["x"] * 500}, ("x",) * 8),
    ],
)
def test_reasons_in_every_shape(details, expected):
    assert moderation_reasons(details) == expected
