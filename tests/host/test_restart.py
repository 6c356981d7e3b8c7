"""kill -9 of the host with a job in every state: paid pictures arrive, nothing is ordered twice."""

from __future__ import annotations

import pytest

from tools.asking import Question, ask
from tools.stage import until

pytestmark = pytest.mark.host


def phase_of(studio, question: Question) -> str:
    rows = studio.jobs("message = ?", question.message)
    return rows[0]["phase"] if rows else ""


def answer_of(studio, question: Question) -> dict:
    return studio.chat(question.account, question.chat)[question.message]


def test_every_state_survives_a_kill(studio):
    """Four jobs at once, each in another state when the host dies."""
    anna = studio.person("anna")
    studio.set_valves(MAX_PARALLEL_JOBS=3)
    submitting = ask(studio, anna, "killed while ordering [sandbox:slow-submit=25]")
    submitted = ask(studio, anna, "killed while painting [sandbox:slow=9]")
    downloading = ask(studio, anna, "killed while fetching [sandbox:slow-sample=6]")
    until(lambda: phase_of(studio, submitting) == "submitting" and studio.sandbox.submitted("while ordering"))
    until(lambda: phase_of(studio, submitted) == "submitted")
    until(lambda: phase_of(studio, downloading) == "downloading")
    queued = ask(studio, anna, "killed while waiting")
    until(lambda: phase_of(studio, queued) == "queued")

    studio.host.kill()
    assert phase_of(studio, submitting) == "submitting"
    assert phase_of(studio, submitted) == "submitted"
    assert phase_of(studio, downloading) == "downloading"
    assert phase_of(studio, queued) == "queued"
    studio.host.start()

    for question in (submitted, downloading, queued):
        until(lambda question=question: phase_of(studio, question) == "delivered", seconds=120)
        answer = until(
            lambda question=question: answer_of(studio, question).get("files") and answer_of(studio, question)
        )
        assert len(answer["files"]) == 1
        assert answer["done"] is True
        assert "FLUX.2" in answer["content"]
        assert len(studio.sandbox.submitted(question.marker)) == 1
        file = studio.host.session(anna).get(answer["files"][0]["url"])
        assert file.headers["content-type"].startswith("image/")
    until(lambda: phase_of(studio, submitting) == "failed", seconds=120)
    lost = until(lambda: answer_of(studio, submitting).get("content") and answer_of(studio, submitting))
    assert "may have been billed" in lost["content"]
    assert lost["done"] is True
    assert len(studio.sandbox.submitted(submitting.marker)) == 1
    studio.set_valves(MAX_PARALLEL_JOBS=20)


def test_a_kill_between_storing_and_showing(studio, open_window):
    anna = studio.person("anna")
    question = ask(studio, anna, "killed after storing")
    until(lambda: phase_of(studio, question) == "stored", pause=0.005)
    studio.host.kill()
    assert phase_of(studio, question) == "stored"
    studio.host.start()
    until(lambda: phase_of(studio, question) == "delivered", seconds=90)
    answer = answer_of(studio, question)
    assert len(answer["files"]) == 1
    assert answer["done"] is True
    assert len(studio.sandbox.submitted(question.marker)) == 1

    window = open_window(anna).open(f"/c/{question.chat}")
    assert window.pictures(count=1) == [(1024, 1024)]
    assert "FLUX.2" in window.answer.inner_text()
