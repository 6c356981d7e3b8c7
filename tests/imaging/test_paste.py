"""Fidelity: whatever a model answers, every protected pixel comes back bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import numpy
import pytest
from PIL import Image, ImageOps

from flux_studio.catalog import CARDS
from flux_studio.errors import InvalidRequest
from flux_studio.imaging import inspect
from flux_studio.imaging.area import Box, WorkArea, plan_area
from flux_studio.imaging.masks import as_array, bounds, from_array, on_canvas
from flux_studio.imaging.paste import cut_out, cut_picture, paste_back
from flux_studio.imaging.proof import prove
from flux_studio.imaging.seam import VISIBLE_STEP, seam_step
from flux_studio.types import Mask, Picture, Size

from .pictures import encoded, exif, png, profile

FILL, PRO = CARDS["flux-pro-1.0-fill"], CARDS["flux-2-pro"]
CASES_PER_KIND = 60
"""Ten kinds of originals: 600 cases."""


def noise(rng: numpy.random.Generator, width: int, height: int, channels: int) -> Any:
    """Pixels with structure and grain, so that every change shows."""
    coarse = rng.integers(0, 256, (5, 7, channels), dtype=numpy.uint8)
    smooth = numpy.stack(
        [Image.fromarray(coarse[:, :, each]).resize((width, height)) for each in range(channels)], axis=2
    ).astype(int)
    return (smooth + rng.integers(-20, 20, smooth.shape)).clip(0, 255).astype(numpy.uint8)


def rgb(rng: numpy.random.Generator, width: int, height: int) -> bytes:
    return encoded(Image.fromarray(noise(rng, width, height, 3)), "PNG", icc_profile=profile())


def rgba(rng: numpy.random.Generator, width: int, height: int) -> bytes:
    pixels = noise(rng, width, height, 4)
    pixels[:, :, 3] *= rng.random((height, width)) < 0.7
    return encoded(Image.fromarray(pixels), "PNG")


def grey(rng: numpy.random.Generator, width: int, height: int) -> bytes:
    return encoded(Image.fromarray(noise(rng, width, height, 1)[:, :, 0]), "PNG")


def grey_with_alpha(rng: numpy.random.Generator, width: int, height: int) -> bytes:
    return encoded(Image.fromarray(noise(rng, width, height, 2), "LA"), "PNG")


def palette(rng: numpy.random.Generator, width: int, height: int) -> bytes:
    return encoded(Image.fromarray(noise(rng, width, height, 3)).quantize(32), "PNG")


def transparent_palette(rng: numpy.random.Generator, width: int, height: int) -> bytes:
    return encoded(Image.fromarray(noise(rng, width, height, 3)).quantize(16), "PNG", transparency=3)


def deep_grey(rng: numpy.random.Generator, width: int, height: int) -> bytes:
    values = noise(rng, width, height, 1)[:, :, 0].astype(">u2") * 257 + rng.integers(0, 99)
    return png(width, height, 16, 0, b"".join(b"\0" + row.tobytes() for row in values.astype(">u2")))


def deep_colour(rng: numpy.random.Generator, width: int, height: int) -> bytes:
    values = noise(rng, width, height, 3).astype(">u2") * 256 + rng.integers(0, 255)
    return png(width, height, 16, 2, b"".join(b"\0" + row.tobytes() for row in values.astype(">u2")))


def turned(rng: numpy.random.Generator, width: int, height: int) -> bytes:
    image = Image.fromarray(noise(rng, width, height, 3))
    return encoded(image, "JPEG", quality=88, exif=exif(int(rng.integers(2, 9))))


def webp(rng: numpy.random.Generator, width: int, height: int) -> bytes:
    return encoded(Image.fromarray(noise(rng, width, height, 4)), "WEBP", quality=70, method=0)


KINDS: Mapping[str, tuple[Callable[..., bytes], str]] = {
    "RGB": (rgb, "RGB"),
    "RGBA": (rgba, "RGBA"),
    "grey": (grey, "L"),
    "grey with alpha": (grey_with_alpha, "RGBA"),
    "palette": (palette, "RGB"),
    "palette with transparency": (transparent_palette, "RGBA"),
    "16-bit grey": (deep_grey, "16"),
    "16-bit colour": (deep_colour, "RGB"),
    "turned by EXIF": (turned, "RGB"),
    "WebP with alpha": (webp, "RGBA"),
}
"""Maker, and the mode in which a viewer shows it."""


def seen(data: bytes, mode: str) -> Any:
    """What any viewer shows, rows x columns x channels: decoded without a line of the code under test."""
    with Image.open(BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image)
        if mode == "16":
            return (numpy.asarray(upright).astype(float) * 255 / 65535 + 0.5).astype(numpy.uint8)[:, :, None]
        pixels = numpy.asarray(upright.convert(mode))
    return pixels.reshape(*pixels.shape[:2], -1)


def random_mask(rng: numpy.random.Generator, width: int, height: int) -> Mask:
    """A rectangle that may touch borders, one pixel, a hair line, speckles, a soft blob, or everything."""
    values = numpy.zeros((height, width), numpy.uint8)
    left, top = int(rng.integers(0, width)), int(rng.integers(0, height))
    match int(rng.integers(0, 6)):
        case 0:
            values[top : top + int(rng.integers(1, height + 1)), left : left + int(rng.integers(1, width + 1))] = 255
        case 1:
            values[top, left] = int(rng.integers(1, 256))
        case 2:
            values[top, :] = 255
        case 3:
            values[rng.random(values.shape) < 0.03] = 200
            values[top, left] = 1
        case 4:
            rows, columns = numpy.ogrid[:height, :width]
            far = numpy.hypot(rows - top, columns - left) / max(4, min(width, height) / 3)
            values = (255 * (1 - far)).clip(0, 255).astype(numpy.uint8)
            values[top, left] = 255
        case _:
            values[:] = 255
    return from_array(values)


def random_region(rng: numpy.random.Generator, width: int, height: int) -> Box | None:
    """None, or a frame that reaches beyond the picture on some sides."""
    if rng.random() < 0.6:
        return None
    left, top, right, bottom = (int(rng.integers(0, 40)) * int(rng.random() < 0.6) for _ in range(4))
    return Box.between(-left, -top, width + right, height + bottom)


def random_answer(rng: numpy.random.Generator, original: Picture, area: WorkArea) -> Picture:
    """Another size, another content or the same content shifted, as JPEG, PNG or WebP."""
    width, height = (max(8, int(side * rng.uniform(0.4, 1.6))) for side in (area.box.width, area.box.height))
    if rng.random() < 0.5:
        image = Image.open(BytesIO(original.data)).convert("RGB").resize((width, height))
        image = Image.fromarray(numpy.roll(numpy.asarray(image), (1, 2), (0, 1)))
    else:
        image = Image.fromarray(noise(rng, width, height, 3))
    kind = ["JPEG", "PNG", "WEBP"][int(rng.integers(0, 3))]
    return inspect(encoded(image.convert("RGBA") if kind == "WEBP" else image, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_protected_pixels_differ_by_exactly_0(kind: str) -> None:
    make, mode = KINDS[kind]
    for case in range(CASES_PER_KIND):
        rng = numpy.random.default_rng([case, len(kind)])
        original = inspect(make(rng, int(rng.integers(9, 120)), int(rng.integers(9, 120))))
        region = random_region(rng, original.width, original.height)
        frame = region or Box.of(original.size)
        mask = on_canvas(random_mask(rng, frame.width, frame.height), original.size, region)
        marked = bounds(mask)
        assert marked is not None
        area = plan_area(original.size, marked.moved(frame.x, frame.y), FILL, region)
        pasted = paste_back(
            original,
            random_answer(rng, original, area),
            mask,
            area,
            align=bool(rng.integers(2)),
            match_colour=bool(rng.integers(2)),
        )
        before, after = seen(original.data, mode), seen(pasted.picture.data, "RGBA" if mode == "RGBA" else "RGB")
        assert after.shape[:2] == (frame.height, frame.width)
        part = after[-frame.y : original.height - frame.y, -frame.x : original.width - frame.x].astype(int)
        kept = as_array(mask)[-frame.y : original.height - frame.y, -frame.x : original.width - frame.x] == 0
        assert abs(part - before)[kept].max(initial=0) == 0, (kind, case)
        assert (pasted.protected, pasted.changed) == (int(kept.sum()), 0)


def patterned(width: int, height: int, channels: int = 3, seed: int = 5) -> Picture:
    pixels = noise(numpy.random.default_rng(seed), width, height, channels)
    return inspect(encoded(Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels), "PNG"))


def plain(width: int, height: int, colour: Any = (200, 30, 30)) -> Picture:
    return inspect(encoded(Image.new("RGB", (width, height), colour), "PNG"))


def rectangle(width: int, height: int, left: int, top: int, right: int, bottom: int) -> Mask:
    values = numpy.zeros((height, width), numpy.uint8)
    values[top:bottom, left:right] = 255
    return from_array(values)


def planned(picture: Picture, mask: Mask) -> WorkArea:
    marked = bounds(mask)
    assert marked is not None
    return plan_area(picture.size, marked, FILL)


def pixels_of(picture: Picture, mode: str = "RGB") -> Any:
    return numpy.asarray(Image.open(BytesIO(picture.data)).convert(mode)).astype(int)


class TestTheMaskedPart:
    def test_it_comes_from_the_answer(self) -> None:
        picture, mask = patterned(400, 300), rectangle(400, 300, 100, 80, 260, 220)
        area = planned(picture, mask)
        pasted = paste_back(picture, plain(256, 256), mask, area, match_colour=False)
        assert abs(pixels_of(pasted.picture)[130:170, 150:210] - (200, 30, 30)).max() <= 1

    def test_a_single_pixel_is_really_repainted(self) -> None:
        picture, mask = patterned(64, 64), rectangle(64, 64, 30, 30, 31, 31)
        pasted = paste_back(picture, plain(64, 64), mask, planned(picture, mask), match_colour=False)
        changed = numpy.argwhere((pixels_of(pasted.picture) != pixels_of(picture)).any(axis=2))
        assert changed.tolist() == [[30, 30]]
        assert pasted.protected == 64 * 64 - 1

    def test_a_mask_at_the_border_is_painted_up_to_the_border(self) -> None:
        picture, mask = patterned(200, 200), rectangle(200, 200, 0, 0, 200, 100)
        pasted = paste_back(picture, plain(128, 128), mask, planned(picture, mask), match_colour=False)
        assert abs(pixels_of(pasted.picture)[0] - (200, 30, 30)).max() <= 1

    def test_a_grey_picture_gets_colour_when_the_answer_has_some(self) -> None:
        picture, mask = patterned(100, 80, channels=1), rectangle(100, 80, 20, 20, 60, 60)
        area = planned(picture, mask)
        coloured = paste_back(picture, plain(64, 64), mask, area, match_colour=False).picture
        still = paste_back(picture, plain(64, 64, (90, 92, 91)), mask, area, match_colour=False).picture
        assert Image.open(BytesIO(coloured.data)).mode == "RGB"
        assert Image.open(BytesIO(still.data)).mode == "L"

    def test_painting_over_transparency_is_opaque(self) -> None:
        clear = inspect(encoded(Image.new("RGBA", (100, 80), (9, 200, 9, 0)), "PNG"))
        mask = rectangle(100, 80, 20, 20, 60, 60)
        pasted = paste_back(clear, plain(64, 64), mask, planned(clear, mask), match_colour=False)
        values = pixels_of(pasted.picture, "RGBA")
        assert abs(values[40, 40] - (200, 30, 30, 255)).max() <= 1
        # the colour under full transparency never shines through the seam
        seam = values[20:60, 20:60][values[20:60, 20:60, 3] > 0]
        assert (seam[:, 1] <= 32).all()

    def test_the_profile_stays(self) -> None:
        original = inspect(rgb(numpy.random.default_rng(1), 90, 70))
        mask = rectangle(90, 70, 10, 10, 40, 40)
        pasted = paste_back(original, plain(64, 64), mask, planned(original, mask))
        assert Image.open(BytesIO(pasted.picture.data)).info["icc_profile"] == profile()

    def test_position_and_camera_are_not_in_the_result(self) -> None:
        original = inspect(turned(numpy.random.default_rng(1), 90, 70))
        mask = rectangle(original.width, original.height, 10, 10, 40, 40)
        data = paste_back(original, plain(64, 64), mask, planned(original, mask)).picture.data
        assert b"Secret Camera" not in data


class TestNewGround:
    def test_all_of_it_comes_from_the_answer(self) -> None:
        picture, region = patterned(200, 150), Box(x=-60, y=-20, width=300, height=190)
        mask = on_canvas(Mask(data=bytes(300 * 190), width=300, height=190), picture.size, region)
        area = plan_area(picture.size, region, FILL, region)
        pasted = paste_back(picture, plain(300, 190), mask, area, match_colour=False)
        values = pixels_of(pasted.picture)
        assert values.shape == (190, 300, 3)
        assert abs(values[:, :60] - (200, 30, 30)).max() <= 1
        assert abs(values[:20] - (200, 30, 30)).max() <= 1
        assert (values[20:170, 60:260] == pixels_of(picture)).all()
        assert (pasted.protected, pasted.changed) == (200 * 150, 0)


class TestCutting:
    def test_unscaled_pixels_are_sent_as_they_are(self) -> None:
        picture, mask = patterned(1300, 1200), rectangle(1300, 1200, 300, 300, 900, 800)
        marked = bounds(mask)
        assert marked is not None
        area = plan_area(picture.size, marked, PRO)
        sent, sent_mask = cut_out(picture, mask, area)
        assert sent.size == area.sent == area.box.size
        rows, columns = slice(area.box.y, area.box.bottom), slice(area.box.x, area.box.right)
        assert (pixels_of(sent) == pixels_of(picture)[rows, columns]).all()
        assert (as_array(sent_mask) == as_array(mask)[rows, columns]).all()

    def test_the_least_touch_of_the_brush_is_sent_as_white(self) -> None:
        picture, mask = patterned(600, 600), from_array(numpy.pad([[1]], (300, 299)))
        _, sent = cut_out(picture, mask, planned(picture, mask))
        assert set(sent.data) == {0, 255}

    def test_transparency_is_shown_on_white_and_new_ground_is_grey(self) -> None:
        clear, region = inspect(encoded(Image.new("RGBA", (512, 512)), "PNG")), Box(x=-512, y=0, width=1024, height=512)
        mask = on_canvas(Mask(data=bytes(1024 * 512), width=1024, height=512), clear.size, region)
        area = plan_area(clear.size, Box(x=-512, y=0, width=512, height=512), FILL, region)
        sent, sent_mask = cut_out(clear, mask, area)
        middle = pixels_of(sent)[area.sent.height // 2]
        assert middle[10].tolist() == [127, 127, 127]
        assert middle[-10].tolist() == [255, 255, 255]
        assert as_array(sent_mask)[5, 5] == 255
        assert as_array(sent_mask)[5, -5] == 0

    def test_a_model_that_extends_gets_the_original_part_alone(self) -> None:
        picture, region = patterned(512, 384), Box(x=-100, y=0, width=612, height=384)
        area = plan_area(picture.size, Box(x=-100, y=0, width=100, height=384), CARDS["flux-pro-1.0-expand"], region)
        assert cut_picture(picture, area).size == area.inside.size

    def test_no_profile_and_no_metadata_leave_the_house(self) -> None:
        original = inspect(turned(numpy.random.default_rng(1), 90, 70))
        mask = rectangle(original.width, original.height, 10, 10, 40, 40)
        sent, _ = cut_out(original, mask, planned(original, mask))
        assert b"Secret Camera" not in sent.data
        assert Image.open(BytesIO(sent.data)).info == {}


def test_the_seam_of_a_shifted_jpeg_stays_below_the_visible_step() -> None:
    picture, mask = patterned(900, 700, seed=2), rectangle(900, 700, 300, 200, 600, 500)
    area = planned(picture, mask)
    sent, _ = cut_out(picture, mask, area)
    darker = (numpy.roll(pixels_of(sent), (3, 2), (0, 1)) * 0.94).astype(numpy.uint8)
    answer = inspect(encoded(Image.fromarray(darker), "JPEG", quality=90))
    pasted = paste_back(picture, answer, mask, area)
    naive = pixels_of(picture)
    naive[200:500, 300:600] = numpy.asarray(Image.fromarray(darker).resize((area.box.width, area.box.height)))[
        200 - area.box.y : 500 - area.box.y, 300 - area.box.x : 600 - area.box.x
    ]
    assert seam_step(pixels_of(pasted.picture), as_array(mask)) < VISIBLE_STEP / 2
    assert seam_step(naive, as_array(mask)) > seam_step(pixels_of(pasted.picture), as_array(mask))


class TestProof:
    def test_it_counts_what_differs_under_the_mask_of_0(self) -> None:
        picture, mask = patterned(100, 80), rectangle(100, 80, 20, 20, 60, 60)
        values = pixels_of(picture).astype(numpy.uint8)
        values[0, 0, 1] ^= 1
        values[79, 99, 2] ^= 1
        values[30, 30] ^= 255
        altered = inspect(encoded(Image.fromarray(values), "PNG"))
        proof = prove(picture, altered, mask, planned(picture, mask))
        assert (proof.protected, proof.changed) == (100 * 80 - 40 * 40, 2)

    def test_a_picture_of_another_size_kept_nothing(self) -> None:
        picture, mask = patterned(100, 80), rectangle(100, 80, 20, 20, 60, 60)
        proof = prove(picture, patterned(80, 100), mask, planned(picture, mask))
        assert proof.changed == proof.protected > 0

    def test_lost_transparency_is_a_change(self) -> None:
        picture, mask = patterned(100, 80, channels=4), rectangle(100, 80, 20, 20, 60, 60)
        flat = inspect(encoded(Image.open(BytesIO(picture.data)).convert("RGB"), "PNG"))
        assert prove(picture, flat, mask, planned(picture, mask)).changed > 0


@pytest.mark.parametrize(("side", "field"), [(101, "picture"), (100, "mask")])
def test_a_picture_or_mask_of_another_size_than_planned_is_refused(side: int, field: str) -> None:
    mask = rectangle(100, 100, 20, 20, 60, 60)
    area = plan_area(Size(width=100, height=100), Box(x=20, y=20, width=40, height=40), FILL)
    other = rectangle(100, 99, 20, 20, 60, 60) if field == "mask" else mask
    with pytest.raises(InvalidRequest) as caught:
        paste_back(patterned(side, 100), plain(64, 64), other, area)
    assert caught.value.field == field


def test_a_damaged_answer_is_refused() -> None:
    picture, mask = patterned(100, 100), rectangle(100, 100, 20, 20, 60, 60)
    cut = Picture(data=plain(64, 64).data[:80], mime="image/png", width=64, height=64)
    with pytest.raises(InvalidRequest):
        paste_back(picture, cut, mask, planned(picture, mask))
