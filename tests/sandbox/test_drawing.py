"""The pictures show what was asked: size, seed, prompt, inputs, masks."""

from __future__ import annotations

import io
from typing import Any

import numpy
import pytest
from PIL import Image, ImageChops, ImageDraw

from tools.sandbox.captions import PANEL_SHARE
from tools.sandbox.drawing import Drawing, Order, draw
from tools.sandbox.pictures import InputPicture, measured
from tools.sandbox.state import CACHED_DRAWINGS

from .conftest import Client, encoded, halves


def input_picture(image: Image.Image, field: str = "input_image") -> InputPicture:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return measured(field, buffer.getvalue())


def drawn(endpoint: str = "flux-2-pro", prompt: str = "a cat", seed: int = 1, **options: Any) -> Image.Image:
    options.setdefault("size", (320, 256))
    options.setdefault("output_format", "png")
    drawing = draw(Order(endpoint=endpoint, prompt=prompt, seed=seed, **options))
    return opened(drawing)


def opened(drawing: Drawing) -> Image.Image:
    return Image.open(io.BytesIO(drawing.data)).convert("RGB")


def difference(first: Image.Image, second: Image.Image) -> float:
    """Mean absolute difference per channel value, 0 to 255."""
    return float(numpy.asarray(ImageChops.difference(first, second), dtype=float).mean())


def brightness(image: Image.Image) -> float:
    return float(numpy.asarray(image.convert("L"), dtype=float).mean())


