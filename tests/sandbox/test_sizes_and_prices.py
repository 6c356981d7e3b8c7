"""Output sizes per family and credits per request, against recorded and documented figures."""

from __future__ import annotations

from typing import Any

import pytest

from tools.sandbox.endpoints import load_endpoints
from tools.sandbox.pictures import InputPicture
from tools.sandbox.pricing import charge
from tools.sandbox.schema import with_defaults
from tools.sandbox.sizes import KONTEXT_SIZES, output_size

ENDPOINTS = load_endpoints()


def picture(width: int, height: int, field: str = "input_image") -> InputPicture:
    return InputPicture(field=field, width=width, height=height)


@pytest.mark.parametrize(
    ("name", "body", "pictures", "expected"),
    [
        ("flux-2-pro", {}, (), (1024, 1024)),
        ("flux-2-pro", {"width": 1000, "height": 1000}, (), (992, 992)),
        ("flux-2-pro", {"width": None, "height": None}, ((1001, 799),), (992, 784)),
        ("flux-2-pro", {}, ((6000, 3000),), (2896, 1440)),
        ("flux-2-pro", {"width": 65536}, (), (65536, 64)),
        ("flux-2-klein-4b", {"width": 512}, ((1024, 768),), (512, 768)),
        ("flux-2-klein-9b-finetuned", {}, (), (1024, 1024)),
        ("flux-kontext-pro", {}, (), (1024, 1024)),
        ("flux-kontext-pro", {"aspect_ratio": "16:9"}, ((500, 500),), (1392, 752)),
        ("flux-kontext-max", {}, ((600, 1400),), (672, 1568)),
        ("flux-pro-1.1-ultra", {}, (), (2752, 1536)),
        ("flux-pro-1.1-ultra", {"aspect_ratio": "1:1"}, (), (2048, 2048)),
        ("flux-pro-1.1-ultra", {"aspect_ratio": "21:9"}, (), (3136, 1344)),
        ("flux-pro-1.1", {}, (), (1024, 768)),
        ("flux-dev", {"width": 1440, "height": 256}, (), (1440, 256)),
        ("flux-pro-1.0-fill", {}, ((1080, 1920),), (1080, 1920)),
        ("flux-pro-1.0-expand", {"top": 10, "right": 20}, ((300, 400),), (320, 410)),
        ("flux-tools/outpainting-v1", {"width": 999, "height": 777}, ((300, 400),), (999, 777)),
        ("flux-tools/erase-v1", {}, ((301, 401),), (301, 401)),
        ("flux-3-image", {"resolution": "2k", "aspect_ratio": "1:1"}, (), (2048, 2048)),
        ("flux-3-image", {}, ((1600, 900),), (1360, 768)),
    ],
)
def test_sizes(
    name: str, body: dict[str, Any], pictures: tuple[tuple[int, int], ...], expected: tuple[int, int]
) -> None:
    endpoint = ENDPOINTS[f"/v1/{name}"]
    inputs = [picture(*size) for size in pictures]
    assert output_size(endpoint, with_defaults(endpoint, body), inputs) == expected


def test_fill_can_be_told_to_shrink() -> None:
    endpoint = ENDPOINTS["/v1/flux-pro-1.0-fill"]
    values = with_defaults(endpoint, {})
    assert output_size(endpoint, values, [picture(1080, 1920)], 1440) == (810, 1440)


def test_the_kontext_list_is_closed_under_turning() -> None:
    assert {(height, width) for width, height in KONTEXT_SIZES} == set(KONTEXT_SIZES)
    assert all(0.9e6 < width * height < 1.1e6 for width, height in KONTEXT_SIZES)


@pytest.mark.parametrize(
    ("name", "body", "inputs", "size", "credits"),
    [
        ("flux-2-pro", {}, 0, (256, 256), 3.0),
        ("flux-2-max", {}, 0, (256, 256), 7.0),
        ("flux-2-pro", {}, 0, (2048, 1024), 4.5),
        ("flux-2-pro", {}, 2, (1024, 1024), 6.0),
        ("flux-2-flex", {}, 1, (1024, 1024), 12.0),
        ("flux-2-klein-4b", {}, 1, (1024, 1024), 1.5),
        ("flux-2-klein-9b", {}, 0, (2048, 1024), 1.7),
        ("flux-2-klein-9b-preview", {}, 0, (2048, 1024), 1.7),
        ("flux-kontext-max", {}, 1, (1024, 1024), 8.0),
        ("flux-pro-1.1-ultra", {}, 0, (2752, 1536), 6.0),
        ("flux-3-image", {"resolution": "4k"}, 0, (4096, 4096), 60.7),
        ("flux-3-image", {}, 0, (1024, 1024), 4.8),
        ("flux-tools/outpainting-v1", {"mode": "fast"}, 1, (1024, 1024), 4.5),
        ("flux-tools/erase-v1", {}, 1, (1024, 1024), 3.0),
    ],
)
def test_credits(name: str, body: dict[str, Any], inputs: int, size: tuple[int, int], credits: float) -> None:
    endpoint = ENDPOINTS[f"/v1/{name}"]
    pictures = [picture(1024, 1024)] * inputs
    assert charge(endpoint, with_defaults(endpoint, body), pictures, size).credits == pytest.approx(credits)


def test_reported_megapixels_are_rounded_as_recorded() -> None:
    charged = charge(ENDPOINTS["/v1/flux-2-pro"], {}, [], (256, 256))
    assert (charged.input_megapixels, charged.output_megapixels) == (0.0, 0.06)
