"""The fair order: limits hold whatever comes, nobody is passed over without a reason."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from flux_studio.jobs import Limits
from flux_studio.jobs.turn import Waiting, decide, fair_order

MODELS = {"quick": None, "slow": 2, "single": 1}

waiting_jobs = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(sorted(MODELS))), max_size=12).map(
    lambda rows: [
        Waiting(id=f"{place:02}", user=user, model=model, created_at=place, active_of_model=MODELS[model])
        for place, (user, model) in enumerate(rows)
    ]
)
active_jobs = st.lists(st.tuples(st.sampled_from("abc"), st.just("quick")), max_size=4)


@given(waiting_jobs, active_jobs, st.integers(1, 8), st.integers(0, 6), st.integers(0, 6))
def test_admitting_one_after_the_other_keeps_every_limit_and_wastes_no_slot(
    waiting: list[Waiting], active: list[tuple[str, str]], limit: int, per_minute: int, recent: int
) -> None:
    waiting, active, before, earlier = list(waiting), list(active), len(active), recent
    progress = True
    while progress:
        progress = False
        for job in list(waiting):
            limits = Limits(active=limit, active_of_model=MODELS[job.model], per_minute=per_minute)
            if decide(job.id, waiting=waiting, active=active, recent=recent, limits=limits).admitted:
                waiting.remove(job)
                active.append((job.user, job.model))
                recent, progress = recent + 1, True
    of_model = Counter(model for _, model in active)
    assert len(active) <= max(limit, before)
    assert not per_minute or recent <= max(per_minute, earlier)
    assert all(most is None or of_model[model] <= most for model, most in MODELS.items())
    has_room = len(active) < limit and (not per_minute or recent < per_minute)
    if has_room:
        assert all(MODELS[job.model] is not None and of_model[job.model] >= MODELS[job.model] for job in waiting)


@given(waiting_jobs, active_jobs)
def test_within_a_user_the_older_job_is_first_and_turns_go_round(
    waiting: list[Waiting], active: list[tuple[str, str]]
) -> None:
    had = Counter(user for user, _ in active)
    order = fair_order(waiting, had)
    assert Counter(job.id for job in order) == Counter(job.id for job in waiting)
    turns: Counter[str] = Counter(had)
    for place, job in enumerate(order):
        later = {other.user for other in order[place:]}
        assert turns[job.user] == min(turns[user] for user in later)
        assert all(other.created_at > job.created_at for other in order[place + 1 :] if other.user == job.user)
        turns[job.user] += 1


def test_a_job_that_is_not_in_line_is_not_admitted() -> None:
    job = Waiting(id="a", user="u", model="m", created_at=1.0)
    answer = decide("b", waiting=[job], active=[], recent=0, limits=Limits(active=5))
    assert (answer.admitted, answer.position) == (False, 1)
