"""Words go into a picture file and come back; the compressed pixels around them stay bit by bit."""

from __future__ import annotations

import io
import random
import struct
import zlib

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from flux_studio.imaging.embedded import MAX_TEXT, texts, with_text

SENTENCE = 'a fox — лиса, 狐 🦊, "quoted" \\ and\na second line'
MIMES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
CAMERA = Image.Exif()
CAMERA[0x0110] = "Camera One"
CAMERA.get_ifd(0x8769)[0x9003] = "2026:01:02 03:04:05"


def noise(mode: str = "RGB", side: int = 63) -> Image.Image:
    channels = len(mode)
    return Image.frombytes(mode, (side, side - 10), random.Random(3).randbytes(side * (side - 10) * channels))


def encoded(image: Image.Image, kind: str, **settings: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **settings)
    return out.getvalue()


FILES = {
    "png": ("PNG", encoded(noise("RGBA"), "PNG")),
    "png with a profile": ("PNG", encoded(noise(), "PNG", icc_profile=PROFILE)),
    "png with camera data": ("PNG", encoded(noise(), "PNG", exif=CAMERA)),
    "jpeg": ("JPEG", encoded(noise(), "JPEG")),
    "jpeg with camera data": ("JPEG", encoded(noise(), "JPEG", exif=CAMERA, icc_profile=PROFILE)),
    "progressive jpeg": ("JPEG", encoded(noise(), "JPEG", progressive=True)),
    "grey jpeg": ("JPEG", encoded(noise("L"), "JPEG")),
    "webp": ("WEBP", encoded(noise(), "WEBP")),
    "lossless webp": ("WEBP", encoded(noise(), "WEBP", lossless=True)),
    "lossless transparent webp": ("WEBP", encoded(noise("RGBA"), "WEBP", lossless=True)),
    "transparent webp": ("WEBP", encoded(noise("RGBA"), "WEBP")),
    "webp with camera data": ("WEBP", encoded(noise(), "WEBP", exif=CAMERA, icc_profile=PROFILE)),
    "animated webp": ("WEBP", encoded(noise(), "WEBP", save_all=True, append_images=[noise("RGB").rotate(90)])),
}


def compressed(data: bytes, kind: str) -> bytes:
    """The bytes that hold the pixels."""
    if kind == "JPEG":
        return data[data.index(b"\xff\xda") :]
    found, position, little = [], 8 if kind == "PNG" else 12, kind == "WEBP"
    while position + 8 <= len(data):
        length = struct.unpack_from("<I" if little else ">I", data, position + 4 if little else position)[0]
        name = data[position : position + 4] if little else data[position + 4 : position + 8]
        end = position + 8 + length + (length % 2 if little else 4)
        if name in (b"IDAT", b"PLTE", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"):
            found.append(data[position:end])
        position = end
    return b"".join(found)


@pytest.mark.parametrize("name", FILES)
def test_a_text_goes_in_and_not_one_bit_of_the_pixels_changes(name: str) -> None:
    kind, data = FILES[name]
    written = with_text(data, MIMES[kind], "flux_studio", SENTENCE)
    assert written is not None
    assert SENTENCE in texts(written, MIMES[kind]).values()
    assert compressed(written, kind) == compressed(data, kind)
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(written)) as after:
        assert (before.mode, before.size, getattr(before, "n_frames", 1)) == (
            after.mode,
            after.size,
            getattr(after, "n_frames", 1),
        )
        assert before.tobytes() == after.tobytes()
        assert before.info.get("icc_profile") == after.info.get("icc_profile")
        if "camera" in name:
            assert after.getexif()[0x0110] == "Camera One"
            assert after.getexif().get_ifd(0x8769)[0x9003] == "2026:01:02 03:04:05"


