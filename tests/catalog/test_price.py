"""What pictures cost before anybody is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flux_studio.catalog import CARDS
from flux_studio.catalog.price import output_size, price
from flux_studio.types import Picture, Request, Size


def picture(width: int, height: int) -> Picture:
    return Picture(data=b"", mime="image/png", width=width, height=height)


def credits(
    model: str, size: tuple[int, int] | None = None, pictures: tuple[Picture, ...] = (), count: int = 1
) -> float:
    wish = None if size is None else Size(width=size[0], height=size[1])
    task = "edit" if pictures else "generate"
    cost = price(CARDS[model], Request(task=task, model=model, prompt="x", pictures=pictures, size=wish, count=count))
    assert cost is not None
    assert (cost.currency, cost.exact) == ("credits", False)
    return cost.amount


@pytest.mark.parametrize(("options", "expected"), [({}, 20), ({"mode": "high"}, 20), ({"mode": "fast"}, 4.5)])
def test_a_mode_has_its_own_price(options: dict[str, str], expected: float) -> None:
    card = CARDS["flux-tools-outpainting-v1"]
    cost = price(card, Request(task="expand", model=card.name, prompt="", options=options, count=2))
    assert cost is not None
    assert cost.amount == 2 * expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("flux-2-pro", 3),
        ("flux-2-max", 7),
        ("flux-2-flex", 6),
        ("flux-2-klein-4b", 1.4),
        ("flux-2-klein-9b", 1.5),
        ("flux-pro-1.1", 4),
        ("flux-pro-1.1-ultra", 6),
        ("flux-kontext-pro", 4),
        ("flux-kontext-max", 8),
    ],
)
def test_a_picture_of_the_usual_size_costs_the_first_price(model: str, expected: float) -> None:
    assert credits(model) == expected


def test_less_than_a_megapixel_costs_as_much_as_one() -> None:
    assert credits("flux-2-pro", (256, 256)) == 3


def test_further_output_megapixels_are_added() -> None:
    assert credits("flux-2-pro", (2048, 2048)) == 3 + 3 * 1.5
    assert credits("flux-2-flex", (2048, 1024)) == 12


def test_input_megapixels_are_added_up_to_what_is_uploaded() -> None:
    assert credits("flux-2-pro", (1024, 1024), (picture(1024, 1024), picture(1024, 512))) == 3 + 1.5 * 1.5
    assert credits("flux-2-pro", (1024, 1024), (picture(8000, 6000),)) == 3 + 4 * 1.5


def test_an_edit_without_a_size_is_priced_at_the_size_of_its_input() -> None:
    assert credits("flux-2-max", None, (picture(2048, 1024),)) == 7 + 3 + 2 * 3
    assert credits("flux-2-max", None, (picture(8000, 6000),)) == 7 + 3 * 3 + 4 * 3


def test_several_pictures_cost_several_times_as_much() -> None:
    assert credits("flux-2-klein-4b", count=4) == 5.6


def test_a_model_without_price_has_no_estimate() -> None:
    card = replace(CARDS["flux-2-pro"], price=None)
    assert price(card, Request(task="generate", model="flux-2-pro", prompt="x")) is None


def test_the_expected_size_is_the_models_usual_one() -> None:
    request = Request(task="generate", model="flux-pro-1.1", prompt="x")
    assert output_size(CARDS["flux-pro-1.1"], request) == Size(width=1024, height=768)
    assert output_size(CARDS["flux-pro-1.1-ultra"], request) == Size(width=2048, height=2048)
    assert output_size(CARDS["flux-kontext-pro"], request) == Size(width=1024, height=1024)
