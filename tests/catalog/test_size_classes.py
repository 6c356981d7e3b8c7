"""1K, 2K and 4K: how large a picture of any ratio is, where the model has the choice."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux_studio.catalog import CARDS
from flux_studio.catalog.check import check
from flux_studio.catalog.sizes import SIZE_CLASSES, classes, fits, ratio_allowed, size_of_class
from flux_studio.errors import InvalidRequest
from flux_studio.types import Picture, Request, Size

FREE = [row for row in CARDS.values() if row.size.kind == "free" and row.state == "current"]
WIDE = Picture(data=b"x", mime="image/png", width=1600, height=900)


def checked(model: str, **wish: Any) -> Request:
    task = "edit" if wish.get("pictures") else "generate"
    return check(CARDS[model], Request(task=task, model=model, prompt="a fox", **wish), safety_cap=2).request


def refused(model: str, **wish: Any) -> str:
    with pytest.raises(InvalidRequest) as caught:
        checked(model, **wish)
    return caught.value.sentence


@pytest.mark.parametrize(
    ("model", "wish", "expected"),
    [
        ("flux-2-pro", {"size_class": "1K"}, Size(width=1024, height=1024)),
        ("flux-2-pro", {"size_class": "2K"}, Size(width=2048, height=2048)),
        ("flux-2-pro", {"size_class": "2K", "aspect": "16:9"}, Size(width=2720, height=1536)),
        ("flux-2-pro", {"size_class": "2K", "pictures": (WIDE,)}, Size(width=2720, height=1536)),
        ("flux-2-pro", {"size_class": "1K", "pictures": (WIDE,), "aspect": "1:1"}, Size(width=1024, height=1024)),
        ("flux-pro-1.1", {"size_class": "1K"}, Size(width=1184, height=896)),
    ],
)
def test_a_class_becomes_pixels_of_the_right_shape(model: str, wish: dict[str, Any], expected: Size) -> None:
    made = checked(model, **wish)
    assert (made.size, made.aspect, made.size_class) == (expected, None, None)


def test_a_class_the_model_has_not_got_is_named_with_those_it_has() -> None:
    assert refused("flux-2-pro", size_class="4K") == "FLUX.2 [pro] has no 4K; it makes 1K, 2K."
    assert "has no 2K; it makes 1K." in refused("flux-pro-1.1", size_class="2K")
    assert "has no 4K; it makes 1K." in refused("flux-kontext-pro", size_class="4K")


def test_a_model_that_takes_a_ratio_delivers_its_own_class() -> None:
    assert checked("flux-pro-1.1-ultra", size_class="2K", aspect="16:9").aspect == "16:9"
    assert checked("flux-pro-1.1-ultra", size_class="2K").aspect is None
    assert checked("flux-kontext-pro", size_class="1K").size is None


def test_a_model_with_a_setting_for_it_gets_the_class_there() -> None:
    made = checked("flux-3-image", size_class="4K", aspect="16:9")
    assert (made.options["resolution"], made.aspect, made.size_class) == ("4k", "16:9", None)
    assert checked("flux-3-image", size_class="2K", options={"resolution": "1k"}).options["resolution"] == "1k"


def test_a_ratio_beyond_the_models_is_refused_with_a_class_too() -> None:
    assert "1:8 to 8:1" in refused("flux-2-pro", size_class="2K", aspect="20:1")


@given(st.sampled_from(FREE), st.sampled_from(list(SIZE_CLASSES)), st.fractions(Fraction(1, 8), Fraction(8)))
def test_every_class_fits_the_model_and_comes_near_its_area(card: Any, name: Any, ratio: Fraction) -> None:
    if name not in classes(card.size) or not ratio_allowed(ratio, card.size):
        return
    size = size_of_class(name, ratio, card.size)
    assert fits(size, card.size)
    assert size.width % card.size.multiple == size.height % card.size.multiple == 0
    if card.size.maximum is None:
        assert size.pixels == pytest.approx(SIZE_CLASSES[name], rel=0.06)
