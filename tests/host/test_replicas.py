"""Two Open WebUI processes on one PostgreSQL and one Redis: one of them dies, and nobody loses a picture."""

from __future__ import annotations

import pytest

from tools.asking import ask
from tools.bench.replicas import phase, scenario
from tools.bench.tab import Tab
from tools.replicas import SCHEMA, replicated
from tools.stage import until

pytestmark = pytest.mark.host

JOBS = 16


@pytest.fixture(scope="module")
def replicas(tmp_path_factory):
    with replicated(tmp_path_factory.mktemp("replicas"), duration=3.0) as both:
        yield both


def test_a_tab_that_hangs_on_the_other_replica_sees_its_picture(replicas):
    """The table of jobs lies where the host was told to have its own."""
    first, second = replicas
    anna = first.person("anna")
    with Tab(second.host, anna) as tab:
        question = ask(first, anna, "seen across")
        tab.wait_for([question.message], seconds=60)
    until(lambda: phase(first, question) == "delivered")
    assert len(second.chat(anna, question.chat)[question.message]["files"]) == 1
    tables = first.rows("SELECT schemaname FROM pg_tables WHERE tablename = ?", "flux_studio_job")
    assert [table["schemaname"] for table in tables] == [SCHEMA]


def test_stop_pressed_on_the_other_replica_stops(replicas):
    first, second = replicas
    anna = first.person("anna")
    question = ask(first, anna, "stopped across [sandbox:slow=5]")
    until(lambda: phase(first, question) == "submitted")
    second.host.session(anna).post(f"/api/tasks/chat/{question.chat}/stop").raise_for_status()
    until(lambda: "the cost stays" in second.chat(anna, question.chat)[question.message]["content"])
    until(lambda: phase(first, question) == "delivered")
    assert first.jobs("message = ?", question.message)[0]["place"] == "draft"
    assert len(first.sandbox.submitted(question.marker)) == 1


def test_one_replica_dies_and_the_other_brings_every_picture(replicas):
    """A third of the jobs may be at the provider at once; `scenario` looks at every picture from three sides."""
    survivor, victim = replicas
    with Tab(survivor.host, survivor.person("anna")) as tab:
        report = scenario(survivor, victim, JOBS, print)
    assert report.problems == []
    assert len(report.fates) == JOBS
    interrupted = [fate for fate in report.fates if fate.role == "killed" and fate.caught.state != "delivered"]
    assert {"submitting"} < {fate.caught.state for fate in interrupted}
    annas = [fate.caught.question for fate in interrupted if fate.caught.question.account.name == "anna"]
    assert annas
    assert {question.message for question in annas} <= tab.reloads
