"""The JSON body of every model: the right fields, in the provider's names, and nothing else."""

import base64
import io
from dataclasses import replace

import pytest
from PIL import Image

from flux_studio.catalog import CARDS, card
from flux_studio.catalog.card import ModelCard, SizeRule
from flux_studio.catalog.check import check
from flux_studio.errors import InvalidRequest
from flux_studio.providers.bfl_request import build_body, our_name
from flux_studio.settings import Settings
from flux_studio.types import Mask, Picture, Size
from tools.sandbox.endpoints import load_endpoints
from tools.sandbox.schema import validate

from .conftest import a_picture, a_request

DEFAULTS = Settings()


def body(model, *, settings=DEFAULTS, **changes):
    return build_body(a_request(model=model, **changes), card(model), settings)


def test_a_plain_prompt_to_flux_2_pro():
    assert body("flux-2-pro") == {
        "prompt": "a red fox",
        "output_format": "jpeg",
        "safety_tolerance": 2,
        "disable_pup": False,
    }


def test_flux_2_flex_takes_steps_guidance_and_its_own_switch():
    got = body("flux-2-flex", options={"steps": 30, "guidance": 4.5, "prompt_upsampling": False}, seed=0)
    assert got == {
        "prompt": "a red fox",
        "output_format": "jpeg",
        "safety_tolerance": 2,
        "steps": 30,
        "guidance": 4.5,
        "prompt_upsampling": False,
        "seed": 0,
    }


@pytest.mark.parametrize(
    ("model", "setting", "wish", "field", "expected"),
    [
        ("flux-2-pro", True, None, "disable_pup", False),
        ("flux-2-pro", False, None, "disable_pup", True),
        ("flux-2-pro", True, False, "disable_pup", True),
        ("flux-2-pro", False, True, "disable_pup", False),
        ("flux-kontext-pro", True, None, "prompt_upsampling", True),
        ("flux-kontext-pro", False, None, "prompt_upsampling", False),
        ("flux-kontext-pro", False, True, "prompt_upsampling", True),
    ],
)
def test_prompt_upsampling_by_wish_then_setting(model, setting, wish, field, expected):
    options = {} if wish is None else {"prompt_upsampling": wish}
    got = body(model, settings=Settings(prompt_upsampling=setting), options=options)
    assert got[field] is expected
    assert len({"disable_pup", "prompt_upsampling"} & set(got)) == 1


def test_klein_has_no_switch_for_upsampling():
    assert not {"disable_pup", "prompt_upsampling"} & set(body("flux-2-klein-4b"))


@pytest.mark.parametrize(
    ("model", "setting", "wish", "expected"),
    [
        ("flux-2-pro", 2, None, 2),
        ("flux-2-pro", 6, None, 5),
        ("flux-2-pro", 6, 6, 5),
        ("flux-2-pro", 6, 1, 1),
        ("flux-2-pro", 0, 5, 0),
        ("flux-kontext-pro", 6, 6, 6),
        ("flux-kontext-pro", 6, None, 6),
        ("flux-pro-1.1", 3, 4, 3),
    ],
)
def test_safety_tolerance_is_the_smallest_bound(model, setting, wish, expected):
    options = {} if wish is None else {"safety_tolerance": wish}
    assert body(model, settings=Settings(safety_tolerance=setting), options=options)["safety_tolerance"] == expected


@pytest.mark.parametrize(
    ("model", "setting", "wish", "expected"),
    [
        ("flux-2-pro", "jpeg", None, "jpeg"),
        ("flux-2-pro", "webp", None, "webp"),
        ("flux-2-pro", "jpeg", "png", "png"),
        ("flux-kontext-pro", "jpeg", None, "jpeg"),
    ],
)
def test_output_format_by_wish_then_setting(model, setting, wish, expected):
    assert body(model, settings=Settings(output_format=setting), format=wish)["output_format"] == expected


def test_a_format_the_model_cannot_write_becomes_its_own():
    old = ModelCard(
        name="old",
        provider="bfl",
        endpoint="/v1/old",
        label="Old",
        summary="",
        tasks=frozenset({"generate"}),
        size=SizeRule(kind="input"),
        formats=("jpeg", "png"),
        default_format="png",
        seed=False,
        prompt_required=False,
        extra={"mode": "high"},
    )
    got = build_body(a_request("", model="old", seed=7), old, Settings(output_format="webp"))
    assert got == {"mode": "high", "output_format": "png"}