@pytest.mark.parametrize("name", FILES)
def test_a_second_text_takes_the_place_of_the_first(name: str) -> None:
    kind, data = FILES[name]
    once = with_text(data, MIMES[kind], "flux_studio", "first, and longer")
    twice = with_text(once or b"", MIMES[kind], "flux_studio", "second")
    assert list(texts(twice or b"", MIMES[kind]).values()).count("second") == 1
    assert b"first, and" not in (twice or b"")


@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
def test_pillow_reads_what_was_written(name: str) -> None:
    kind, data = FILES[name]
    with Image.open(io.BytesIO(with_text(data, MIMES[kind], "flux_studio", SENTENCE) or b"")) as image:
        if kind == "PNG":
            assert image.text["flux_studio"] == SENTENCE
        else:
            comment = image.getexif().get_ifd(0x8769)[0x9286]
            assert comment[:8] == b"UNICODE\0"
            assert comment[8:].decode("utf-16-be") == SENTENCE


def test_a_jpeg_says_when_a_text_is_too_long_for_it() -> None:
    assert with_text(FILES["jpeg"][1], "image/jpeg", "flux_studio", "x" * 65_600) is None
    assert with_text(FILES["jpeg"][1], "image/jpeg", "flux_studio", "x" * 65_000) is not None
    assert with_text(FILES["webp"][1], "image/webp", "flux_studio", "x" * 65_600) is not None


def test_texts_of_all_kinds_are_read() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "plain\nSteps: 20")
    info.add_text("packed", "p" * 5000, zip=True)
    info.add_itxt("words", "слово", zip=True)
    exif = Image.Exif()
    exif[0x010E] = "a description"
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "little ends".encode("utf-16-le")
    found = texts(encoded(noise(), "PNG", pnginfo=info, exif=exif), "image/png")
    assert found == {
        "parameters": "plain\nSteps: 20",
        "packed": "p" * 5000,
        "words": "слово",
        "ImageDescription": "a description",
        "UserComment": "little ends",
    }


def test_big_endian_fields_of_a_camera_are_read() -> None:
    comment = b"ASCII\0\0\0hello"
    block = b"MM\0*" + struct.pack(">I", 8)
    block += struct.pack(">HHHIII", 1, 0x8769, 4, 1, 26, 0) + struct.pack(">HHHIII", 1, 0x9286, 7, len(comment), 44, 0)
    segment = b"\xff\xe1" + struct.pack(">H", 8 + len(block + comment)) + b"Exif\0\0" + block + comment
    data = FILES["jpeg"][1]
    assert texts(data[:2] + segment + data[2:], "image/jpeg") == {"UserComment": "hello"}


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about what is left of the camera's fields
@pytest.mark.parametrize("name", FILES)
def test_damaged_and_hostile_files_tell_nothing_and_raise_nothing(name: str) -> None:
    kind, data = FILES[name]
    written = with_text(data, MIMES[kind], "flux_studio", SENTENCE) or b""
    dice = random.Random(name)
    for _ in range(150):
        broken = bytearray(written[: dice.randrange(len(written))] if dice.random() < 0.5 else written)
        for _ in range(dice.randrange(1, 12)):
            if broken:
                broken[dice.randrange(min(len(broken), 200))] = dice.randrange(256)
        for mime in MIMES.values():
            assert all(len(text) <= MAX_TEXT for text in texts(bytes(broken), mime).values())
            with_text(bytes(broken), mime, "flux_studio", "x")


def test_a_bomb_of_text_is_left_alone() -> None:
    body = b"bomb\0\0" + zlib.compress(bytes(50 * 1024 * 1024), 9)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    data = FILES["png"][1]
    assert texts(data[:33] + chunk + data[33:], "image/png") == {}
    huge = b"big\0" + b"x" * (MAX_TEXT + 1)
    chunk = struct.pack(">I", len(huge)) + b"tEXt" + huge + struct.pack(">I", zlib.crc32(b"tEXt" + huge))
    assert texts(data[:33] + chunk + data[33:], "image/png") == {}
