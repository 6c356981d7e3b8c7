"""The rows of the FLUX models say the same as BFL's own description of its endpoints."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from flux_studio.catalog import CARDS, ModelCard
from flux_studio.catalog.flux_finetuned import FINETUNE_BASES
from tools.sandbox.endpoints import load_endpoints

TIER = re.compile(r"(\d+(?:\.\d+)?) \(([\w.]+)\)")
ROOT = Path(__file__).parents[2]
ENDPOINTS: dict[str, dict[str, Any]] = {
    row["path"]: row for row in json.loads((ROOT / "tools/sandbox/bfl_endpoints.json").read_text(encoding="utf-8"))
}
FLUX = {name: card for name, card in CARDS.items() if card.provider == "bfl"}
ROWS = {**FLUX, **FINETUNE_BASES}
ALL = pytest.mark.parametrize("card", ROWS.values(), ids=ROWS)


def test_the_models_stand_in_this_order() -> None:
    assert list(FLUX) == [
        "flux-2-pro",
        "flux-2-max",
        "flux-2-flex",
        "flux-2-klein-4b",
        "flux-2-klein-9b",
        "flux-2-pro-preview",
        "flux-2-klein-9b-preview",
        "flux-3-image",
        "flux-pro-1.1",
        "flux-pro-1.1-ultra",
        "flux-dev",
        "flux-kontext-pro",
        "flux-kontext-max",
        "flux-pro",
        "flux-tools-deblur-v1",
        "flux-tools-vto-v2",
        "flux-tools-vto-v1",
        "flux-pro-1.0-fill",
        "flux-pro-1.0-expand",
        "flux-tools-erase-v1",
        "flux-tools-outpainting-v1",
        "flux-pro-1.0-canny",
        "flux-pro-1.0-depth",
    ]


NOT_A_ROW = {"/v1/flux-3-image-klein": "its fields are not described"}


def test_every_endpoint_that_makes_pictures_is_a_row() -> None:
    """Except those that need a finetune: their rows are made of it."""
    made = {card.endpoint for card in FLUX.values()} | {card.endpoint for card in FINETUNE_BASES.values()}
    assert {path for path in load_endpoints() if path not in NOT_A_ROW} == made


@ALL
def test_every_option_exists_at_the_endpoint_with_the_same_range_and_default(card: ModelCard) -> None:
    fields = ENDPOINTS[card.endpoint]["fields"]
    for spec in card.options:
        field = fields[spec.field or spec.name]
        default = (not spec.default) if spec.inverted else spec.default
        assert (field["min"], field["max"]) == (spec.minimum, spec.maximum), spec.name
        assert field["default"] == default or spec.always_sent, spec.name
        assert list(spec.choices) == (field["enum"] or []), spec.name


@ALL
def test_every_setting_of_the_endpoint_can_be_reached(card: ModelCard) -> None:
    fields = set(ENDPOINTS[card.endpoint]["fields"])
    reached = {spec.field or spec.name for spec in card.options} | set(card.pictures.fields)
    reached |= {"prompt", "seed", "output_format", "width", "height", "aspect_ratio"}
    reached |= set(card.extra)
    left_out = {"webhook_url", "webhook_secret", "input_image_blob_path", "transparent_bg"}
    # "latest" unless somebody needs yesterday's model.
    left_out |= {"version"}
    # The place on the canvas is always within it, so there is nothing to crop.
    left_out |= {"auto_crop"}
    # Edges or depths drawn by oneself.
    left_out |= {"preprocessed_image"}
    if card.mask != "none":
        reached |= {"mask"}
    assert fields <= reached | left_out


@ALL
def test_pictures_travel_in_all_picture_fields_of_the_endpoint(card: ModelCard) -> None:
    row = ENDPOINTS[card.endpoint]
    named = {"image", "input_image", "control_image", "image_prompt", "person", "garment"} & set(row["fields"])
    assert card.pictures.maximum == (row.get("max_input_images") or len(named))
    assert set(card.pictures.fields) <= set(row["fields"])
    assert bool(card.tasks - {"generate"}) == bool(card.pictures.fields and not card.pictures.inspires)
    assert card.pictures.inspires == ("image_prompt" in named)
    assert (card.mask == "white_repaints") == ("mask" in row["fields"])
    # Canny and depth need one of two fields, which their table cannot say.
    required = [name for name in named if row["fields"][name]["required"] or name == "control_image"]
    assert card.pictures.required == len(required)


@ALL
def test_a_prompt_is_asked_for_where_the_endpoint_takes_one(card: ModelCard) -> None:
    field = ENDPOINTS[card.endpoint]["fields"].get("prompt")
    assert (card.prompt == "none") == (field is None)
    if field is not None and field["required"]:
        assert card.prompt == "required"


@ALL
def test_sizes_formats_seed_and_state_are_those_of_the_endpoint(card: ModelCard) -> None:
    row = ENDPOINTS[card.endpoint]
    fields = row["fields"]
    assert (card.size.kind == "free") == ("width" in fields)
    assert (card.size.kind == "ratio") == ("aspect_ratio" in fields)
    if card.size.kind == "free":
        assert fields["width"]["min"] == card.size.minimum
        assert fields["width"]["max"] == card.size.maximum
        assert fields["width"]["multiple_of"] in (None, card.size.multiple)
    if "output_format" in fields:
        assert list(card.formats) == fields["output_format"]["enum"]
        assert card.default_format == fields["output_format"]["default"]
    else:
        assert card.formats == ()
    if card.size.ratios:
        assert ["auto", *card.size.ratios] == fields["aspect_ratio"]["enum"]
    assert card.seed == ("seed" in fields)
    if card.state == "withdrawn":
        assert row["status"].startswith(f"deprecated {card.state_since}, absent from")
    elif card.state == "deprecated":
        assert row["status"].startswith(f"deprecated {card.state_since}")
    else:
        assert row["status"] == ("beta" if card.extra else "current")
        assert card.state == ("preview" if card.name.endswith("-preview") else "current")
    assert card.pinned == (row["server"] == "https://api.us1.bfl.ai")


@ALL
def test_the_price_is_the_one_of_the_endpoint(card: ModelCard) -> None:
    rate, text = card.price, ENDPOINTS[card.endpoint]["price_credits"]
    if rate is None:
        assert text is None
        return
    if text.startswith("as "):
        text = ENDPOINTS[f"/v1/{text.removeprefix('as ')}"]["price_credits"]
    if rate.input_megapixel == rate.output_megapixel == rate.first:
        assert text.startswith(f"{rate.first:g}*(out_mp+in_mp)")
    elif rate.modes:
        tiers = {name: float(number) for number, name in TIER.findall(text)}
        default = card.option(rate.by).default
        assert {**tiers, **rate.modes, default: rate.first} == {**rate.modes, **tiers}
    elif rate.output_megapixel:
        assert text == f"{rate.first:g} + {rate.output_megapixel:g}*(out_mp-1) + {rate.input_megapixel:g}*in_mp"
    else:
        assert text.removeprefix("observed ") == f"{rate.first:g}"


@ALL
def test_a_row_reads_well_in_the_selector(card: ModelCard) -> None:
    assert card.label.startswith("FLUX")
    assert 20 < len(card.summary) < 100
    assert not card.summary.endswith(".")
