"""Every kind of picture through the whole path: order, provider's answer, paste-back, storage."""

from __future__ import annotations

import base64
import io
import uuid

import numpy
import pytest
from PIL import Image, ImageOps

from tests.webui.editor.studio import mask_png

WIDTH, HEIGHT = 300, 200


def noise(mode: str) -> Image.Image:
    values = numpy.random.default_rng(7).integers(0, 256, (HEIGHT, WIDTH, 4), numpy.uint8)
    if mode == "I;16":
        return Image.fromarray(values[:, :, 0].astype(numpy.uint16) * 257)
    if mode == "P":
        return Image.fromarray(values[:, :, :3]).quantize(64)
    return Image.fromarray(values).convert(mode)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def rotated_jpeg() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(noise("RGB").rotate(90, expand=True), "JPEG", exif=exif, quality=95)


PICTURES = {
    "RGB": lambda: encoded(noise("RGB"), "PNG"),
    "RGBA": lambda: encoded(noise("RGBA"), "PNG"),
    "grey": lambda: encoded(noise("L"), "PNG"),
    "grey and alpha": lambda: encoded(noise("LA"), "PNG"),
    "palette": lambda: encoded(noise("P"), "PNG"),
    "black and white": lambda: encoded(noise("1"), "PNG"),
    "16 bit": lambda: encoded(noise("I;16"), "PNG"),
    "JPEG": lambda: encoded(noise("RGB"), "JPEG", quality=90),
    "rotated JPEG": rotated_jpeg,
    "lossless WebP": lambda: encoded(noise("RGBA"), "WEBP", lossless=True),
}


def upright(data: bytes):
    """Decoded pixels as a viewer shows them: eight bits of colour and transparency."""
    with Image.open(io.BytesIO(data)) as image:
        turned = ImageOps.exif_transpose(image)
        if turned.mode.startswith("I"):
            turned = Image.fromarray((numpy.asarray(turned) >> 8).astype(numpy.uint8))
        return numpy.asarray(turned.convert("RGBA"))


async def edited(studio, data: bytes, mask: bytes, **wish):
    """Put a picture in, edit it, and return (result row, stored bytes)."""
    file = studio.put(data)
    opened = await studio.call("open", picture=file)
    wish = {"model": "flux-pro-1.0-fill", "prompt": "", "mask": base64.b64encode(mask).decode(), **wish}
    job = await studio.call("start", session=opened["session"], request=str(uuid.uuid4()), **wish)
    assert "error" not in job, job
    await studio.settled()
    state = await studio.call("poll", session=opened["session"], job=job["job"])
    assert state["state"] == "done", state
    (result,) = state["results"]
    return result, studio.bytes[result["picture"]]


@pytest.mark.parametrize("kind", PICTURES)
async def test_protected_pixels_are_bit_identical_in_the_stored_file(studio, kind):
    data = PICTURES[kind]()
    box = (60, 50, 150, 120)
    result, stored = await edited(studio, data, mask_png(WIDTH, HEIGHT, box))
    before, after = upright(data), upright(stored)
    assert after.shape == before.shape
    kept = numpy.ones((HEIGHT, WIDTH), bool)
    kept[box[1] : box[3], box[0] : box[2]] = False
    assert (before[kept] == after[kept]).all()
    assert (before[~kept] != after[~kept]).any()
    assert result["protected"] == {"pixels": int(kept.sum()), "changed": 0}


async def test_24_megapixels_cost_one_small_request_and_come_back_whole(studio):
    across = numpy.linspace(0, 255, 6000, dtype=numpy.uint8)
    rows = numpy.broadcast_to(across, (4000, 6000))
    picture = Image.fromarray(numpy.stack([rows, rows[:, ::-1], rows], axis=2))
    box = (2000, 1500, 3200, 2500)  # 5 % of the picture
    data = encoded(picture, "JPEG", quality=90)
    result, stored = await edited(studio, data, mask_png(6000, 4000, box))
    (sent,) = studio.painter.orders
    assert sent.pictures[0].size.pixels <= 4 * 1024 * 1024
    with Image.open(io.BytesIO(stored)) as image:
        assert image.size == (6000, 4000)
    assert result["protected"] == {"pixels": 6000 * 4000 - 1200 * 1000, "changed": 0}


async def test_an_editor_of_results_goes_on_with_the_result(studio):
    """Keep painting: the next order works on the last result, and its own original is that one."""
    first, stored = await edited(studio, PICTURES["RGB"](), mask_png(WIDTH, HEIGHT, (10, 10, 60, 60)))
    second, final = await edited(
        studio, PICTURES["RGB"](), mask_png(WIDTH, HEIGHT, (100, 100, 160, 160)), picture=first["picture"]
    )
    before, after = upright(stored), upright(final)
    assert (before[10:60, 10:60] == after[10:60, 10:60]).all()
    assert second["protected"]["changed"] == 0
