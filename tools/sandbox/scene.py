"""Paints a small landscape from a prompt and a seed: sky, sun or moon, layered hills."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageEnhance, ImageFilter

from .sizes import Size

Colour = tuple[int, int, int]

PAINTED_SIDE = 1024
"""Scenes are painted with this longest side and scaled up: soft edges, and 4 MP costs little more than 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours of one time of day or place, as #rrggbb."""

    name: str
    sky_top: str
    sky_bottom: str
    light: str
    far: str
    near: str
    stars: bool = False


PALETTES: tuple[Palette, ...] = (
    Palette(name="dawn", sky_top="#5b7db1", sky_bottom="#f7cfb2", light="#fff3d6", far="#c79a9b", near="#3c3a55"),
    Palette(name="noon", sky_top="#3f8fd2", sky_bottom="#d9f0fb", light="#fffbe0", far="#9cc3b0", near="#2d6a4f"),
    Palette(name="dusk", sky_top="#2b2d6e", sky_bottom="#ff9a62", light="#ffe2a8", far="#a4577a", near="#241b3b"),
    Palette(name="lavender", sky_top="#7a78c8", sky_bottom="#f5d7ee", light="#fff6fb", far="#a79ad0", near="#43387a"),
    Palette(name="meadow", sky_top="#66b3c9", sky_bottom="#f2f4d2", light="#fffde8", far="#b9cf8e", near="#41683a"),
    Palette(name="desert", sky_top="#d9855f", sky_bottom="#fbe3b5", light="#fff4cf", far="#dba66a", near="#7a3f2b"),
    Palette(name="lagoon", sky_top="#0f6f8c", sky_bottom="#b8efe4", light="#f4fff2", far="#5fb8b3", near="#0b4257"),
    Palette(name="autumn", sky_top="#8c9fb0", sky_bottom="#f9dfae", light="#fff1c9", far="#d58a3d", near="#6b2a1c"),
    Palette(name="winter", sky_top="#8fb4d9", sky_bottom="#f3f8fc", light="#ffffff", far="#d3e0ec", near="#6d89a8"),
    Palette(
        name="night",
        sky_top="#060b26",
        sky_bottom="#27407d",
        light="#f2f0d8",
        far="#22315e",
        near="#080d20",
        stars=True,
    ),
)
BY_NAME = {palette.name: palette for palette in PALETTES}
DAYLIGHT = tuple(palette for palette in PALETTES if not palette.stars)


def graded(red: float, green: float, blue: float, lift: int = 0) -> Callable[[Image.Image], Image.Image]:
    """A grade that multiplies each channel and adds `lift`."""

    def apply(image: Image.Image) -> Image.Image:
        table = [min(255, round(value * factor) + lift) for factor in (red, green, blue) for value in range(256)]
        return image.point(table)

    return apply


def without_colour(image: Image.Image) -> Image.Image:
    return ImageEnhance.Color(image).enhance(0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """Words of a prompt, the palette they give a new picture and the grade they give an edited one."""

    words: str
    palette: str | None
    grade: Callable[[Image.Image], Image.Image]


MOODS: tuple[Mood, ...] = (
    Mood(words=r"night|midnight|moon\w*|stars?|starry|nacht", palette="night", grade=graded(0.30, 0.36, 0.58)),
    Mood(words=r"sunset|dusk|evening|golden hour", palette="dusk", grade=graded(1.08, 0.78, 0.58)),
    Mood(words=r"sunrise|dawn|morning", palette="dawn", grade=graded(1.05, 0.92, 0.82, 10)),
    Mood(words=r"snow\w*|winter|ice|frozen|arctic", palette="winter", grade=graded(0.72, 0.78, 0.84, 62)),
    Mood(words=r"autumn|fall|october", palette="autumn", grade=graded(1.10, 0.84, 0.55)),
    Mood(words=r"sea|ocean|beach|lake|water|underwater", palette="lagoon", grade=graded(0.62, 0.95, 1.05)),
    Mood(words=r"desert|sand|dunes?|mars", palette="desert", grade=graded(1.10, 0.85, 0.62)),
    Mood(words=r"forest|jungle|meadow|spring|garden", palette="meadow", grade=graded(0.80, 1.06, 0.72)),
    Mood(words=r"black and white|monochrome|gr[ae]yscale", palette=None, grade=without_colour),
    Mood(words=r"dark\w*", palette="night", grade=graded(0.45, 0.45, 0.48)),
    Mood(words=r"bright\w*|sunny|noon|day(time)?", palette="noon", grade=graded(1.12, 1.10, 1.02, 18)),
)


def mood_of(prompt: str) -> Mood | None:
    """The mood whose word comes first in the table; None when no word fits."""
    return next((mood for mood in MOODS if re.search(rf"\b({mood.words})\b", prompt, re.IGNORECASE)), None)


def rgb(text: str) -> Colour:
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red, green, blue


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def painted_size(size: Size) -> Size:
    scale = min(1.0, PAINTED_SIDE / max(size))
    return max(8, round(size[0] * scale)), max(8, round(size[1] * scale))


def sky(size: Size, palette: Palette) -> Image.Image:
    top, bottom = rgb(palette.sky_top), rgb(palette.sky_bottom)
    column = Image.new("RGB", (1, 64))
    for row in range(64):
        column.putpixel((0, row), mixed(top, bottom, min(1.0, row / 44)))
    return column.resize(size, Image.Resampling.BICUBIC)


def add_stars(image: Image.Image, rng: random.Random) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    for _ in range(90):
        x, y = rng.uniform(0, width), rng.uniform(0, height * 0.6)
        radius = rng.uniform(0.4, 1.3) * max(width, height) / 900
        shade = rng.randint(150, 255)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(shade, shade, 235))


