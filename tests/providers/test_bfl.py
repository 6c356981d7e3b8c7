"""The provider against the sandbox over real sockets: every way a job can go."""

import asyncio

import pytest

from flux_studio.catalog import card
from flux_studio.catalog.price import price
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
from flux_studio.http.sessions import close_sessions
from flux_studio.providers import provider
from flux_studio.providers.bfl import BlackForestLabs
from flux_studio.settings import Secret, Settings
from flux_studio.types import JobHandle, Running, Size, Succeeded

from .conftest import Desk, a_picture, a_request

ALL_MARKS = ["submitting", "submitted", "downloading"]


def started(sandbox):
    """Tasks that were created, and so billed."""
    return [call.task for call in sandbox.calls if call.task]


# pictures


async def test_a_prompt_becomes_a_picture(desk, sandbox):
    context = desk.context()
    states = await desk.run(a_request(seed=7, size=Size(width=512, height=256)), context)
    result = states[-1].result
    (picture,) = result.pictures
    assert isinstance(states[-1], Succeeded)
    assert states[0] == Running()
    assert context.marks == ALL_MARKS
    assert (picture.mime, picture.size) == ("image/jpeg", Size(width=512, height=256))
    assert (result.model, result.seed, result.request_id) == ("flux-2-pro", 7, context.handle.remote_id)
    assert (result.cost.amount, result.cost.exact) == (3.0, True)
    assert result.notes == ("sandbox",)
    assert result.timings.provider > 0
    assert sandbox.calls[0].body == {
        "prompt": "a red fox",
        "seed": 7,
        "width": 512,
        "height": 256,
        "output_format": "jpeg",
        "safety_tolerance": 2,
        "disable_pup": False,
    }
    assert sandbox.violations == []


async def test_the_handle_is_complete_and_survives_storage(desk, sandbox):
    context = desk.context(seconds=60.0)
    await desk.run(a_request(), context)
    handle = context.handle
    assert handle.provider == "bfl"
    assert handle.polling_url == f"{sandbox.polling}/v1/get_result?id={handle.remote_id}"
    assert handle.deadline == context.deadline
    assert handle.cost == 3.0
    assert JobHandle.from_json(handle.to_json()) == handle


@pytest.mark.parametrize("count", [1, 3])
async def test_an_edit_sends_its_references(desk, sandbox, count):
    pictures = tuple(a_picture(96 + 16 * number, 80) for number in range(count))
    result = await desk.result(a_request("make it night", task="edit", pictures=pictures, format="png"))
    assert result.pictures[0].size == Size(width=96, height=80)
    assert result.pictures[0].mime == "image/png"
    names = ["input_image", "input_image_2", "input_image_3"][:count]
    body = sandbox.calls[0].body
    assert [body[name]["sha256"] for name in names] == [picture.id for picture in pictures]
    assert sandbox.violations == []


async def test_kontext_edits_and_its_cost_is_estimated(desk, sandbox):
    request = a_request("make it night", model="flux-kontext-pro", task="edit", pictures=(a_picture(),), aspect="1:1")
    result = await desk.result(request)
    assert result.pictures[0].size == Size(width=1024, height=1024)
    assert result.cost == price(card("flux-kontext-pro"), request)
    assert not result.cost.exact
    assert sandbox.calls[0].body["aspect_ratio"] == "1:1"


async def test_progress_is_told_where_the_model_tells_it(desk, sandbox):
    sandbox.change(pending_polls=2, duration=0.4)
    states = await desk.run(a_request(model="flux-pro-1.1", size=Size(width=256, height=256)))
    told = [state.progress for state in states if isinstance(state, Running)]
    assert told[0] is None
    assert all(0 <= share <= 1 for share in told[1:])
    assert len(told) == len(set(told))


async def test_states_of_newer_families_are_followed(desk):
    result = await desk.result(a_request("fox [sandbox:new-states] [sandbox:slow=0.1]"))
    assert result.pictures


# refusals at submission


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("invalid-key", AuthenticationFailed),
        ("out-of-credits", OutOfCredits),
        ("server-error", Unavailable),
        ("unavailable", Unavailable),
    ],
)
async def test_a_refused_submission_starts_nothing(desk, sandbox, fault, error):
    context = desk.context()
    with pytest.raises(error):
        await desk.run(a_request(f"fox [sandbox:{fault}]"), context)
    assert context.marks == ["submitting"]
    assert len(sandbox.calls) == 1
    assert started(sandbox) == []


