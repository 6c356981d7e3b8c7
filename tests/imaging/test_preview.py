"""Small pictures for lists and progress."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from flux_studio.errors import InvalidRequest
from flux_studio.imaging import thumbnail

from .pictures import GPS_NOTE, deep_png, drawing, encoded, exif, png_claiming


def shown(data: bytes, side: int = 256) -> Image.Image:
    image = Image.open(BytesIO(thumbnail(data, side)))
    image.load()
    assert (image.format, image.mode) == ("JPEG", "RGB")
    return image


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("size", "expected"), [((1000, 500), (256, 128)), ((500, 1000), (128, 256)), ((40, 20), (40, 20))]
)
def test_the_longer_side_is_limited_and_nothing_is_enlarged(
    name: str, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert shown(encoded(drawing(*size), name)).size == expected


def test_a_strip_keeps_at_least_one_pixel() -> None:
    assert shown(encoded(drawing(3000, 1), "PNG")).size == (256, 1)


def test_the_preview_is_upright_and_without_metadata() -> None:
    data = encoded(drawing(400, 200), "JPEG", exif=exif(6))
    assert shown(data).size == (128, 256)
    assert GPS_NOTE.encode() not in thumbnail(data)


def test_transparency_shows_white() -> None:
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    assert shown(encoded(clear, "PNG")).getpixel((50, 50)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data", [deep_png(0), deep_png(2), encoded(drawing(mode="CMYK"), "JPEG"), encoded(drawing(mode="P"), "PNG")]
)
def test_odd_modes_have_a_preview_too(data: bytes) -> None:
    assert shown(data, 32).width == 32


@pytest.mark.parametrize("data", [b"", b"<svg/>", png_claiming(60_000, 60_000), encoded(drawing(), "PNG")[:200]])
def test_bad_data_gets_a_sentence(data: bytes) -> None:
    with pytest.raises(InvalidRequest):
        thumbnail(data)