def add_light(image: Image.Image, palette: Palette, rng: random.Random) -> None:
    """Sun or moon with a soft glow."""
    width, height = image.size
    x, y = width * rng.uniform(0.18, 0.82), height * rng.uniform(0.16, 0.42)
    radius = min(width, height) * rng.uniform(0.06, 0.12)
    glow = Image.new("L", (max(1, width // 4), max(1, height // 4)))
    reach = radius * 1.9
    box = tuple(value / 4 for value in (x - reach, y - reach, x + reach, y + reach))
    ImageDraw.Draw(glow).ellipse(box, fill=120)
    glow = glow.filter(ImageFilter.GaussianBlur(max(1.0, radius / 4))).resize(image.size, Image.Resampling.BICUBIC)
    image.paste(rgb(palette.light), mask=glow)
    ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), fill=rgb(palette.light))


def ridge(size: Size, base: float, rough: float, rng: random.Random) -> list[tuple[float, float]]:
    """Points of one hill line from left to right, closed along the bottom."""
    width, height = size
    waves = [(rng.uniform(0.6, 1.6) * 2**octave, rng.uniform(0, math.tau), rough / 1.9**octave) for octave in range(5)]
    points = []
    for step in range(97):
        x = step / 96
        rise = sum(part * math.sin(math.tau * pitch * x + phase) for pitch, phase, part in waves)
        points.append((x * width, height * (base - rise)))
    return [(0.0, float(height)), *points, (float(width), float(height))]


def add_hills(image: Image.Image, palette: Palette, rng: random.Random) -> None:
    draw = ImageDraw.Draw(image)
    layers = 5
    for layer in range(layers):
        share = layer / (layers - 1)
        colour = mixed(rgb(palette.far), rgb(palette.near), share)
        colour = mixed(colour, rgb(palette.sky_bottom), 0.35 * (1 - share))
        base = 0.50 + 0.34 * share + rng.uniform(-0.03, 0.03)
        draw.polygon(ridge(image.size, base, 0.075 - 0.03 * share, rng), fill=colour)


def paint_scene(prompt: str, seed: int, size: Size) -> Image.Image:
    """An RGB picture; the same prompt, seed and size always give the same one."""
    rng = random.Random(f"{seed}|{prompt}")  # noqa: S311 - a picture, not a secret
    mood = mood_of(prompt)
    chosen = BY_NAME[mood.palette] if mood and mood.palette else rng.choice(DAYLIGHT)
    image = sky(painted_size(size), chosen)
    if chosen.stars:
        add_stars(image, rng)
    add_light(image, chosen, rng)
    add_hills(image, chosen, rng)
    if mood and mood.palette is None:
        image = mood.grade(image)
    return image.resize(size, Image.Resampling.BICUBIC)


def regraded(image: Image.Image, prompt: str, seed: int) -> Image.Image:
    """An edited picture: the mood's grade, or a tint that depends on the seed, always plainly visible."""
    mood = mood_of(prompt)
    if mood is not None:
        return mood.grade(image)
    hue = random.Random(seed).randrange(360)  # noqa: S311 - a picture, not a secret
    tint = Image.new("RGB", image.size, ImageColor.getrgb(f"hsl({hue}, 70%, 60%)"))
    return Image.blend(image, ImageChops.soft_light(image, tint), 0.85)