async def test_a_wrong_key(desk, sandbox):
    with pytest.raises(AuthenticationFailed) as caught:
        await desk.run(a_request(), desk.context(flux_key=Secret("wrong")))
    assert "FLUX_API_KEY" in caught.value.sentence
    assert "wrong" not in caught.value.sentence + caught.value.detail
    assert started(sandbox) == []


async def test_a_field_out_of_range_is_named(desk, sandbox):
    with pytest.raises(InvalidRequest) as caught:
        await desk.run(a_request(model="flux-pro-1.1", size=Size(width=1080, height=1024)))
    assert caught.value.field == "size"
    assert started(sandbox) == []


async def test_an_unknown_endpoint_is_a_matter_for_the_admin(desk, sandbox):
    with pytest.raises(ConfigurationError) as caught:
        await desk.run(a_request(), desk.context(flux_endpoint=sandbox.polling))
    assert "FLUX_API_ENDPOINT" in caught.value.sentence


async def test_no_key_is_told_before_anything_is_sent(desk, sandbox):
    context = desk.context(flux_key=Secret())
    with pytest.raises(ConfigurationError) as caught:
        await desk.run(a_request(), context)
    assert "FLUX_API_KEY" in caught.value.sentence
    assert (context.marks, sandbox.calls) == ([], [])


async def test_throttled_submissions_recover(desk, sandbox):
    result = await desk.result(a_request("fox [sandbox:rate-limited=2]"))
    assert result.pictures
    assert [call.status for call in sandbox.calls] == [429, 429, 200]
    assert desk.clock.waits[:2] == [1.0, 1.0]


async def test_throttling_without_end_is_told(desk, sandbox):
    with pytest.raises(RateLimited) as caught:
        await desk.run(a_request("fox [sandbox:rate-limited]"))
    assert caught.value.retry_after == 1.0
    assert started(sandbox) == []


# submissions of unknown fate


@pytest.mark.parametrize("fault", ["connection-reset", "malformed-submit"])
async def test_a_lost_answer_is_never_sent_again(desk, sandbox, fault):
    context = desk.context()
    with pytest.raises(MaybeSubmitted) as caught:
        await desk.run(a_request(f"fox [sandbox:{fault}]"), context)
    assert len(started(sandbox)) == 1
    assert context.marks == ["submitting"]
    assert "not repeated" in caught.value.sentence


async def test_a_late_answer_is_never_sent_again(desk, sandbox):
    with pytest.raises(MaybeSubmitted):
        await desk.run(a_request("fox [sandbox:slow-submit=5]"), desk.context(request_timeout=0.3))
    assert len(started(sandbox)) == 1


async def test_a_service_that_is_not_there_can_be_tried_again(desk):
    # Port 9 (discard) is below the range that tests are given.
    with pytest.raises(Unavailable) as caught:
        await desk.run(a_request(), desk.context(flux_endpoint="http://127.0.0.1:9"))
    assert caught.value.retryable


# the wait


@pytest.mark.parametrize(
    ("fault", "stage", "reasons"),
    [
        ("request-moderated=Violence", "input", ("Violence",)),
        ("content-moderated=Sexual Content, Violence", "output", ("Sexual Content", "Violence")),
        ("moderated-without-details", "output", ()),
        ("moderated-with-text", "output", ("Flagged by the output filter",)),
    ],
)
async def test_moderation_is_explained_and_not_repeated(desk, sandbox, fault, stage, reasons):
    with pytest.raises(Refused) as caught:
        await desk.run(a_request(f"fox [sandbox:{fault}]"))
    assert (caught.value.stage, caught.value.reasons) == (stage, reasons)
    assert len(started(sandbox)) == 1


@pytest.mark.parametrize("fault", ["error", "failed-task", "unknown-status"])
async def test_a_failed_job_says_why(desk, sandbox, fault):
    context = desk.context()
    with pytest.raises(ProviderError) as caught:
        await desk.run(a_request(f"fox [sandbox:{fault}]"), context)
    assert caught.value.request_id == context.handle.remote_id
    assert len(started(sandbox)) == 1


