"""Names of the past are taken for what they became, or explained with what to take instead."""

from __future__ import annotations

import pytest

from flux_studio import catalog
from flux_studio.catalog import CARDS, card, known, select, shown
from flux_studio.catalog.past import PAST, PAST_HOSTS
from flux_studio.errors import ConfigurationError, InvalidRequest
from flux_studio.settings import build
from flux_studio.valves import PipeValves

RENAMED = [row for row in PAST.values() if row.renamed]
GONE = [row for row in PAST.values() if not row.renamed]


def always(provider: str) -> bool:
    return True


@pytest.mark.parametrize("row", PAST.values(), ids=PAST)
def test_a_row_names_what_exists(row: catalog.Past) -> None:
    assert row.name not in CARDS
    assert row.name == row.name.casefold()
    assert row.successor.partition(" ")[0] in CARDS


@pytest.mark.parametrize("row", RENAMED, ids=lambda row: row.name)
def test_another_spelling_is_the_same_model(row: catalog.Past) -> None:
    assert card(f"flux_studio.{row.name.upper()}").name == row.successor
    assert known(row.name)


@pytest.mark.parametrize("row", GONE, ids=lambda row: row.name)
def test_what_is_gone_is_explained_with_its_successor(row: catalog.Past) -> None:
    with pytest.raises(InvalidRequest) as caught:
        card(row.name)
    assert caught.value.field == "model"
    assert caught.value.sentence.startswith(f"{row.name} ")
    assert f"take {row.successor} instead" in caught.value.sentence
    assert known(row.name)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/flux-tools/erase-v1", "flux-tools-erase-v1"),
        ("flux-tools/vto-v2", "flux-tools-vto-v2"),
        ("/v1/flux-2-max", "flux-2-max"),
    ],
)
def test_a_path_of_the_service_is_its_model(path: str, name: str) -> None:
    assert card(path).name == name


def test_the_valve_takes_other_spellings_and_explains_what_is_gone() -> None:
    names = ("flux-2", "dall-e-3", "flux-pro", "flux-9")
    assert [row.name for row in select(names, always).cards] == ["flux-2-pro"]
    with pytest.raises(ConfigurationError) as caught:
        shown(names, always)
    sentence = caught.value.sentence
    assert "dall-e-3 was withdrawn on 2026-05-12; take gpt-image-2.5-sunburst instead." in sentence
    assert "flux-pro was withdrawn on 2025-10-31; take flux-2-pro instead." in sentence
    assert "models that do not exist: “flux-9”" in sentence


def test_previews_are_offered_only_where_they_are_named() -> None:
    assert "flux-2-pro-preview" not in [row.name for row in shown((), always)]
    assert [row.name for row in shown(("flux-2-pro-preview",), always)] == ["flux-2-pro-preview"]


@pytest.mark.parametrize("address", ["https://api.bfl.ml", "https://api.bfl.ml/v1/", "https://API.BFL.ML"])
def test_an_address_of_the_past_becomes_the_one_of_today(address: str) -> None:
    assert build(PipeValves(FLUX_API_ENDPOINT=address), environ={}).flux_endpoint == "https://api.bfl.ai"
    assert set(PAST_HOSTS) == {"api.bfl.ml"}


def test_the_old_documentation_address_is_reduced_to_its_host() -> None:
    settings = build(PipeValves(FLUX_API_ENDPOINT="https://api.us1.bfl.ai/scalar"), environ={})
    assert settings.flux_endpoint == "https://api.us1.bfl.ai"
