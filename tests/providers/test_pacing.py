"""The polling schedule, judged by simulated jobs with a clock of their own."""

import itertools
import random
import statistics

import pytest

from flux_studio.providers.pacing import (
    FIRST_PAUSE,
    LONGEST_TROUBLE_PAUSE,
    Durations,
    Pacing,
    may_be_missing,
    pause_after_trouble,
)


def ask_until_ready(pacing: Pacing, ready: float) -> tuple[float, int]:
    """How late a job is noticed that is ready after `ready` seconds, and with how many questions."""
    now, questions = pacing.first(), 1
    while now < ready:
        now += pacing.pause(now)
        questions += 1
    return now - ready, questions


def simulate(typical: float, *, spread: float = 0.25, jobs: int = 2000, measured: bool = True):
    generator = random.Random(7)
    durations = [typical * generator.lognormvariate(0.0, spread) for _ in range(jobs)]
    asked = [
        ask_until_ready(Pacing(typical=typical, measured=measured, phase=generator.random()), seconds)
        for seconds in durations
    ]
    lateness = sorted(late for late, _ in asked)
    return lateness, sum(count for _, count in asked) / sum(durations)


@pytest.mark.parametrize("typical", [2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 40.0])
@pytest.mark.parametrize("spread", [0.05, 0.25])
def test_a_ready_picture_is_noticed_early_with_few_questions(typical, spread):
    lateness, rate = simulate(typical, spread=spread)
    assert statistics.median(lateness) <= 0.25
    assert lateness[int(0.95 * len(lateness))] <= 0.55
    assert rate <= 1.5


def test_a_mix_of_models_including_very_fast_ones_keeps_the_budget():
    lateness, questions, seconds = [], 0.0, 0.0
    for typical in (1.0, 2.0, 5.0, 8.0, 15.0):
        late, rate = simulate(typical)
        lateness += late
        questions += rate * typical
        seconds += typical
    assert statistics.median(lateness) <= 0.25
    assert sorted(lateness)[int(0.95 * len(lateness))] <= 0.55
    assert questions / seconds <= 1.5


def test_an_unmeasured_model_that_is_much_faster_than_guessed_is_noticed():
    late, questions = ask_until_ready(Pacing(typical=8.0, measured=False), 0.05)
    assert late <= FIRST_PAUSE
    assert questions == 1
    late, _ = ask_until_ready(Pacing(typical=20.0, measured=False), 3.0)
    assert late <= 1.5


def test_the_measured_duration_leads_to_the_real_one():
    durations = Durations(recent=5)
    durations.add("flux-2-klein-4b", 8.0)
    for _ in range(20):
        pacing = Pacing(typical=durations.typical("flux-2-klein-4b", 8.0))
        late, _ = ask_until_ready(pacing, 1.2)
        durations.add("flux-2-klein-4b", 1.2 + late)
    assert durations.typical("flux-2-klein-4b", 8.0) < 1.8


def test_a_job_that_never_ends_is_asked_for_ever_more_rarely():
    pacing = Pacing(typical=5.0)
    now, times = pacing.first(), []
    while now < 600:
        times.append(now)
        now += pacing.pause(now)
    pauses = [round(after - before, 6) for before, after in itertools.pairwise(times)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 2.0
    assert len(times) < 360


@pytest.mark.parametrize("measured", [True, False])
@pytest.mark.parametrize("typical", [-5.0, 0.0, 0.05, 1.0, 8.0, 3000.0])
@pytest.mark.parametrize("elapsed", [-10.0, 0.0, 0.4, 7.0, 1e6])
def test_no_time_makes_a_pause_vanish(typical, measured, elapsed):
    assert Pacing(typical=typical, measured=measured).pause(elapsed) >= FIRST_PAUSE


def test_the_admin_may_shorten_the_longest_pause():
    assert Pacing(typical=1.0, longest=0.8).pause(500.0) == 0.8


@pytest.mark.parametrize(
    ("failures", "retry_after", "expected"),
    [(1, None, 1.0), (2, None, 2.0), (4, None, 8.0), (50, None, LONGEST_TROUBLE_PAUSE), (1, 4.0, 4.0), (9, 0.0, 0.3)],
)
def test_pauses_after_trouble(failures, retry_after, expected):
    assert pause_after_trouble(failures, retry_after, lambda: 1.0) == expected


def test_half_of_a_pause_after_trouble_is_random():
    assert pause_after_trouble(3, None, lambda: 0.0) == 2.0


@pytest.mark.parametrize(
    ("elapsed", "tries", "expected"),
    [(0.5, 1, True), (14.0, 5, True), (14.0, 6, False), (16.0, 1, True), (16.0, 2, False)],
)
def test_how_long_a_fresh_task_may_be_unknown(elapsed, tries, expected):
    assert may_be_missing(elapsed, tries) is expected


def test_durations_give_the_median_of_the_recent_jobs():
    durations = Durations(recent=3)
    assert durations.typical("flux-2-pro", 8.0) == 8.0
    for seconds in (100.0, 4.0, 6.0, 5.0):
        durations.add("flux-2-pro", seconds)
    assert durations.typical("flux-2-pro", 8.0) == 5.0
    assert durations.typical("flux-2-max", 15.0) == 15.0


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0])
def test_meaningless_durations_are_not_noted(seconds):
    durations = Durations()
    durations.add("flux-2-pro", seconds)
    assert durations.typical("flux-2-pro", 8.0) == 8.0


def test_the_least_recently_used_model_is_forgotten():
    durations = Durations(models=2)
    for model in ("a", "b", "a", "c"):
        durations.add(model, 1.0)
    assert [durations.typical(model, 9.0) for model in "abc"] == [1.0, 9.0, 1.0]
