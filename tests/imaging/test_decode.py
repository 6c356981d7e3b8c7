"""Untrusted bytes become a Picture or one clear sentence."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from flux_studio.errors import InvalidRequest, StudioError
from flux_studio.imaging import inspect

from .pictures import drawing, encoded, exif, png_chunk, png_claiming

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
EVERY_FORMAT = pytest.mark.parametrize("name", FORMATS)


def refused(data: bytes, **limits: int) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        inspect(data, **limits)
    assert caught.value.field == "picture"
    return caught.value


@EVERY_FORMAT
def test_a_picture_is_described_and_its_bytes_are_kept(name: str) -> None:
    data = encoded(drawing(), name)
    picture = inspect(data, file="file-1")
    assert (picture.mime, picture.width, picture.height, picture.file) == (FORMATS[name], 160, 90, "file-1")
    assert picture.data is data


@EVERY_FORMAT
@pytest.mark.parametrize("orientation", range(1, 9))
def test_width_and_height_are_those_of_the_upright_picture(name: str, orientation: int) -> None:
    picture = inspect(encoded(drawing(), name, exif=exif(orientation)))
    assert (picture.width, picture.height) == ((90, 160) if orientation >= 5 else (160, 90))


@EVERY_FORMAT
def test_a_single_pixel_is_a_picture(name: str) -> None:
    assert inspect(encoded(drawing(1, 1), name)).size.pixels == 1


@EVERY_FORMAT
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_cut_files_are_damaged(name: str, part: float) -> None:
    data = encoded(drawing(), name)
    assert "damaged or incomplete" in refused(data[: int(len(data) * part)]).sentence


@EVERY_FORMAT
@pytest.mark.parametrize("last", [1, 20])
def test_the_last_bytes_count(name: str, last: int) -> None:
    data = encoded(drawing(), name)
    if name == "PNG" and last == 1:
        last = 5
    assert "damaged or incomplete" in refused(data[:-last]).sentence


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "an empty file"),
        (b"<!DOCTYPE html><title>x</title>", "an HTML page"),
        (b"\xef\xbb\xbf\n <html>", "an HTML page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"<?xml version='1.0'?><!-- x --><svg/>", "an SVG drawing"),
        (b"<?xml version='1.0'?><rss/>", "an XML document"),
        (b"GIF89a\x01\x00", "a GIF picture"),
        (b"\x00\x00\x00\x18ftypheic", "a HEIC picture"),
        (b"\x00\x00\x00\x1cftypavif", "an AVIF picture"),
        (b"\x00\x00\x00\x1cftypisom", "a video"),
        (b"\x1aE\xdf\xa3", "a video"),
        (b"II*\x00", "a TIFF picture"),
        (b"BM\x00\x00", "a BMP picture"),
        (b"8BPS", "a Photoshop file"),
        (b"%PDF-1.7", "a PDF"),
        (b"%!PS-Adobe", "a PostScript file"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b'{"detail": "expired"}', "a JSON document"),
        ("Zeit abgelaufen: ünß".encode(), "a text"),
        (b"\x01\x02\x03", "an unknown kind of file"),
    ],
)
def test_other_types_are_named(data: bytes, found: str) -> None:
    assert refused(data).sentence == f"This is {found}; possible are JPEG, PNG or WebP."


def test_the_type_is_read_off_the_bytes_whatever_is_inside() -> None:
    assert "damaged" in refused(b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script></html>").sentence
    assert "damaged" in refused(b"\xff\xd8\xff<svg/>").sentence
    assert "damaged" in refused(b"RIFF\x10\x00\x00\x00WEBPVP8 ").sentence


@pytest.mark.parametrize(
    ("width", "height"), [(8001, 8000), (12_000, 12_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_bomb_is_refused_by_its_header(width: int, height: int) -> None:
    assert refused(png_claiming(width, height)).allowed == "up to 64 megapixels"


def test_a_bomb_in_a_text_chunk_is_refused() -> None:
    import zlib

    data = encoded(drawing(), "PNG")
    bomb = png_chunk(b"zTXt", b"note\0\0" + zlib.compress(b"x" * 80_000_000))
    assert "damaged" in refused(data[:33] + bomb + data[33:]).sentence


def test_the_caps_can_be_set() -> None:
    data = encoded(drawing(), "PNG")
    assert refused(data, max_pixels=160 * 90 - 1).value == "160 × 90"
    assert refused(data, max_bytes=len(data) - 1).field == "picture"
    assert inspect(data, max_pixels=160 * 90, max_bytes=len(data)).width == 160


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's remarks on broken EXIF
def test_broken_exif_does_not_break_the_picture() -> None:
    data = encoded(drawing(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert inspect(data).size.pixels == 160 * 90


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_mode_of_png_is_a_picture(mode: str) -> None:
    image = Image.new(mode, (70, 80)) if mode == "I;16" else drawing(70, 80, mode)
    assert inspect(encoded(image, "PNG")).width == 70


def test_many_threads_at_once_all_get_their_answer() -> None:
    data, seen = encoded(drawing(), "JPEG"), []
    threads = [threading.Thread(target=lambda: seen.append(inspect(data).width)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [160] * 12


SAMPLES = [encoded(drawing(24, 16), name) for name in FORMATS]


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's remarks on broken EXIF
@settings(max_examples=300)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8))
def test_whatever_is_broken_the_answer_is_a_picture_or_a_sentence(
    sample: bytes, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(sample)
    for place, value in changes:
        data[place % len(data)] = value
    try:
        found: object = inspect(bytes(data)).mime
    except StudioError as error:
        found = error.sentence
    assert found
