"""Finetunes over real sockets: the calls, and pictures made with them on the cluster where they live."""

import io
import zipfile

import pytest

from flux_studio.catalog.flux_finetuned import FINETUNE_BASES, Finetune, finetuned_card
from flux_studio.errors import (
    AuthenticationFailed,
    ConfigurationError,
    InvalidRequest,
    InvalidRequests,
    MaybeSubmitted,
    OutOfCredits,
    Unavailable,
)
from flux_studio.providers.bfl_finetunes import Finetunes, Training, TrainingState, training_body
from flux_studio.settings import Secret
from flux_studio.types import Mask, Size
from tools.sandbox.finetunes import OLD_FINETUNE, UPLOADED_LORA

from .conftest import a_picture, a_request


def archive():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("1.png", a_picture(64, 64).data)
    return buffer.getvalue()


def a_training(comment="my dog", **changes):
    return Training(**{"archive": archive(), "comment": comment, "options": {"mode": "character"}, **changes})


@pytest.fixture
def offered(sandbox):
    """The sandbox as it was before training was withdrawn."""
    sandbox.change(withdrawn="answer", training_duration=10.0, training_flicker=2)


@pytest.fixture
def finetunes(desk, clock):
    return Finetunes(desk.settings(), desk.context().http)


async def test_a_training_from_start_to_deletion(finetunes, offered, sandbox, clock):
    sent = []

    async def before():
        sent.append(len(sandbox.calls))

    options = {"mode": "style", "iterations": 200, "lora_rank": "16", "captioning": False}
    name = await finetunes.train(a_training(trigger_word="DOGGO", options=options), before=before)
    assert sent == [0]
    assert [(await finetunes.state(name)).status for _ in range(3)] == ["unknown", "unknown", "pending"]
    clock.skipped += 10
    assert await finetunes.state(name) == TrainingState(status="ready", progress=1.0)
    details = await finetunes.details(name)
    assert (details.comment, details.trigger_word, details.mode, details.iterations) == (
        "my dog",
        "DOGGO",
        "style",
        200,
    )
    assert details.everything["lora_rank"] == 16
    assert await finetunes.mine() == (OLD_FINETUNE, name)
    assert await finetunes.delete(name) is True
    assert await finetunes.delete(name) is False
    assert await finetunes.details(name) is None
    assert sandbox.violations == []


async def test_a_finished_training_that_the_service_forgot_is_ready(finetunes, offered, clock):
    name = await finetunes.train(a_training())
    clock.skipped += 1000
    assert (await finetunes.state(name)).status == "ready"


async def test_a_failed_training_says_why(finetunes, offered, sandbox, clock):
    sandbox.change(training_flicker=0)
    name = await finetunes.train(a_training("[sandbox:training-failed]"))
    clock.skipped += 10
    state = await finetunes.state(name)
    assert (state.status, state.reason) == ("failed", "Training failed: the pictures do not match")


async def test_withdrawn_training_is_explained(finetunes, sandbox):
    with pytest.raises(ConfigurationError, match=r"no longer offers training: it was withdrawn on 2025-10-31.*LoRA"):
        await finetunes.train(a_training())


@pytest.mark.parametrize(
    ("fault", "error", "words", "trainings"),
    [
        ("connection-reset", MaybeSubmitted, "may have been billed", 1),
        ("reset-before", MaybeSubmitted, "may have been billed", 0),
        ("malformed-submit", MaybeSubmitted, "may have been billed", 1),
        ("out-of-credits", OutOfCredits, "no credits left", 0),
        ("invalid-key", AuthenticationFailed, "FLUX_API_KEY", 0),
        ("server-error", Unavailable, "HTTP 500", 0),
    ],
)
async def test_a_training_is_never_paid_twice(finetunes, offered, sandbox, fault, error, words, trainings):
    with pytest.raises(error, match=words):
        await finetunes.train(a_training(f"my dog [sandbox:{fault}]"))
    assert len([call for call in sandbox.calls if call.task]) == trainings
    assert len(await finetunes.mine()) == 1 + trainings


async def test_an_archive_the_service_cannot_read(finetunes, offered):
    with pytest.raises(Exception, match=r"did not accept the training.*file_data"):
        await finetunes.train(a_training(archive=b"no zip"))