async def test_an_unusable_input_picture_fails_the_job(desk, sandbox):
    broken = a_picture()
    broken = type(broken)(data=broken.data[:60], mime=broken.mime, width=broken.width, height=broken.height)
    with pytest.raises(ProviderError):
        await desk.run(a_request("edit", task="edit", pictures=(broken,)))


@pytest.mark.parametrize(
    "fault", ["not-found-first=3", "poll-unavailable=3", "poll-rate-limited=3", "malformed-poll=3"]
)
@pytest.mark.parametrize("unknown", ["404", "status"])
async def test_a_paid_job_outlives_trouble_while_polling(desk, sandbox, fault, unknown):
    sandbox.change(unknown_task=unknown)
    result = await desk.result(a_request(f"fox [sandbox:{fault}]"))
    assert result.pictures
    assert len(started(sandbox)) == 1
    assert len(sandbox.polls) >= 4


async def test_a_lost_job_is_given_up(desk, sandbox):
    context = desk.context()
    with pytest.raises(JobLost) as caught:
        await desk.run(a_request("fox [sandbox:lost]"), context)
    assert caught.value.request_id == context.handle.remote_id
    assert len(sandbox.polls) == 6


async def test_answers_that_stay_unreadable_are_given_up(desk):
    with pytest.raises(Unavailable):
        await desk.run(a_request("fox [sandbox:malformed-poll]"))


async def test_the_deadline_ends_the_wait_with_a_handle(desk, sandbox):
    context = desk.context(seconds=30.0)
    with pytest.raises(JobTimeout) as caught:
        await desk.run(a_request("fox [sandbox:stuck]"), context)
    assert caught.value.handle == context.handle
    assert caught.value.retryable
    assert desk.clock.now() - context.deadline < 20
    assert len(sandbox.polls) <= 45


async def test_a_job_that_finishes_at_the_deadline_is_seen(desk):
    context = desk.context(seconds=1.0, typical_seconds=100.0)
    assert (await desk.result(a_request(), context)).pictures
    assert desk.clock.now() - context.deadline < 20


async def test_stopping_the_wait_passes_through(desk, sandbox):
    sandbox.change(duration=1000)
    states = desk.provider.run(a_request(), card("flux-2-pro"), desk.context(seconds=10_000))
    assert await anext(states) == Running()
    waiting = asyncio.create_task(anext(states))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(started(sandbox)) == 1


async def test_polling_goes_where_the_answer_says_and_keeps_its_pace(desk, sandbox):
    await desk.run(a_request("fox [sandbox:slow=2.5]"))
    assert sandbox.violations == []
    assert {poll.status for poll in sandbox.polls} == {200}
    assert len(sandbox.polls) >= 4
    # `Retry-After: 1` comes with every poll and is no throttle.
    assert 1.0 not in desk.clock.waits


# where the key and the downloads go


async def test_a_foreign_polling_host_gets_no_key_but_the_paid_job_is_kept(desk, sandbox):
    context = desk.context()
    with pytest.raises(UnexpectedResponse) as caught:
        await desk.run(a_request("fox [sandbox:foreign-polling-host]"), context)
    assert context.marks == ["submitting", "submitted"]
    assert context.handle.polling_url.startswith(sandbox.elsewhere)
    assert "FLUX_TRUSTED_HOSTS" in caught.value.sentence
    assert desk.clock.waits == []
    assert sandbox.violations == []


@pytest.mark.parametrize("fault", ["redirecting-sample", "foreign-sample"])
async def test_a_sample_elsewhere_is_not_fetched(desk, sandbox, fault):
    with pytest.raises(UnexpectedResponse):
        await desk.run(a_request(f"fox [sandbox:{fault}]"))
    assert sandbox.violations == []


@pytest.mark.parametrize("fault", ["html-sample", "pixel-bomb", "no-sample"])
async def test_what_is_no_picture_is_refused(desk, fault):
    context = desk.context()
    with pytest.raises(UnexpectedResponse) as caught:
        await desk.run(a_request(f"fox [sandbox:{fault}]"), context)
    assert caught.value.request_id == context.handle.remote_id


async def test_an_endless_sample_is_cut(desk):
    with pytest.raises(UnexpectedResponse) as caught:
        await desk.run(a_request("fox [sandbox:oversized-sample]"))
    assert "64 MiB" in caught.value.sentence


