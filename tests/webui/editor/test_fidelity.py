"""Protected pixels through the whole path: the page's call, the provider over sockets, paste-back, the stored file."""

from __future__ import annotations

import asyncio
import io
import zlib
from dataclasses import replace

import numpy
import pytest
from PIL import Image

from flux_studio import catalog
from flux_studio.http.sessions import close_sessions
from flux_studio.imaging.masks import as_array
from flux_studio.imaging.seam import VISIBLE_STEP, seam_step
from tests.imaging.pictures import encoded
from tests.imaging.test_paste import KINDS, random_mask, random_region, seen
from tests.webui.editor.over_sockets import SocketStudio
from tools.sandbox import Sandbox

CASES_PER_KIND = 52
"""Ten kinds of originals: 520 cases."""
TOGETHER = 4
"""Orders under way at the same time."""
MODELS = {
    "inside": ("flux-pro-1.0-fill", "flux-tools-erase-v1", "flux-2-pro", "flux-kontext-pro"),
    "beyond": ("flux-pro-1.0-expand", "flux-tools-outpainting-v1", "flux-2-flex"),
}


SMALL = 384 * 384
"""Pixels these models get for small pictures here: a megapixel for each would take many times as long."""


@pytest.fixture
def small_models(monkeypatch):
    chosen = (catalog.CARDS[name] for name in MODELS["inside"])
    cards = {card.name: replace(card, size=replace(card.size, typical_pixels=SMALL)) for card in chosen}
    monkeypatch.setattr(catalog, "CARDS", {**catalog.CARDS, **cards})


@pytest.fixture
async def studio(monkeypatch, tmp_path):
    async with Sandbox(duration=0.0, balance=1_000_000.0, edit_shift=1.75, active_limit=100) as sandbox:
        made = SocketStudio(monkeypatch, sandbox, tmp_path)
        yield made
        for runner in made.runners:
            await runner.close()
        await close_sessions()


def grey_png(mask) -> bytes:
    return encoded(Image.fromarray(as_array(mask)), "PNG")


async def one_case(studio: SocketStudio, kind: str, rng: numpy.random.Generator) -> int:
    """Edit one random picture; returns how many pixels the model was allowed to change and did."""
    make, mode = KINDS[kind]
    data = make(rng, *(int(side) for side in rng.integers(60, 150, 2)))
    before = seen(data, mode)
    height, width = before.shape[:2]
    region = random_region(rng, width, height)
    mask = random_mask(rng, *((region.width, region.height) if region else (width, height)))
    where = "beyond" if region and region.size.pixels > width * height else "inside"
    wish = {"model": str(rng.choice(MODELS[where]))}
    if region:
        wish["region"] = region.to_json()
    result, stored = await studio.edited(data, grey_png(mask), **wish)

    left, top = (-region.x, -region.y) if region else (0, 0)
    after = seen(stored, "L" if mode == "16" and colourless(stored) else "RGB" if mode in ("16", "L") else mode)
    after = after[top : top + height, left : left + width]
    free = as_array(mask)[top : top + height, left : left + width] > 0
    expected = before if after.shape[2] == before.shape[2] else numpy.repeat(before, after.shape[2], axis=2)
    differing = (expected != after).any(axis=2)
    assert not differing[~free].any(), (kind, wish, int(differing[~free].sum()))
    assert result["protected"] == {"pixels": int((~free).sum()), "changed": 0}, (kind, wish)
    return int(differing[free].sum())


def colourless(data: bytes) -> bool:
    with Image.open(io.BytesIO(data)) as image:
        return image.mode in ("L", "LA")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("small_models")
async def test_no_protected_pixel_of_the_stored_file_differs(studio, kind):
    """The answers come moved and as JPEG; masks are of every shape, frames reach beyond the picture or do not."""
    rng = numpy.random.default_rng(zlib.crc32(kind.encode()))
    changed = []
    for _ in range(CASES_PER_KIND // TOGETHER):
        cases = [one_case(studio, kind, numpy.random.default_rng(rng.integers(2**63))) for _ in range(TOGETHER)]
        changed += await asyncio.gather(*cases)
    assert sum(count > 0 for count in changed) > CASES_PER_KIND // 2, "the models did repaint what they were given"
    assert studio.sandbox.violations == []
    assert len(studio.sandbox.calls) == CASES_PER_KIND


def photograph(width: int, height: int) -> bytes:
    """Smooth colours with fine grain, as a camera's JPEG."""
    across, down = numpy.linspace(0, 9, width), numpy.linspace(0, 7, height)[:, None]
    layers = [127 + 90 * numpy.sin(across * factor + down + factor) for factor in (0.6, 1.0, 1.7)]
    pixels = numpy.stack(layers, axis=-1)
    pixels += numpy.random.default_rng(3).integers(-4, 5, (height, width, 1))
    return encoded(Image.fromarray(pixels.clip(0, 255).astype(numpy.uint8)), "JPEG", quality=92)


async def test_24_megapixels_with_a_mask_of_5_percent_cost_one_small_request(studio):
    size, box = (6000, 4000), (2000, 1500, 3200, 2500)
    data, mask = photograph(*size), Image.new("L", size, 0)
    mask.paste(255, box)
    result, stored = await studio.edited(data, encoded(mask, "PNG"), prompt="")

    (call,) = [call for call in studio.sandbox.calls if call.task]
    sent = [(call.body[name]["width"], call.body[name]["height"]) for name in ("image", "mask")]
    assert sent[0] == sent[1]
    assert sent[0][0] * sent[0][1] <= 4_000_000
    before, after = seen(data, "RGB"), seen(stored, "RGB")
    assert after.shape == (4000, 6000, 3)
    kept = numpy.asarray(mask) == 0
    assert (before[kept] == after[kept]).all()
    assert (before[~kept] != after[~kept]).any(axis=1).mean() > 0.5
    assert result["protected"] == {"pixels": int(kept.sum()), "changed": 0}
    around = slice(box[1] - 100, box[3] + 100), slice(box[0] - 100, box[2] + 100)
    assert seam_step(after[around], numpy.asarray(mask)[around]) < VISIBLE_STEP
