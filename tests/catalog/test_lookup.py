"""Finding models by name, and choosing the ones to show."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from flux_studio import catalog
from flux_studio.catalog import CARDS, card, for_editor, select, shown
from flux_studio.errors import ConfigurationError, InvalidRequest


def always(provider: str) -> bool:
    return True


@pytest.mark.parametrize("name", ["flux-2-pro", "FLUX-2-Pro", "flux_studio.flux-2-pro", " Flux_Studio.FLUX-2-PRO "])
def test_a_model_is_found_with_or_without_prefix_and_in_any_case(name: str) -> None:
    assert card(name).label == "FLUX.2 [pro]"


def test_an_unknown_model_is_answered_with_near_names() -> None:
    with pytest.raises(InvalidRequest) as caught:
        card("flux-2-prro")
    assert caught.value.field == "model"
    assert caught.value.sentence.startswith("There is no model “flux-2-prro”; did you mean flux-2-pro")


@pytest.mark.parametrize("name", ["", "zzzzzz", "x" * 1_000_000, "\x00", "flux_studio."])
def test_a_name_like_no_other_is_answered_with_all_of_them(name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        card(name)
    assert all(known in caught.value.sentence for known, row in CARDS.items() if row.state == "current" and row.in_chat)
    assert len(caught.value.sentence) < 200 + 25 * len(CARDS)


def test_an_empty_valve_shows_every_current_model_of_a_configured_provider() -> None:
    assert [row.name for row in shown((), always)] == [
        name for name, row in CARDS.items() if row.in_chat and row.listed and row.state == "current"
    ]
    assert shown((), lambda provider: False) == []
    assert {row.provider for row in shown((), lambda provider: provider != "bfl")} == {
        "openai",
        "openai_server",
        "engine",
    }


def test_the_valve_decides_models_and_order() -> None:
    names = ("flux-kontext-pro", "FLUX_STUDIO.flux-2-max", "flux-kontext-pro")
    assert [row.name for row in shown(names, lambda provider: False)] == ["flux-kontext-pro", "flux-2-max"]


def test_unknown_names_in_the_valve_are_named() -> None:
    with pytest.raises(ConfigurationError, match="“flux-9”, “dall-e”") as caught:
        shown(("flux-9", "flux-2-pro", "dall-e"), always)
    assert "MODELS" in caught.value.sentence


@pytest.mark.parametrize("name", ["flux-pro-1.0-canny", "flux-pro-1.0-depth"])
def test_withdrawn_models_are_kept_only_to_name_their_successor(name: str) -> None:
    assert card(card(name).successor).state == "current"
    assert name not in [row.name for row in (*select((name,), always).cards, *for_editor((name,), always))]


def test_the_tolerant_way_skips_and_reports_unknown_names() -> None:
    selection = select(("flux-9", "flux-2-pro"), always)
    assert [row.name for row in selection.cards] == ["flux-2-pro"]
    assert selection.unknown == ("flux-9",)


EDITOR_ONLY = ["flux-pro-1.0-fill", "flux-pro-1.0-expand", "flux-tools-erase-v1", "flux-tools-outpainting-v1"]


def test_models_of_the_editor_never_answer_in_a_chat() -> None:
    named = select(("flux-pro-1.0-fill", "flux-2-pro"), always)
    assert [row.name for row in named.cards] == ["flux-2-pro"]
    assert named.unknown == ()
    assert not {row.name for row in shown((), always)} & set(EDITOR_ONLY)


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (("flux-kontext-pro", "flux-pro-1.1"), [*EDITOR_ONLY, "flux-kontext-pro"]),
        (("flux-kontext-pro", "flux-tools-erase-v1"), ["flux-tools-erase-v1", "flux-kontext-pro"]),
        (("flux-9",), EDITOR_ONLY),
    ],
)
def test_the_editor_has_its_own_models_and_those_of_the_chat_that_can_paint(
    models: tuple[str, ...], expected: list[str]
) -> None:
    assert [row.name for row in for_editor(models, always)] == expected


def test_without_a_choice_the_editor_has_every_current_model_that_can_work_on_an_area() -> None:
    names = [row.name for row in for_editor((), always)]
    assert names[:4] == EDITOR_ONLY
    assert "flux-2-pro" in names
    assert "flux-pro-1.1" not in names
    assert for_editor((), lambda provider: False) == ()


def test_deprecated_models_are_shown_only_when_named_and_withdrawn_ones_never(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {
        "new": replace(CARDS["flux-2-pro"], name="new"),
        "old": replace(CARDS["flux-2-pro"], name="old", state="deprecated"),
        "gone": replace(CARDS["flux-2-pro"], name="gone", state="withdrawn"),
    }
    monkeypatch.setattr(catalog, "CARDS", MappingProxyType(rows))
    assert [row.name for row in select((), always).cards] == ["new"]
    named = select(("old", "gone"), always)
    assert [row.name for row in named.cards] == ["old"]
    assert named.unknown == ("gone",)
