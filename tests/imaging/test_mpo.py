"""Photos of phones and stereo cameras: JPEG files with a second picture behind the first (MPO)."""

from __future__ import annotations

import io

from PIL import Image, ImageChops

from flux_studio.catalog import CARDS
from flux_studio.imaging import as_picture, for_upload

RULE = CARDS["flux-2-pro"].pictures


def mpo(first: Image.Image, second: Image.Image) -> bytes:
    out = io.BytesIO()
    first.save(out, "MPO", save_all=True, append_images=[second], quality=95)
    return out.getvalue()


def test_only_the_first_picture_is_sent() -> None:
    red, blue = Image.new("RGB", (320, 240), "red"), Image.new("RGB", (320, 240), "blue")
    data = mpo(red, blue)
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.n_frames) == ("MPO", 2)
    picture = as_picture(data)
    assert (picture.mime, picture.width, picture.height) == ("image/jpeg", 320, 240)
    sent = for_upload(picture, RULE)
    assert len(sent.data) < len(data)
    with Image.open(io.BytesIO(sent.data)) as image:
        assert image.format == "JPEG"
        assert getattr(image, "n_frames", 1) == 1
        difference = ImageChops.difference(image.convert("RGB"), red)
        assert max(high for _, high in difference.getextrema()) < 8