async def test_a_sample_that_stays_truncated_can_be_tried_again(desk, sandbox):
    with pytest.raises(Unavailable) as caught:
        await desk.run(a_request("fox [sandbox:truncated-sample]"))
    assert caught.value.retryable
    assert len(sandbox.downloads) == 4


async def test_an_expired_sample_is_asked_for_once_more(desk, sandbox):
    with pytest.raises(JobLost):
        await desk.run(a_request("fox [sandbox:expired-sample]"))
    assert len(sandbox.downloads) == 1
    assert len([poll for poll in sandbox.polls if poll.state == "Ready"]) == 2


# other workers


async def test_another_worker_fetches_the_picture(desk, sandbox):
    context = desk.context()
    running = desk.provider.run(a_request(seed=11), card("flux-2-pro"), context)
    assert await anext(running) == Running()
    await running.aclose()

    await close_sessions()
    stored = JobHandle.from_json(context.handle.to_json())
    other = Desk(sandbox, desk.clock)
    later = other.context()
    result = (await other.resume(stored, "flux-2-pro", later))[-1].result
    assert (result.seed, result.request_id, result.notes) == (11, stored.remote_id, ("sandbox",))
    assert (result.cost.amount, result.cost.exact) == (3.0, True)
    assert later.marks == ["downloading"]
    assert len(started(sandbox)) == 1


async def test_a_job_found_after_its_deadline_is_asked_for_once(desk, sandbox):
    context = desk.context()
    await desk.run(a_request(), context)
    late = desk.context(seconds=-100.0)
    assert (await desk.resume(context.handle, "flux-2-pro", late))[-1].result.pictures


async def test_a_job_the_service_has_forgotten_is_lost(desk, sandbox):
    handle = JobHandle(provider="bfl", remote_id="gone", polling_url=f"{sandbox.polling}/v1/get_result?id=gone")
    with pytest.raises(JobLost):
        await desk.resume(handle, "flux-2-pro")
    assert len(sandbox.polls) == 2


async def test_a_stored_handle_does_not_carry_the_key_away(desk, sandbox):
    handle = JobHandle(provider="bfl", remote_id="7", polling_url=f"{sandbox.elsewhere}/v1/get_result?id=7")
    with pytest.raises(UnexpectedResponse):
        await desk.resume(handle, "flux-2-pro")
    assert sandbox.violations == []


async def test_parallel_jobs_do_not_disturb_each_other(desk, sandbox):
    requests = [
        a_request(f"fox number {seed}", seed=seed, model="flux-2-klein-4b", size=Size(width=64, height=64))
        for seed in range(8)
    ]
    results = await asyncio.gather(*(desk.result(request) for request in requests))
    assert [result.seed for result in results] == list(range(8))
    assert len({result.pictures[0].id for result in results}) == 8


# what the provider says about itself


async def test_there_is_no_remote_cancel(desk):
    handle = JobHandle(provider="bfl", remote_id="7")
    assert await desk.provider.cancel(handle, desk.context()) is False


def test_the_provider_is_in_the_table():
    row = provider("bfl")
    assert (row.name, row.resume_by) == ("bfl", "handle")


def test_configured_means_a_key_is_set():
    assert BlackForestLabs().configured(Settings(flux_key=Secret("k")))
    assert not BlackForestLabs().configured(Settings())


def test_the_account_tells_key_and_endpoint_apart_without_the_key():
    one = Settings(flux_key=Secret("secret-one"))
    accounts = {
        BlackForestLabs().account(settings)
        for settings in (
            one,
            Settings(flux_key=Secret("secret-two")),
            Settings(flux_key=Secret("secret-one"), flux_endpoint="https://api.eu.bfl.ai"),
        )
    }
    assert len(accounts) == 3
    assert not any("secret" in account for account in accounts)
    assert BlackForestLabs().account(one) == BlackForestLabs().account(Settings(flux_key=Secret("secret-one")))


@pytest.mark.parametrize("times", [1, 2])
async def test_what_a_broken_gateway_sent_in_its_place_is_fetched_again(desk, sandbox, times):
    result = await desk.result(a_request(f"fox [sandbox:html-sample={times}]"))
    assert result.pictures[0].mime == "image/jpeg"
    assert len(sandbox.downloads) == times + 1
    assert len(started(sandbox)) == 1