def test_sizes_by_the_models_rule():
    assert {"width": 1024, "height": 576}.items() <= body("flux-2-pro", size=Size(width=1024, height=576)).items()
    assert body("flux-kontext-pro", aspect="16:9")["aspect_ratio"] == "16:9"
    assert not {"width", "height", "aspect_ratio"} & set(body("flux-2-pro"))
    assert not {"width", "height"} & set(body("flux-kontext-pro", size=Size(width=64, height=64)))


def test_pictures_travel_as_plain_base64_in_order():
    pictures = tuple(a_picture(colour=(shade, 0, 0)) for shade in (10, 20, 30))
    got = body("flux-2-pro", task="edit", pictures=pictures)
    sent = [got[name] for name in ("input_image", "input_image_2", "input_image_3")]
    assert [base64.b64decode(text, validate=True) for text in sent] == [picture.data for picture in pictures]
    assert "input_image_4" not in got


def test_pictures_travel_upright_and_without_where_they_were_taken():
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "Secret Camera 9000"
    taken = io.BytesIO()
    Image.new("RGB", (96, 80), "orange").save(taken, "JPEG", exif=exif)
    assert b"Secret Camera" in taken.getvalue()
    picture = Picture(data=taken.getvalue(), mime="image/jpeg", width=80, height=96)
    sent = base64.b64decode(body("flux-2-pro", task="edit", pictures=(picture,))["input_image"])
    assert b"Secret Camera" not in sent
    assert Image.open(io.BytesIO(sent)).size == (80, 96)


def test_pictures_above_the_models_cap_are_scaled():
    rule = replace(CARDS["flux-2-pro"].pictures, max_pixels=10_000)
    card = replace(CARDS["flux-2-pro"], pictures=rule)
    request = a_request(model=card.name, task="edit", pictures=(a_picture(width=200, height=100),))
    sent = base64.b64decode(build_body(request, card, Settings())["input_image"])
    width, height = Image.open(io.BytesIO(sent)).size
    assert width * height <= 10_000
    assert abs(width / height - 2) < 0.05


@pytest.mark.parametrize("model", ["flux-pro-1.1", "flux-kontext-pro"])
def test_pictures_without_a_field_are_refused(model):
    with pytest.raises(InvalidRequest) as caught:
        body(model, pictures=tuple(a_picture() for _ in range(5)))
    assert caught.value.field == "pictures"


def test_a_mask_without_a_field_is_refused():
    with pytest.raises(InvalidRequest) as caught:
        body("flux-2-pro", pictures=(a_picture(),), mask=Mask(data=b"\xff", width=1, height=1))
    assert caught.value.field == "mask"


def test_blanks_around_the_prompt_are_dropped():
    assert body("flux-2-pro", prompt="  a fox \n")["prompt"] == "a fox"


@pytest.mark.parametrize("model", [name for name, row in CARDS.items() if row.provider == "bfl"])
def test_every_model_sends_what_the_services_own_table_accepts(model):
    row = card(model)
    options = {spec.name: (True if spec.kind == "bool" else spec.default) for spec in row.options}
    pictures = tuple(a_picture() for _ in row.pictures.fields)
    wish = {"aspect": "16:9"} if row.size.kind != "input" else {}
    request = a_request(model=model, options=options, pictures=pictures, seed=7, format="png", **wish)
    checked = check(row, request, safety_cap=6).request
    got = build_body(checked, row, Settings(safety_tolerance=6))
    endpoint = load_endpoints()[row.endpoint]
    assert validate(endpoint, got) == []
    assert set(got) <= set(endpoint.fields)
    assert not {"webhook_url", "webhook_secret"} & set(got)
    assert 0 not in [got.get("width"), got.get("height")]


@pytest.mark.parametrize(
    ("field", "model", "expected"),
    [
        ("width", "flux-2-pro", "size"),
        ("height", "flux-2-pro", "size"),
        ("aspect_ratio", "flux-kontext-pro", "aspect"),
        ("output_format", "flux-2-pro", "format"),
        ("disable_pup", "flux-2-pro", "prompt_upsampling"),
        ("input_image", "flux-2-pro", "picture 1"),
        ("input_image_3", "flux-2-pro", "picture 3"),
        ("prompt", "flux-2-pro", "prompt"),
        ("surprise", "flux-2-pro", "surprise"),
    ],
)
def test_the_providers_names_in_our_words(field, model, expected):
    assert our_name(field, card(model)) == expected