def above_the_panel(image: Image.Image) -> Image.Image:
    return image.crop((0, image.height // 5, image.width, int(image.height * (1 - PANEL_SHARE)) - 4))


def likeness(first: Image.Image, second: Image.Image) -> float:
    """Correlation of the brightness of two pictures of one size, -1 to 1."""
    rows = [numpy.asarray(image.convert("L"), dtype=float).ravel() for image in (first, second)]
    return float(numpy.corrcoef(*rows)[0, 1])


@pytest.mark.parametrize("size", [(64, 64), (97, 300), (1568, 672), (2048, 2048)])
def test_the_picture_has_the_requested_size(size: tuple[int, int]) -> None:
    assert drawn(size=size).size == size


@pytest.mark.parametrize(("name", "kind"), [("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")])
def test_the_picture_has_the_requested_format(name: str, kind: str) -> None:
    drawing = draw(Order(endpoint="flux-2-pro", prompt="a cat", seed=1, size=(256, 256), output_format=name))
    assert Image.open(io.BytesIO(drawing.data)).format == kind
    assert drawing.mime == f"image/{name}"


def test_the_same_request_gives_the_same_bytes() -> None:
    order = Order(endpoint="flux-2-pro", prompt="a cat", seed=7, size=(256, 256))
    assert draw(order).data == draw(order).data


def test_seed_prompt_and_endpoint_each_change_the_picture() -> None:
    base = drawn()
    assert difference(base, drawn(seed=2)) > 5
    assert difference(base, drawn(prompt="a dog")) > 5
    assert difference(base, drawn(endpoint="flux-2-max")) > 0


def test_grain_makes_the_file_of_the_same_picture_larger() -> None:
    plain, grainy = (
        draw(Order(endpoint="flux-2-pro", prompt="a cat", seed=1, size=(320, 256), grain=levels)) for levels in (0, 6)
    )
    assert len(grainy.data) > 2 * len(plain.data)
    assert 1 < difference(opened(plain), opened(grainy)) < 12


def test_the_prompt_is_written_on_the_panel() -> None:
    picture = input_picture(halves(320, 256))
    first, second = (drawn(prompt=text, pictures=(picture,)) for text in ("paint it", "paint everything"))
    panel = (0, int(256 * (1 - PANEL_SHARE)), 320, 256)
    assert difference(first.crop(panel), second.crop(panel)) > 1
    assert difference(above_the_panel(first), above_the_panel(second)) == 0


def test_the_sandbox_mark_is_in_the_corner() -> None:
    corner = numpy.asarray(drawn(size=(512, 512)).crop((12, 12, 130, 50)).convert("L"))
    assert corner.max() > 240
    assert corner.min() < 90


def test_too_small_pictures_carry_no_text() -> None:
    assert drawn(size=(64, 64)).size == (64, 64)


def test_an_edit_keeps_the_base_and_changes_it_visibly() -> None:
    base = halves(320, 256)
    edited = drawn(prompt="add a hat", pictures=(input_picture(base),))
    assert likeness(above_the_panel(base), above_the_panel(edited)) > 0.95
    assert difference(above_the_panel(base), above_the_panel(edited)) > 5


@pytest.mark.parametrize("base", [halves(320, 256), Image.effect_mandelbrot((320, 256), (-3, -2.5, 2, 2.5), 100)])
def test_make_it_night_darkens(base: Image.Image) -> None:
    night = drawn(prompt="make it night", pictures=(input_picture(base.convert("RGB")),))
    assert brightness(above_the_panel(night)) < 0.6 * brightness(above_the_panel(base))


def test_a_new_night_is_darker_than_a_new_noon() -> None:
    assert brightness(drawn(prompt="a town at night")) < 0.6 * brightness(drawn(prompt="a town at noon"))


def test_a_second_edit_covers_the_first_caption() -> None:
    first = drawn(prompt="paint it", size=(512, 512), pictures=(input_picture(halves(512, 512)),))
    again = drawn(prompt="make it night", size=(512, 512), pictures=(input_picture(first),))
    fresh = drawn(prompt="make it night", size=(512, 512), pictures=(input_picture(halves(512, 512)),))
    panel = (16, int(512 * (1 - PANEL_SHARE)) + 8, 496, 496)
    assert likeness(again.crop(panel), fresh.crop(panel)) > 0.9


def test_references_appear_as_thumbnails_in_order() -> None:
    base = input_picture(halves(512, 512))
    red, blue = (Image.new("RGB", (64, 64), colour) for colour in ("#d01010", "#1010d0"))
    pictures = (base, input_picture(red, "input_image_2"), input_picture(blue, "input_image_3"))
    corner = numpy.asarray(drawn(size=(512, 512), pictures=pictures).crop((256, 0, 512, 130)), dtype=int)
    reds, blues = (numpy.argwhere((corner == colour).all(axis=2))[:, 1] for colour in ((208, 16, 16), (16, 16, 208)))
    assert len(reds) > 1000
    assert len(blues) > 1000
    assert reds.max() < blues.min()


def mask_box(size: tuple[int, int], box: tuple[int, int, int, int], field: str = "mask") -> InputPicture:
    mask = Image.new("L", size)
    mask.paste(255, box)
    return input_picture(mask, field)


@pytest.mark.parametrize("endpoint", ["flux-pro-1.0-fill", "flux-pro-1.0-fill-finetuned", "flux-tools/erase-v1"])
def test_only_the_white_of_a_mask_is_repainted(endpoint: str) -> None:
    base, mask = halves(320, 256), Image.new("L", (320, 256))
    ImageDraw.Draw(mask).ellipse((100, 60, 220, 180), fill=255)
    pictures = (input_picture(base, "image"), input_picture(mask, "mask"))
    changed = numpy.asarray(ImageChops.difference(drawn(endpoint, pictures=pictures), base)).any(axis=2)
    white = numpy.asarray(mask) == 255
    assert not changed[~white].any()
    assert changed[white].mean() > 0.5


@pytest.mark.parametrize("shift", [3.0, -2.0, 0.5])
def test_an_edit_can_come_back_moved_as_a_whole(shift: float) -> None:
    base = Image.effect_noise((320, 256), 60).convert("RGB")
    pictures = (input_picture(base, "image"), mask_box(base.size, (100, 60, 220, 180)))
    still, moved = (drawn("flux-pro-1.0-fill", pictures=pictures, shift=each) for each in (0.0, shift))
    steps = int(shift)
    outside = (240, 40, 300, 220)
    expected = still.crop((outside[0] - steps, outside[1] - steps, outside[2] - steps, outside[3] - steps))
    assert difference(moved.crop(outside), still.crop(outside)) > 0.5
    if steps:
        assert difference(moved.crop(outside), expected) == 0


async def test_the_shift_is_a_setting_and_new_pictures_keep_still(client: Client) -> None:
    base = halves(320, 256)
    body = {"prompt": "a cat", "image": encoded(base), "mask": encoded(Image.new("L", base.size)), "seed": 1}
    still = await client.picture("flux-pro-1.0-fill", output_format="png", **body)
    client.sandbox.change(edit_shift=4)
    moved = await client.picture("flux-pro-1.0-fill", output_format="png", **body)
    assert difference(still.convert("RGB"), base) == 0
    assert moved.getpixel((162, 100)) == base.getpixel((158, 100))
    with pytest.raises(ValueError, match="edit_shift must be a number of pixels from -16 to 16"):
        client.sandbox.change(edit_shift="far")


def test_erase_widens_the_mask() -> None:
    base, box = halves(320, 256), (100, 60, 220, 180)
    pictures = (input_picture(base, "image"), mask_box(base.size, box))
    wide = drawn("flux-tools/erase-v1", pictures=pictures, values={"dilate_pixels": 20})
    changed = ImageChops.difference(wide, base).getbbox()
    assert changed is not None
    assert changed[1] == box[1] - 20


def test_transparency_stands_in_for_a_mask() -> None:
    base = halves(320, 256).convert("RGBA")
    base.paste((0, 0, 0, 0), (100, 60, 220, 180))
    filled = drawn("flux-pro-1.0-fill", pictures=(input_picture(base, "image"),))
    assert difference(filled.crop((0, 0, 100, 256)), base.convert("RGB").crop((0, 0, 100, 256))) == 0
    assert difference(filled.crop((100, 60, 220, 180)), Image.new("RGB", (120, 120))) > 5


def test_a_black_mask_changes_nothing() -> None:
    base = halves(320, 256)
    pictures = (input_picture(base, "image"), input_picture(Image.new("L", base.size), "mask"))
    assert difference(drawn("flux-pro-1.0-fill", pictures=pictures), base) == 0


@pytest.mark.parametrize(
    ("endpoint", "values", "corner"),
    [
        ("flux-pro-1.0-expand", {"left": 40, "top": 30, "right": 0, "bottom": 0}, (40, 30)),
        ("flux-tools/outpainting-v1", {"reference_offset_x": 10, "reference_offset_y": None}, (10, 80)),
        ("flux-tools/outpainting-v1", {"reference_offset_x": None, "reference_offset_y": 0}, (80, 0)),
    ],
)
def test_the_input_stays_whole_at_its_place(endpoint: str, values: dict[str, Any], corner: tuple[int, int]) -> None:
    base = halves(160, 96)
    image = drawn(endpoint, pictures=(input_picture(base),), values=values)
    area = image.crop((*corner, corner[0] + 160, corner[1] + 96))
    assert difference(area, base) == 0


def test_a_control_picture_leaves_its_edges() -> None:
    control = input_picture(halves(320, 256), "control_image")
    with_edges, without = drawn("flux-pro-1.0-canny", pictures=(control,)), drawn("flux-pro-1.1")
    column = (158, 110, 162, 190)
    assert brightness(with_edges.crop(column)) > brightness(without.crop(column)) + 20


async def test_what_is_delivered_is_what_was_asked(client: Client) -> None:
    base = halves(640, 480)
    image = await client.picture("flux-2-pro", prompt="make it night", input_image=encoded(base), seed=3)
    assert (image.size, image.format) == ((640, 480), "JPEG")
    assert brightness(above_the_panel(image)) < 0.6 * brightness(above_the_panel(base))


async def test_equal_requests_are_drawn_once(client: Client) -> None:
    orders = [Order(endpoint="flux-2-pro", prompt="a cat", seed=seed, size=(64, 64)) for seed in (5, 5, 6)]
    first, again, other = (client.sandbox.state.draw(order) for order in orders)
    assert first is again
    assert (await other).data != (await first).data


async def test_only_the_newest_drawings_are_kept(client: Client) -> None:
    for seed in range(20):
        await client.sandbox.state.draw(Order(endpoint="flux-2-pro", prompt="a cat", seed=seed, size=(64, 64)))
    assert len(client.sandbox.state.drawings) == CACHED_DRAWINGS
