"""The rows of OpenAI's models: settings, sizes, formats, prices, and names of the past."""

from __future__ import annotations

import pytest

from flux_studio.catalog import CARDS, TokenPrice, card, select, serving
from flux_studio.catalog.check import check
from flux_studio.catalog.price import price, usual_price
from flux_studio.catalog.table import table_rows
from flux_studio.catalog.tokens import Usage, bill
from flux_studio.errors import InvalidRequest
from flux_studio.types import Request, Size

OPENAI = {name: row for name, row in CARDS.items() if row.provider == "openai"}
CURRENT = {name: row for name, row in OPENAI.items() if row.state == "current"}


def wish(model: str = "gpt-image-2", **fields) -> Request:
    return Request(**{"task": "generate", "model": model, "prompt": "a fox", **fields})


def checked(model: str = "gpt-image-2", *, cap: int = 2, **fields):
    return check(card(model), wish(model, **fields), safety_cap=cap)


def test_all_models_of_today_are_there_and_those_of_yesterday_name_their_successor():
    assert list(CURRENT) == [
        "gpt-image-2.6-sunburst",
        "gpt-image-2.6-flare",
        "gpt-image-2.5-sunburst",
        "gpt-image-2.5-flare",
        "gpt-image-2",
        "gpt-image-1.5",
        "gpt-image-1-mini",
        "chatgpt-image-latest",
    ]
    assert set(OPENAI) - set(CURRENT) == {"gpt-image-1", "dall-e-2", "dall-e-3"}


@pytest.mark.parametrize("name", ["gpt-image-1", "dall-e-2", "dall-e-3"])
def test_a_retired_model_is_answered_by_its_successor_with_a_sentence(name):
    row, sentence = serving(card(name))
    assert row.state == "current"
    assert (
        sentence
        == f"{card(name).label} was retired by its maker on {card(name).state_since}; {row.label} drew this instead."
    )
    assert card(name) not in select((), lambda provider: True).cards
    assert serving(row) == (row, "")


def test_a_withdrawn_flux_model_is_only_named():
    assert serving(card("flux-pro-1.0-canny")) == (card("flux-pro-1.0-canny"), "")


@pytest.mark.parametrize(
    ("model", "width", "height"),
    [
        ("gpt-image-2", 1000, 640),  # below 655,360 pixels
        ("gpt-image-2", 4096, 1024),
        ("gpt-image-2", 3840, 2304),
        ("gpt-image-2", 3200, 1024),  # beyond 3:1
        ("gpt-image-1.5", 1280, 1024),
    ],
)
def test_sizes_the_service_refuses_are_refused_here(model, width, height):
    with pytest.raises(InvalidRequest) as caught:
        checked(model, size=Size(width=width, height=height))
    assert caught.value.field == "size"


@pytest.mark.parametrize(
    ("size", "fitting"),
    [((1530, 870), (1536, 864)), ((3840, 2160), (3840, 2160)), ((1025, 641), (1024, 640)), ((640, 1025), (640, 1024))],
)
def test_sizes_are_brought_to_steps_of_16_within_the_limits(size, fitting):
    request = checked(size=Size(width=size[0], height=size[1])).request
    assert (request.size.width, request.size.height) == fitting


@pytest.mark.parametrize(
    ("aspect", "size", "words"),
    [("3:2", (1536, 1024), 0), ("4:3", (1536, 1024), 0), ("16:9", (1536, 1024), 1), ("9:16", (1024, 1536), 1)],
)
def test_a_ratio_takes_the_nearest_of_three_sizes_and_says_so_when_it_is_far(aspect, size, words):
    result = checked("gpt-image-1.5", aspect=aspect)
    assert (result.request.size.width, result.request.size.height) == size
    assert len(result.notices) == words


@pytest.mark.parametrize(
    ("options", "format", "expected", "left"),
    [
        ({"background": "transparent"}, "jpeg", "png", {"background": "transparent"}),
        ({"background": "transparent"}, "webp", "webp", {"background": "transparent"}),
        ({"background": "opaque"}, "jpeg", "jpeg", {"background": "opaque"}),
        ({"compression": 60}, "png", "png", {}),
        ({"compression": 60}, "webp", "webp", {"compression": 60}),
        ({"background": "transparent", "compression": 60}, "jpeg", "png", {"background": "transparent"}),
    ],
)
def test_a_format_holds_what_is_asked_for(options, format, expected, left):
    result = checked(options=options, format=format)
    assert (result.request.format, dict(result.request.options)) == (expected, left)
    assert bool(result.notices) == (expected != format or left != options)


@pytest.mark.parametrize(("cap", "level"), [(6, "low"), (5, "low"), (4, None), (0, None)])
def test_low_moderation_needs_the_admins_tolerance(cap, level):
    result = checked(cap=cap, options={"moderation": "low"})
    assert result.request.options.get("moderation") == level
    assert bool(result.notices) == (level is None)


@pytest.mark.parametrize(
    ("model", "options", "allowed"),
    [
        ("gpt-image-2", {"quality": "max"}, "auto, low, medium, high"),
        ("gpt-image-2", {"previews": 4}, "whole number 0 to 3"),
        ("gpt-image-2", {"compression": 101}, "whole number 0 to 100"),
        ("gpt-image-2", {"moderation": "none"}, "auto, low"),
        ("gpt-image-2.6-flare", {"complexity": "extreme"}, "low, medium, high"),
        ("gpt-image-1.5", {"input_fidelity": "medium"}, "high, low"),
    ],
)
def test_values_outside_are_named_with_what_is_allowed(model, options, allowed):
    with pytest.raises(InvalidRequest) as caught:
        checked(model, options=options)
    assert caught.value.allowed == allowed


@pytest.mark.parametrize("name", CURRENT)
def test_every_model_has_a_price_in_dollars_that_grows_with_quality(name):
    row = card(name)
    assert isinstance(row.price, TokenPrice)
    levels = [quality for quality in row.option("quality").choices if quality != "auto"]
    costs = [price(row, wish(name, options={"quality": level})).amount for level in levels]
    assert costs == sorted(costs)
    assert price(row, wish(name)).currency == "USD"
    assert not price(row, wish(name)).exact
    assert "billed by tokens" in table_rows([row])[0][5]


@pytest.mark.parametrize(("quality", "dollars"), [("low", 0.009), ("medium", 0.034), ("high", 0.133)])
def test_the_estimate_meets_the_published_price_of_gpt_image_1_5(quality, dollars):
    estimate = price(card("gpt-image-1.5"), wish("gpt-image-1.5", options={"quality": quality, "previews": 0}))
    assert estimate.amount == pytest.approx(dollars, abs=0.001)


def test_a_bill_is_made_of_the_tokens_that_were_counted():
    cost = bill(card("gpt-image-2").price, Usage(text_in=1000, image_in=2000, out=3000))
    assert (cost.amount, cost.currency, cost.exact) == (0.111, "USD", True)


def test_a_server_with_its_own_model_has_no_price():
    assert usual_price(card("openai-server")) is None