def test_every_wrong_setting_is_named_before_anything_is_sent():
    with pytest.raises(InvalidRequests) as caught:
        training_body(a_training("", options={"iterations": 50, "mode": "portrait", "speed": 1}))
    assert {fault.field for fault in caught.value.faults} == {"comment", "iterations", "mode", "speed"}
    assert "whole number 100 to 1000" in caught.value.sentence


def test_the_mode_must_be_chosen():
    with pytest.raises(InvalidRequest, match="general, character, style, product"):
        training_body(a_training(options={}))


def test_without_a_key_there_are_no_calls(desk):
    with pytest.raises(ConfigurationError, match="FLUX_API_KEY"):
        Finetunes(desk.settings(flux_key=Secret()))


async def test_a_wrong_key_is_named(desk):
    calls = Finetunes(desk.settings(flux_key=Secret("wrong")))
    for call in (calls.mine(), calls.details("x"), calls.delete("x")):
        with pytest.raises(AuthenticationFailed):
            await call


async def test_the_wrong_cluster_knows_no_finetune(desk, sandbox):
    elsewhere = Finetunes(desk.settings(flux_finetune_endpoint=sandbox.endpoint))
    assert await elsewhere.mine() == ()
    assert await elsewhere.details(OLD_FINETUNE) is None
    assert (await elsewhere.state(OLD_FINETUNE)).status == "unknown"
    assert await elsewhere.delete(OLD_FINETUNE) is False


# pictures


def a_card(base, remote=None):
    pinned = FINETUNE_BASES[base].pinned
    return finetuned_card(
        Finetune(id="mine", remote_id=remote or (OLD_FINETUNE if pinned else UPLOADED_LORA), base=base, label="Mine")
    )


@pytest.mark.parametrize("base", FINETUNE_BASES)
async def test_every_kind_of_finetune_makes_pictures_where_it_lives(desk, sandbox, base):
    sandbox.change(withdrawn="answer")
    row = a_card(base)
    side = max(256, row.pictures.min_side)
    pictures = tuple(a_picture(side, side) for _ in range(row.pictures.required))
    mask = Mask(data=b"\xff" * side * side, width=side, height=side) if row.mask != "none" else None
    task = "generate" if "generate" in row.tasks else min(row.tasks)
    request = a_request("TOK", task=task, model=row.name, pictures=pictures, mask=mask, seed=5)
    result = await desk.result(request, row=row)
    (call,) = sandbox.calls
    assert call.endpoint == row.endpoint
    assert (call.body["finetune_id"], call.body["finetune_strength"]) == (row.extra["finetune_id"], 1.0)
    assert (result.model, result.seed) == ("finetune-mine", 5)
    assert sandbox.violations == []


async def test_a_wish_for_another_strength_travels(desk, sandbox):
    request = a_request("TOK", model="finetune-mine", options={"finetune_strength": 1.4})
    await desk.result(request, row=a_card("ultra"))
    assert sandbox.calls[0].body["finetune_strength"] == 1.4


async def test_the_wrong_cluster_is_named_with_its_valve(desk, sandbox):
    context = desk.context(flux_finetune_endpoint=sandbox.endpoint)
    with pytest.raises(ConfigurationError, match=r"only on the cluster where it was trained.*FLUX_FINETUNE_ENDPOINT"):
        await desk.run(a_request("TOK", model="finetune-mine"), context, row=a_card("ultra"))
    assert sandbox.settings.balance == 1000.0


async def test_an_unknown_lora_is_named_with_the_dashboard(desk):
    with pytest.raises(ConfigurationError, match="dashboard"):
        await desk.run(a_request(model="finetune-mine"), row=a_card("klein-4b", "not-there"))


async def test_a_withdrawn_base_is_explained_with_its_valve(desk):
    with pytest.raises(ConfigurationError, match=r"FLUX_FINETUNE_ENDPOINT.*withdrawn"):
        await desk.run(a_request("TOK", model="finetune-mine"), row=a_card("pro"))


async def test_a_job_of_a_finetune_is_resumed(desk):
    context = desk.context()
    row = a_card("ultra")
    await desk.run(a_request("TOK", model=row.name), context, row=row)
    states = await desk.resume(context.handle, row.name, row=row)
    assert states[-1].result.pictures[0].size != Size(width=0, height=0)
