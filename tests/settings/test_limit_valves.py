"""The valves about money become limits, and a wrong one is named."""

from __future__ import annotations

import math

import pytest

from flux_studio.errors import ConfigurationError
from flux_studio.limits import Allowance, GroupLimit
from flux_studio.settings import build, for_editor
from flux_studio.valves import EditValves, PipeValves


def test_without_valves_there_are_no_limits_and_dear_orders_are_asked_about():
    settings = build(PipeValves(), environ={})
    assert settings.allowance == Allowance(pictures_a_day=math.inf, credits_a_month=math.inf)
    assert settings.group_limits == ()
    assert settings.confirm_above == 100


def test_the_editor_has_the_same_limits_as_the_chat():
    valves = PipeValves(
        DAILY_PICTURES_PER_USER=5, MONTHLY_BUDGET_PER_USER=12.5, CONFIRM_ABOVE=0, GROUP_LIMITS="Design: unlimited"
    )
    for settings in (build(valves, environ={}), for_editor(valves, EditValves(), environ={})):
        assert settings.allowance == Allowance(pictures_a_day=5, credits_a_month=12.5)
        assert settings.group_limits == (GroupLimit(group="Design", pictures_a_day=math.inf, credits_a_month=math.inf),)
        assert settings.confirm_above == 0


@pytest.mark.parametrize(
    ("valve", "value", "words"),
    [
        ("DAILY_PICTURES_PER_USER", -1, "0 to 1e+06"),
        ("MONTHLY_BUDGET_PER_USER", -0.5, "0 to"),
        ("CONFIRM_ABOVE", math.nan, "a number"),
        ("GROUP_LIMITS", "Design: some", "at “some”"),
    ],
)
def test_a_wrong_one_is_named(valve, value, words):
    with pytest.raises(ConfigurationError) as caught:
        build(PipeValves(**{valve: value}), environ={})
    assert valve in caught.value.sentence
    assert words in caught.value.sentence
