"""What a chat or a person stored for another model never stops a picture: it is passed over, and that is said."""

from __future__ import annotations

from typing import Any

import pytest

from flux_studio.catalog import CARDS
from flux_studio.commands import fitting
from flux_studio.settings import Settings
from flux_studio.types import Size


def stored(variables: dict[str, str] | None = None, model: str = "flux-2-flex", **settings: Any) -> Any:
    return fitting(CARDS[model], Settings(**settings), variables or {})


def test_what_fits_counts_without_a_word() -> None:
    found = stored({"aspect": "16:9", "n": "3", "steps": "28", "size": "2k", "seed": "random", "tone": "friendly"})
    assert found.variables == {"aspect": "16:9", "count": 3, "steps": 28, "size": "2K", "seed": None}
    assert found.notices == ()


@pytest.mark.parametrize(
    ("variables", "model", "notice"),
    [
        (
            {"aspect": "wide-ish"},
            "flux-2-flex",
            "The chat variable aspect “wide-ish” was passed over; allowed: a ratio",
        ),
        ({"n": "9"}, "flux-2-flex", "The chat variable n “9” was passed over; allowed: whole number 1 to 8."),
        ({"steps": "many"}, "flux-2-flex", "The chat variable steps “many” was passed over"),
        (
            {"steps": "99"},
            "flux-2-flex",
            "The chat variable steps “99” was passed over; allowed: whole number 1 to 50.",
        ),
        ({"ar": "32:9"}, "flux-kontext-pro", "The chat variable ar “32:9” was passed over; allowed: 9:21 to 21:9."),
        ({"size": "9000x9000"}, "flux-2-pro", "The chat variable size “9000x9000” was passed over"),
        ({"size": "4K"}, "flux-2-pro", "The chat variable size “4K” was passed over; allowed: 1K, 2K."),
        ({"aspect": "x" * 500}, "flux-2-pro", f"“{'x' * 40}…” was passed over"),
    ],
)
def test_what_does_not_fit_is_passed_over_with_a_notice(variables: dict[str, str], model: str, notice: str) -> None:
    found = stored(variables, model)
    assert found.variables == {}
    assert notice in found.notices[0]


def test_every_value_is_judged_alone() -> None:
    found = stored({"n": "9", "steps": "many", "guidance": "4"})
    assert found.variables == {"guidance": 4.0}
    assert len(found.notices) == 2


def test_a_setting_of_another_model_needs_no_word() -> None:
    assert stored({"steps": "28", "raw": "on"}, "flux-2-pro").notices == ()


def test_a_chat_can_neither_choose_a_picture_nor_a_model() -> None:
    assert stored({"edit": "3", "new": "on", "model": "flux-2-max"}).variables == {}


def test_a_persons_own_settings_are_judged_too() -> None:
    found = stored(aspect="sixteen by nine", count=99, seed=2**40)
    assert (found.settings.aspect, found.settings.count, found.settings.seed) == (None, 1, None)
    assert [notice.split(" “")[0] for notice in found.notices] == [
        "Your own setting ASPECT_RATIO",
        "Your own setting COUNT",
        "Your own setting SEED",
    ]
    fine = stored(aspect="16:9", count=2, seed=5)
    assert (fine.settings.aspect, fine.settings.count, fine.settings.seed, fine.notices) == ("16:9", 2, 5, ())


def test_a_size_is_still_a_size() -> None:
    assert stored({"size": "512x768"}).variables == {"size": Size(width=512, height=768)}
