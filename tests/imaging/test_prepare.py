"""What a provider gets to see of a picture."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from flux_studio.catalog import PictureRule
from flux_studio.errors import InvalidRequest, StudioError
from flux_studio.imaging import as_picture, for_upload, inspect
from flux_studio.types import Picture

from .pictures import GPS_NOTE, deep_png, drawing, encoded, exif, png_chunk, profile

RULE = PictureRule(fields=("input_image",), min_side=64, max_pixels=4_194_304, max_bytes=15_000_000)
EVERY_FORMAT = pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])


def decoded(picture: Picture) -> Image.Image:
    image = Image.open(BytesIO(picture.data))
    image.load()
    assert (image.width, image.height) == (picture.width, picture.height)
    assert Image.MIME[image.format or ""] == picture.mime
    return image


def pixels(data: bytes) -> bytes:
    return Image.open(BytesIO(data)).convert("RGBA").tobytes()


@EVERY_FORMAT
def test_a_fitting_picture_stays_the_same_object(name: str) -> None:
    picture = inspect(encoded(drawing(), name), file="file-1")
    assert for_upload(picture, RULE) is picture


@EVERY_FORMAT
def test_position_and_camera_are_cut_out_without_touching_a_pixel(name: str) -> None:
    data = encoded(drawing(), name, exif=exif(), icc_profile=profile(), xmp=b"<x:xmpmeta>home</x:xmpmeta>")
    assert GPS_NOTE.encode() in data
    result = for_upload(inspect(data, file="file-1"), RULE)
    assert GPS_NOTE.encode() not in result.data
    assert b"xmpmeta" not in result.data
    assert pixels(result.data) == pixels(data)
    image = decoded(result)
    assert not image.getexif()
    assert image.info["icc_profile"] == profile()
    assert result.file == "file-1"


def test_comments_texts_and_what_lies_behind_the_end_go_too() -> None:
    jpeg = encoded(drawing(), "JPEG", comment=b"call me") + b"hidden tail"
    result = for_upload(inspect(jpeg), RULE)
    assert b"call me" not in result.data
    assert b"hidden tail" not in result.data
    png = encoded(drawing(), "PNG")
    noted = png[:33] + png_chunk(b"tEXt", b"Author\0me") + png_chunk(b"caBX", b"provenance") + png[33:] + b"tail"
    assert for_upload(inspect(noted), RULE).data == png


@pytest.mark.parametrize("quality", [30, 95])
@pytest.mark.parametrize("progressive", [False, True])
def test_every_kind_of_jpeg_survives_the_cutting(quality: int, progressive: bool) -> None:
    data = encoded(
        drawing(400, 300), "JPEG", exif=exif(), quality=quality, progressive=progressive, restart_marker_blocks=4
    )
    result = for_upload(inspect(data), RULE)
    assert pixels(result.data) == pixels(data)
    assert len(result.data) < len(data)


@EVERY_FORMAT
@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_picture_is_set_upright(name: str, orientation: int) -> None:
    upright = drawing()
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    stored = upright.transpose(Image.Transpose(back))
    result = for_upload(inspect(encoded(stored, name, exif=exif(orientation))), RULE)
    image = decoded(result).convert("RGB")
    assert image.size == upright.size
    assert not image.getexif()
    red, dark = image.getpixel((20, 10)), image.getpixel((140, 80))
    assert isinstance(red, tuple)
    assert isinstance(dark, tuple)
    assert red[0] > 150 > dark[0]


@pytest.mark.parametrize("colour", [0, 2, 6])
def test_sixteen_bits_become_eight_of_the_same_brightness(colour: int) -> None:
    data = deep_png(colour)
    result = for_upload(inspect(data), RULE)
    assert result.data[24] == 8
    image = decoded(result)
    assert image.mode == {0: "L", 2: "RGB", 6: "RGBA"}[colour]
    assert image.getextrema() in ((128, 128), ((128, 128),) * len(image.getbands()))


@pytest.mark.parametrize("with_profile", [False, True])
def test_cmyk_becomes_rgb(with_profile: bool) -> None:
    # A profile of the wrong kind must not break the conversion.
    extra = {"icc_profile": profile()} if with_profile else {}
    data = encoded(drawing(mode="CMYK"), "JPEG", **extra)
    result = for_upload(inspect(data), RULE)
    image = decoded(result)
    assert (result.mime, image.mode) == ("image/jpeg", "RGB")
    assert "icc_profile" not in image.info
    red = image.getpixel((20, 10))
    assert isinstance(red, tuple)
    assert red[0] > 150 > red[1]


def test_a_palette_with_transparency_becomes_rgba() -> None:
    image = drawing(mode="P")
    data = encoded(image, "PNG", transparency=image.getpixel((0, 0)))
    result = decoded(for_upload(inspect(data), RULE))
    assert result.mode == "RGBA"
    assert result.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize(("mode", "plain"), [("1", "L"), ("P", "RGB"), ("LA", "RGBA"), ("L", "L"), ("RGBA", "RGBA")])
def test_modes_of_png_become_plain(mode: str, plain: str) -> None:
    data = encoded(drawing(mode=mode), "PNG")
    result = for_upload(inspect(data), RULE)
    assert decoded(result).mode == plain
    assert pixels(result.data) == pixels(data)


@pytest.mark.parametrize("name", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_sent(name: str) -> None:
    frames = [drawing(), Image.new("RGB", (160, 90), "blue")]
    data = encoded(frames[0], name, save_all=True, append_images=frames[1:], lossless=True)
    assert getattr(Image.open(BytesIO(data)), "n_frames", 1) == 2
    result = decoded(for_upload(inspect(data), RULE))
    assert getattr(result, "n_frames", 1) == 1
    red = result.convert("RGB").getpixel((20, 10))
    assert isinstance(red, tuple)
    assert red[0] > 150


def test_of_a_stereo_picture_the_first_view_is_sent_without_encoding_it_again() -> None:
    data = encoded(drawing(), "MPO", save_all=True, append_images=[drawing()])
    picture = inspect(data)
    assert (picture.mime, picture.width) == ("image/jpeg", 160)
    result = for_upload(picture, RULE)
    assert len(result.data) < len(data) * 0.6
    assert decoded(result).format == "JPEG"
    assert pixels(result.data) == pixels(data)


@EVERY_FORMAT
def test_a_large_picture_is_scaled_to_the_pixel_limit(name: str) -> None:
    rule = PictureRule(fields=("image",), max_pixels=10_000)
    result = for_upload(inspect(encoded(drawing(320, 180), name, icc_profile=profile())), rule)
    assert 9_500 < result.size.pixels <= 10_000
    assert abs(result.width / result.height - 16 / 9) < 0.03
    assert decoded(result).info["icc_profile"] == profile()


@pytest.mark.parametrize(("mode", "mime"), [("RGB", "image/jpeg"), ("RGBA", "image/webp")])
def test_too_many_bytes_become_a_lossy_format_that_keeps_transparency(mode: str, mime: str) -> None:
    image = Image.effect_noise((300, 300), 80).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize((300, 300)))
    data = encoded(image, "PNG")
    rule = PictureRule(fields=("image",), max_bytes=len(data) // 2)
    result = for_upload(inspect(data), rule)
    assert len(result.data) <= rule.max_bytes
    assert result.mime == mime
    assert (decoded(result).mode == "RGBA") == (mode == "RGBA")


def test_when_quality_is_not_enough_the_sides_shrink() -> None:
    data = encoded(Image.effect_noise((400, 400), 80), "PNG")
    result = for_upload(inspect(data), PictureRule(fields=("image",), max_bytes=20_000, min_side=64))
    assert len(result.data) <= 20_000
    assert 64 <= result.width < 400


def test_a_picture_that_cannot_become_small_enough_is_refused() -> None:
    data = encoded(Image.effect_noise((100, 100), 80), "PNG")
    with pytest.raises(InvalidRequest, match="at least 64 pixels"):
        for_upload(inspect(data), PictureRule(fields=("image",), max_bytes=500))


@pytest.mark.parametrize("size", [(63, 200), (200, 63), (1, 1)])
def test_a_tiny_picture_is_refused_with_the_smallest_side(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidRequest, match="sides of at least 64 pixels"):
        for_upload(inspect(encoded(drawing(*size), "PNG")), RULE)


def test_a_strip_that_would_become_too_thin_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="sides of at least 64 pixels"):
        for_upload(inspect(encoded(drawing(2000, 70), "PNG")), PictureRule(fields=("image",), max_pixels=50_000))


class TestAttachments:
    @EVERY_FORMAT
    def test_the_usual_types_stay_as_they_are(self, name: str) -> None:
        data = encoded(drawing(), name)
        assert as_picture(data, file="file-1").data is data

    @pytest.mark.parametrize("name", ["GIF", "BMP", "TIFF", "AVIF", "JPEG2000"])
    def test_other_types_become_png(self, name: str) -> None:
        picture = as_picture(encoded(drawing(), name), file="file-1")
        assert (picture.mime, picture.width, picture.height, picture.file) == ("image/png", 160, 90, "file-1")
        red = decoded(picture).convert("RGB").getpixel((20, 10))
        assert isinstance(red, tuple)
        assert red[0] > 150

    @pytest.mark.parametrize("mode", ["F", "I;16", "CMYK", "LAB"])
    def test_odd_modes_of_tiff_become_plain(self, mode: str) -> None:
        image = drawing(mode="L").convert(mode) if mode in ("F", "I;16") else drawing(mode="CMYK")
        if mode == "LAB":
            image = Image.new("LAB", (160, 90), (50, 128, 128))
        assert decoded(as_picture(encoded(image, "TIFF"))).mode in ("L", "RGB", "RGBA")

    def test_of_a_moving_gif_the_first_frame_is_taken(self) -> None:
        data = encoded(drawing(), "GIF", save_all=True, append_images=[Image.new("RGB", (160, 90), "blue")])
        assert as_picture(data).mime == "image/png"

    @pytest.mark.parametrize("data", [b"\x00\x00\x00\x18ftypheic" + b"\0" * 20, b"%!PS", b"<svg/>", b""])
    def test_what_cannot_be_read_gets_one_sentence(self, data: bytes) -> None:
        with pytest.raises(InvalidRequest, match="possible are JPEG, PNG or WebP"):
            as_picture(data)

    @pytest.mark.parametrize("name", ["GIF", "BMP", "TIFF", "AVIF"])
    def test_damaged_and_giant_attachments_are_refused(self, name: str) -> None:
        data = encoded(drawing(), name)
        with pytest.raises(InvalidRequest, match="damaged"):
            as_picture(data[: len(data) // 3])
        with pytest.raises(InvalidRequest, match="megapixels"):
            as_picture(data, max_pixels=100)


SAMPLES = [
    encoded(drawing(80, 70), "JPEG", exif=exif(), icc_profile=profile()),
    encoded(drawing(80, 70, "RGBA"), "PNG", exif=exif()),
    encoded(drawing(80, 70), "WEBP", exif=exif()),
    encoded(drawing(80, 70), "GIF"),
    encoded(drawing(80, 70), "TIFF"),
]


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's remarks on broken metadata
@settings(max_examples=200)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6))
def test_whatever_is_attached_the_answer_is_a_picture_that_fits_or_a_sentence(
    sample: bytes, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(sample)
    for place, value in changes:
        data[place % len(data)] = value
    try:
        result = for_upload(as_picture(bytes(data), max_pixels=1_000_000), RULE)
    except StudioError as error:
        found = error.sentence
    else:
        found = result.mime
        assert decoded(result).mode in ("L", "RGB", "RGBA")
    assert found
