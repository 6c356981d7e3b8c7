"""The JSON body of every model: the right fields, in the provider's names, and nothing else."""

import base64
import io
from dataclasses import replace

import pytest
from PIL import Image

from flux_studio.catalog import CARDS, card
from flux_studio.catalog.card import ModelCard, SizeRule
from flux_studio.catalog.check import check
from flux_studio.catalog.flux_finetuned import FINETUNE_BASES, Finetune, finetuned_card
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


@pytest.mark.parametrize(("model", "task"), [("flux-pro-1.0-fill", "inpaint"), ("flux-tools-erase-v1", "erase")])
def test_a_mask_travels_as_a_png_of_black_and_white(model, task):
    values = bytes(range(256)) * 30
    got = body(model, task=task, pictures=(a_picture(96, 80),), mask=Mask(data=values, width=96, height=80))
    png = base64.b64decode(got["mask"], validate=True)
    with Image.open(io.BytesIO(png)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "L", (96, 80))
        assert image.tobytes() == bytes(255 if value >= 128 else 0 for value in values)
    assert base64.b64decode(got["image"]) == a_picture(96, 80).data


def test_erase_gets_no_prompt():
    mask = Mask(data=b"\xff" * 96 * 80, width=96, height=80)
    got = body("flux-tools-erase-v1", prompt="a cat", task="erase", pictures=(a_picture(96, 80),), mask=mask)
    assert set(got) == {"image", "mask", "output_format", "safety_tolerance"}


def test_expand_gets_its_margins():
    got = body(
        "flux-pro-1.0-expand",
        prompt="",
        task="expand",
        pictures=(a_picture(256, 256),),
        options={"top": 1, "left": 2048},
    )
    assert set(got) == {"image", "top", "left", "output_format", "prompt_upsampling", "safety_tolerance"}
    assert (got["top"], got["left"]) == (1, 2048)


def test_outpainting_gets_canvas_and_place_and_nothing_its_strict_schema_would_refuse():
    options = {"offset_x": 0, "offset_y": 16, "mode": "fast"}
    size = Size(width=128, height=128)
    got = body(
        "flux-tools-outpainting-v1", prompt="a wood", task="expand", pictures=(a_picture(),), options=options, size=size
    )
    assert {name: value for name, value in got.items() if name != "input_image"} == {
        "prompt": "a wood",
        "width": 128,
        "height": 128,
        "reference_offset_x": 0,
        "reference_offset_y": 16,
        "mode": "fast",
        "disable_pup": False,
        "safety_tolerance": 2,
        "output_format": "jpeg",
    }
    assert validate(load_endpoints()["/v1/flux-tools/outpainting-v1"], got) == []


def test_blanks_around_the_prompt_are_dropped():
    assert body("flux-2-pro", prompt="  a fox \n")["prompt"] == "a fox"


FINETUNED = [
    finetuned_card(Finetune(id=f"my-{base}", remote_id="my-lora", base=base, label="Mine")) for base in FINETUNE_BASES
]
ROWS = [*(row for row in CARDS.values() if row.provider == "bfl"), *FINETUNED]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_model_sends_what_the_services_own_table_accepts(row):
    """Withdrawn rows too: whoever has access to them still speaks to them properly."""
    row = replace(row, state="current")
    options = {spec.name: (True if spec.kind == "bool" else spec.default) for spec in row.options}
    options |= {spec.name: 8 for spec in row.options if spec.computed}
    side = row.pictures.min_side
    pictures = tuple(a_picture(side, side) for _ in row.pictures.fields)
    wish = {"aspect": "16:9"} if row.size.kind != "input" else {}
    if row.size.kind == "free" and not row.in_chat:
        wish = {"size": Size(width=256, height=256)}
    if row.mask != "none":
        wish["mask"] = Mask(data=b"\xff" * side * side, width=side, height=side)
    wish |= {"format": "png"} if row.formats else {}
    task = "generate" if "generate" in row.tasks else min(row.tasks)
    seed = 7 if row.seed else None
    request = a_request(model=row.name, task=task, options=options, pictures=pictures, seed=seed, **wish)
    checked = check(row, request, safety_cap=6).request
    got = build_body(checked, row, Settings(safety_tolerance=6))
    endpoint = load_endpoints()[row.endpoint]
    assert validate(endpoint, got) == []
    assert set(got) <= set(endpoint.fields)
    assert {*row.pictures.fields, *row.extra} <= set(got)
    assert not {"webhook_url", "webhook_secret"} & set(got)
    assert ("mask" in got) == (row.mask != "none")
    assert 0 not in [got.get("width"), got.get("height")]


@pytest.mark.parametrize(
    ("field", "model", "expected"),
    [
        ("width", "flux-2-pro", "size"),
        ("height", "flux-2-pro", "size"),
        ("aspect_ratio", "flux-kontext-pro", "aspect"),
        ("output_format", "flux-2-pro", "format"),
        ("disable_pup", "flux-2-pro", "prompt_upsampling"),
        ("reference_offset_x", "flux-tools-outpainting-v1", "offset_x"),
        ("image", "flux-pro-1.0-fill", "picture 1"),
        ("mask", "flux-pro-1.0-fill", "mask"),
        ("input_image", "flux-2-pro", "picture 1"),
        ("input_image_3", "flux-2-pro", "picture 3"),
        ("prompt", "flux-2-pro", "prompt"),
        ("surprise", "flux-2-pro", "surprise"),
    ],
)
def test_the_providers_names_in_our_words(field, model, expected):
    assert our_name(field, card(model)) == expected
