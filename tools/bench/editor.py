"""What the editor promises on a picture of 24 megapixels: open, paint, send, and paste back with proof."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy
from PIL import Image

from flux_studio.catalog import CARDS
from flux_studio.imaging import as_picture, paste
from flux_studio.imaging.area import WorkArea, plan_area
from flux_studio.imaging.masks import bounds, from_array
from flux_studio.types import Mask, Picture
from tools.build.page import build_page
from tools.stage import ROOT

from . import editor_page
from .editor_page import PageTimes, Renderer
from .figures import Row, milliseconds, quantile

WIDTH, HEIGHT = 6000, 4000
MASKED = (2000, 1500, 3200, 2500)
"""5 % of the picture."""
MODEL = "flux-pro-1.0-fill"
RUNS = 5
OPEN_GOAL, FRAME_GOAL, EXPORT_GOAL, PASTE_GOAL = 1.0, 0.0167, 0.4, 0.4
"""Seconds: DESIGN section 9."""
PAGE_GOAL = 150_000
"""Bytes."""


def rows() -> list[Row]:
    """The lines of the table: the page first, then what the server does with an answer."""
    photo = photograph()
    renderer, ours, naive = editor_page.measure(photo, WIDTH, HEIGHT)
    return [size_row(), *page_rows(renderer, ours, naive), *server_rows(photo)]


def photograph() -> bytes:
    """A JPEG as a camera makes it: smooth colours, fine grain, about 10 MB."""
    across, down = numpy.linspace(0, 9, WIDTH), numpy.linspace(0, 7, HEIGHT)[:, None]
    grain = numpy.random.default_rng(3).integers(-6, 7, (HEIGHT, WIDTH))
    layers = [127 + 90 * numpy.sin(across * factor + down + factor) + grain for factor in (0.6, 1.0, 1.7)]
    pixels = numpy.stack([layer.clip(0, 255).astype(numpy.uint8) for layer in layers], axis=-1)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=92)
    return out.getvalue()


# ---- the page


def size_row() -> Row:
    size = len(build_page(ROOT / "artifacts" / "editor", ROOT).encode())
    return Row(what="the editor's page", goal="≤ 150 kB", measured=f"{size / 1000:.0f} kB", holds=size <= PAGE_GOAL)


def page_rows(renderer: Renderer, ours: PageTimes, naive: PageTimes) -> list[Row]:
    """Opening, painting and sending; without hardware only the ratio to the naive page says something (pure)."""
    frames, slower = quantile(ours.frames, 0.95), quantile(naive.frames, 0.95)
    compared = f"{slower / frames:.1f} times faster than naive" if frames else ""
    return [
        _timed("24 megapixels opened, until they are seen", OPEN_GOAL, ours.opened, naive.opened),
        Row(
            what=f"painting on them, frame p95, drawn by {renderer.name}",
            goal=f"≤ {milliseconds(FRAME_GOAL)}" if renderer.hardware else "with hardware: ≤ 17 ms",
            measured=milliseconds(frames) if renderer.hardware else f"{milliseconds(frames)}, {compared}",
            naive=milliseconds(slower),
            holds=frames <= FRAME_GOAL if renderer.hardware else None,
        ),
        _timed("mask exported: from the press until the order leaves", EXPORT_GOAL, ours.exported, naive.exported),
        Row(
            what="characters of the mask in that order",
            measured=f"{ours.travelled:,}",
            naive=f"{naive.travelled:,}",
        ),
    ]


def _timed(what: str, goal: float, ours: float, naive: float) -> Row:
    return Row(
        what=what,
        goal=f"≤ {milliseconds(goal)}",
        measured=milliseconds(ours),
        naive=milliseconds(naive),
        holds=ours <= goal,
    )


# ---- the server


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit of the picture, and what a model has answered."""

    original: Picture
    mask: Mask
    area: WorkArea
    answer: Picture


def server_rows(photo: bytes) -> list[Row]:
    edit = planned(photo)
    spent = quantile([paste_back_seconds(edit) for _ in range(RUNS)], 0.5)
    naive = quantile([naive_seconds(edit) for _ in range(RUNS)], 0.5)
    sent, _ = paste.cut_out(edit.original, edit.mask, edit.area)
    return [
        _timed("paste-back with proof, 5 % masked, decoding and encoding aside", PASTE_GOAL, spent, naive),
        Row(
            what="megapixels sent to the model for it",
            goal="≤ 4",
            measured=f"{sent.size.pixels / 1e6:.1f}",
            naive=f"{WIDTH * HEIGHT / 1e6:.0f}",
            holds=sent.size.pixels <= 4_000_000,
        ),
        Row(
            what="characters of that picture in the request",
            measured=f"{len(sent.data) * 4 // 3:,}",
            naive=f"{len(photo) * 4 // 3:,}",
        ),
    ]


def planned(photo: bytes) -> Edit:
    """The answer is the work area in other colours, moved by two pixels, as JPEG: everything has to be put right."""
    original, values = as_picture(photo), numpy.zeros((HEIGHT, WIDTH), numpy.uint8)
    left, top, right, bottom = MASKED
    values[top:bottom, left:right] = 255
    mask = from_array(values)
    marked = bounds(mask)
    assert marked is not None
    area = plan_area(original.size, marked, CARDS[MODEL])
    sent, _ = paste.cut_out(original, mask, area)
    with Image.open(io.BytesIO(sent.data)) as image:
        pixels = numpy.roll(numpy.asarray(image.convert("RGB")), (2, 1), (0, 1))
    out = io.BytesIO()
    Image.fromarray((pixels * 0.9 + 12).astype(numpy.uint8)).save(out, "JPEG", quality=85)
    return Edit(original=original, mask=mask, area=area, answer=as_picture(out.getvalue()))


def paste_back_seconds(edit: Edit) -> float:
    """All of paste_back less what it spends in decode and encode. Raises RuntimeError if a protected pixel changed."""
    with aside(paste, "decode", "encode") as spent:
        started = time.perf_counter()
        pasted = paste.paste_back(edit.original, edit.answer, edit.mask, edit.area)
        total = time.perf_counter() - started
    if pasted.changed:
        raise RuntimeError(f"{pasted.changed} protected pixels changed")
    return total - sum(spent)


@contextmanager
def aside(module: Any, *names: str) -> Iterator[list[float]]:
    """The seconds spent in these functions of a module, one entry a call."""
    spent: list[float] = []

    def timed(work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return work(*arguments, **named)
            finally:
                spent.append(time.perf_counter() - started)

        return run

    with mock.patch.multiple(module, **{name: timed(getattr(module, name)) for name in names}):
        yield spent


def naive_seconds(edit: Edit) -> float:
    """The same without a work area: the whole answer blended by the whole mask, and every pixel compared."""
    with Image.open(io.BytesIO(edit.original.data)) as image:
        before = numpy.asarray(image.convert("RGB"))
    with Image.open(io.BytesIO(edit.answer.data)) as image:
        answer = image.convert("RGB")
    strokes = numpy.frombuffer(edit.mask.data, numpy.uint8).reshape(HEIGHT, WIDTH)
    started = time.perf_counter()
    whole = numpy.asarray(answer.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS))
    weights = (strokes / 255.0)[:, :, None]
    finished = (before * (1 - weights) + whole * weights).astype(numpy.uint8)
    changed = int((finished != before).any(axis=2)[strokes == 0].sum())
    seconds = time.perf_counter() - started
    if changed:
        raise RuntimeError(f"{changed} protected pixels changed")
    return seconds
