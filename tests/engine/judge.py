"""Looks at a picture of FLUX Tiny and says what is on it: background, colour, size, place and shape."""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

from flux_engine.tiny.vocabulary import COLOURS, POSITIONS, SHAPES, SIZES

SIDE = 128
MIDDLE_BAND = 7
"""Pixels from the middle within which a place counts as "center" along that axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a prompt asks for."""

    colour: str
    shape: str
    background: str
    size: str
    position: str

    @property
    def prompt(self) -> str:
        return f"a {self.size} {self.colour} {self.shape} on a {self.background} background at the {self.position}"


def random_scene(rng: random.Random) -> Scene:
    colour = rng.choice(list(COLOURS))
    background = rng.choice([name for name in COLOURS if name != colour])
    return Scene(
        colour=colour,
        background=background,
        shape=rng.choice(SHAPES),
        size=rng.choice(list(SIZES)),
        position=rng.choice(list(POSITIONS)),
    )


def judged(data: bytes, scene: Scene) -> dict[str, bool]:
    """Which of background, colour, shape, size and position are as asked."""
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float32)
    background = np.median(np.concatenate([pixels[:3].reshape(-1, 3), pixels[-3:].reshape(-1, 3)]), 0)
    distance = np.sqrt(((pixels - background) ** 2).sum(-1))
    shape = distance > max(40, 0.5 * np.percentile(distance, 99))
    verdict = dict.fromkeys(("colour", "shape", "size", "position"), False)
    verdict["background"] = nearest(background) == scene.background
    rows, columns = np.nonzero(shape)
    if len(rows) < 20:
        return verdict
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    verdict["colour"] = nearest(np.median(pixels[shape], 0)) == scene.colour
    verdict["shape"] = most_alike(shape[top:bottom, left:right]) == scene.shape
    radius = max(bottom - top, right - left) / 2 / (0.88 if scene.shape == "square" else 1.0)
    verdict["size"] = min(SIZES, key=lambda name: abs(radius / SIZES[name] - 1)) == scene.size
    direction = tuple(_side((low + high) / 2 - SIDE / 2) for low, high in ((left, right), (top, bottom)))
    verdict["position"] = direction == POSITIONS[scene.position]
    return verdict


def nearest(colour: np.ndarray) -> str:
    """The name of the closest colour."""
    return min(COLOURS, key=lambda name: float(((np.asarray(COLOURS[name]) - colour) ** 2).sum()))


def most_alike(shape: np.ndarray) -> str:
    """The shape with the largest overlap, both cut to their boxes and scaled to 32 x 32."""
    seen = _scaled(shape)
    overlap = {name: (seen & drawn(name)).sum() / max(1, (seen | drawn(name)).sum()) for name in SHAPES}
    return max(overlap, key=lambda name: overlap[name])


@cache
def drawn(shape: str) -> np.ndarray:
    picture = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(picture)
    middle, radius = SIDE / 2, SIZES["large"]
    if shape in ("circle", "ring"):
        draw.ellipse([middle - radius, middle - radius, middle + radius, middle + radius], fill=255)
        if shape == "ring":
            inner = radius * 0.55
            draw.ellipse([middle - inner, middle - inner, middle + inner, middle + inner], fill=0)
    else:
        draw.polygon([(middle + x * radius, middle + y * radius) for x, y in OUTLINES[shape]], fill=255)
    mask = np.asarray(picture) > 127
    rows, columns = np.nonzero(mask)
    return _scaled(mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])


def _scaled(mask: np.ndarray) -> np.ndarray:
    image = Image.fromarray((mask * 255).astype(np.uint8)).resize((32, 32), Image.Resampling.BILINEAR)
    return np.asarray(image) > 127


def _side(distance: float) -> int:
    return 0 if abs(distance) < MIDDLE_BAND else int(math.copysign(1, distance))


def _star() -> list[tuple[float, float]]:
    radii = [1.0 if corner % 2 == 0 else 0.42 for corner in range(10)]
    return [(r * math.sin(i * math.pi / 5), -r * math.cos(i * math.pi / 5)) for i, r in enumerate(radii)]


def _heart() -> list[tuple[float, float]]:
    turns = [2 * math.pi * step / 48 for step in range(48)]
    return [
        (
            16 * math.sin(t) ** 3 / 17,
            -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 17,
        )
        for t in turns
    ]


def _cross() -> list[tuple[float, float]]:
    k = 0.34
    return [(-k, -1), (k, -1), (k, -k), (1, -k), (1, k), (k, k), (k, 1), (-k, 1), (-k, k), (-1, k), (-1, -k), (-k, -k)]


OUTLINES: dict[str, list[tuple[float, float]]] = {
    "square": [(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)],
    "triangle": [(0, -1), (1, 0.8), (-1, 0.8)],
    "diamond": [(0, -1), (0.72, 0), (0, 1), (-0.72, 0)],
    "star": _star(),
    "cross": _cross(),
    "heart": _heart(),
}
"""Corners around the middle, in radii, y downwards; circle and ring are drawn as ellipses."""
