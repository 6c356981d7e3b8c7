"""Which way of placing a model is chosen: the table of docs/engine.md as cases."""

from __future__ import annotations

import pytest

from flux_engine.errors import EngineFault
from flux_engine.memory import Device, choose
from flux_engine.models import MODELS

KLEIN, DEV, TINY = MODELS["local-flux-2-klein-4b"], MODELS["local-flux-1-dev"], MODELS["flux-tiny"]


def card(gigabytes: float) -> Device:
    return Device(kind="cuda", name="cuda:0", free=gigabytes, host_free=64)


@pytest.mark.parametrize(
    ("model", "free", "placement"),
    [
        (KLEIN, 78, "resident"),
        (KLEIN, 23, "resident"),
        (KLEIN, 15, "model_offload"),
        (KLEIN, 11, "group_offload"),
        (KLEIN, 7, "group_offload"),
        (DEV, 78, "resident"),
        (DEV, 47, "resident"),
        (DEV, 30, "model_offload"),
        (DEV, 23, "group_offload"),
    ],
)
def test_the_first_exact_way_that_fits_is_taken(model, free, placement):
    plan = choose(model, card(free))
    assert (plan.placement, plan.exact) == (placement, True)
    assert plan.needs <= free


@pytest.mark.parametrize(
    ("free", "quantisation", "placement"),
    [
        (23, "8", "resident"),
        (15, "4", "resident"),
        (12, "4", "model_offload"),
        (8, "4", "group_offload"),
        (23, "none", "group_offload"),
    ],
)
def test_smaller_weights_are_the_admins_choice(free, quantisation, placement):
    plan = choose(DEV, card(free), quantisation=quantisation)
    assert (plan.placement, plan.exact) == (placement, quantisation == "none")


def test_a_hopeless_run_is_refused_with_figures_and_advice():
    with pytest.raises(EngineFault, match=r"needs about 5 GB on cuda:0, and 3 GB are free") as refused:
        choose(DEV, card(3))
    assert refused.value.code == "memory"
    assert "--quantize" in refused.value.advice


def test_offloading_needs_main_memory():
    with pytest.raises(EngineFault):
        choose(DEV, Device(kind="cuda", name="cuda:0", free=23, host_free=16))


def test_a_processor_has_nowhere_to_offload_to():
    with pytest.raises(EngineFault):
        choose(KLEIN, Device(kind="cpu", name="cpu", free=12, host_free=12))


@pytest.mark.parametrize("kind", ["cuda", "mps", "cpu"])
def test_flux_tiny_runs_anywhere(kind):
    plan = choose(TINY, Device(kind=kind, name=kind, free=1))
    assert (plan.placement, plan.exact) == ("resident", True)
