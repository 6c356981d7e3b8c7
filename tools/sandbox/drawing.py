"""Turns a request into the picture file the sandbox delivers."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from .captions import annotate
from .pictures import InputPicture
from .scene import paint_scene, regraded
from .sizes import Size

ENCODERS: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    "jpeg": ("JPEG", "image/jpeg", {"quality": 90}),
    "png": ("PNG", "image/png", {"compress_level": 1}),
    "webp": ("WEBP", "image/webp", {"quality": 85, "method": 0}),
}
"""output_format -> Pillow's name, MIME type, options; fast rather than small."""
SHOWN_OPTIONS = (
    *("aspect_ratio", "resolution", "steps", "guidance", "raw", "prompt_upsampling", "image_prompt_strength"),
    *("quality", "background", "complexity"),
)
"""Fields named in the caption when the request sets them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be drawn."""

    endpoint: str
    """Name without the version: flux-2-pro."""
    prompt: str
    seed: int
    size: Size
    output_format: str = "jpeg"
    pictures: tuple[InputPicture, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    """The valid body with defaults: margins, offsets, thresholds."""
    grain: float = 0.0
    """Levels of noise on the finished picture."""
    given: frozenset[str] = frozenset()
    """Fields the request really had."""
    shift: float = 0.0
    """Pixels by which an edit comes back moved to the right and down, its untouched parts included."""

    @property
    def fingerprint(self) -> str:
        """Equal for orders that give the same picture."""
        values = sorted((name, str(self.values.get(name))) for name in self.values)
        pictures = [(picture.field, picture.sha256) for picture in self.pictures]
        shape = (self.endpoint, self.prompt, self.seed, self.size, self.output_format)
        parts = (*shape, self.grain, self.shift, pictures, values)
        return hashlib.sha256(repr((*parts, sorted(self.given))).encode()).hexdigest()

    @property
    def facts(self) -> str:
        """flux-2-pro · 1024 x 1024 · seed 42 · steps 20."""
        options = [f"{name} {self.values[name]}" for name in SHOWN_OPTIONS if name in self.given]
        return " · ".join([self.endpoint, f"{self.size[0]} x {self.size[1]}", f"seed {self.seed}", *options])


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A finished picture file."""

    data: bytes = field(repr=False)
    mime: str
    width: int
    height: int


def opened(picture: InputPicture, mode: str = "RGB") -> Image.Image:
    return Image.open(io.BytesIO(picture.data)).convert(mode)


def by_field(order: Order, name: str) -> InputPicture | None:
    return next((picture for picture in order.pictures if picture.field == name), None)


def new_picture(order: Order) -> Image.Image:
    """A scene from the prompt; image prompts and references as thumbnails."""
    image = paint_scene(order.prompt, order.seed, order.size)
    annotate(image, order.prompt, order.facts, [opened(picture) for picture in order.pictures])
    return image


def edited_picture(order: Order) -> Image.Image:
    """The first input with a visible grade, further inputs as thumbnails; a scene without any input."""
    if not order.pictures:
        return new_picture(order)
    base = ImageOps.fit(opened(order.pictures[0]), order.size)
    image = regraded(base, order.prompt, order.seed)
    annotate(image, order.prompt, order.facts, [opened(picture) for picture in order.pictures[1:]])
    return image


def repaint_mask(order: Order) -> Image.Image:
    """One channel, 255 = repaint: the mask, else the transparency of the image, else everything."""
    mask = by_field(order, "mask")
    if mask is not None:
        return opened(mask, "L").resize(order.size)
    return ImageChops.invert(opened(order.pictures[0], "RGBA").getchannel("A")).resize(order.size)


def filled_picture(order: Order) -> Image.Image:
    """The image with a scene where the mask is white; nothing else is touched."""
    base = opened(order.pictures[0]).resize(order.size)
    mask = repaint_mask(order)
    box = mask.getbbox()
    if box is None:
        return base
    scene = paint_scene(order.prompt, order.seed, (box[2] - box[0], box[3] - box[1]))
    annotate(scene, order.prompt, order.facts)
    base.paste(scene, box[:2], mask.crop(box))
    return base


def erased_picture(order: Order) -> Image.Image:
    """The masked area, widened by `dilate_pixels`, covered with its blurred surroundings."""
    base = opened(order.pictures[0])
    reach = order.values.get("dilate_pixels") or 0
    mask = repaint_mask(order).point(lambda value: 255 if value > 127 else 0)
    if reach:
        mask = mask.filter(ImageFilter.BoxBlur(reach)).point(lambda value: 255 if value else 0)
    box = mask.getbbox()
    if box is not None:
        radius = max(box[2] - box[0], box[3] - box[1]) / 2
        base.paste(base.filter(ImageFilter.GaussianBlur(radius)), mask=mask)
    return base


def sharpened_picture(order: Order) -> Image.Image:
    return opened(order.pictures[0]).filter(ImageFilter.UnsharpMask(radius=3, percent=160))


def placed(order: Order, left: int, top: int) -> Image.Image:
    """The input on a larger painted canvas; the marks go below it, so that it stays whole."""
    canvas = paint_scene(order.prompt, order.seed, order.size)
    annotate(canvas, order.prompt, order.facts)
    canvas.paste(opened(order.pictures[0]), (left, top))
    return canvas


def expanded_picture(order: Order) -> Image.Image:
    return placed(order, order.values["left"] or 0, order.values["top"] or 0)


def outpainted_picture(order: Order) -> Image.Image:
    """The input at its offset, centred where an offset is null."""
    picture = order.pictures[0]
    left, top = order.values["reference_offset_x"], order.values["reference_offset_y"]
    centred = (order.size[0] - picture.width) // 2, (order.size[1] - picture.height) // 2
    return placed(order, centred[0] if left is None else left, centred[1] if top is None else top)


def controlled_picture(order: Order) -> Image.Image:
    """A scene with the edges of the control picture drawn over it."""
    image = paint_scene(order.prompt, order.seed, order.size)
    edges = opened(order.pictures[0], "L").filter(ImageFilter.FIND_EDGES).resize(order.size)
    image.paste((255, 255, 255), mask=edges)
    annotate(image, order.prompt, order.facts, [opened(order.pictures[0])])
    return image


def raw(picture: InputPicture) -> Image.Image:
    """The picture in its own mode, decoded."""
    image = Image.open(io.BytesIO(picture.data))
    image.load()
    return image


def openai_picture(order: Order) -> Image.Image:
    """As OpenAI's models: new, edited, repainted where the mask is transparent, or guided by what was drawn over it."""
    mask, markup = by_field(order, "mask"), by_field(order, "markup")
    inputs = [picture for picture in order.pictures if picture.field == "image"]
    if not inputs:
        return (
            see_through(new_picture(order)) if order.values.get("background") == "transparent" else new_picture(order)
        )
    base = ImageOps.fit(opened(inputs[0]), order.size)
    if mask is None and markup is None:
        image = regraded(base, order.prompt, order.seed)
        annotate(image, order.prompt, order.facts, [opened(picture) for picture in inputs[1:]])
        return image
    if markup is not None:
        where = raw(markup).convert("RGBA").getchannel("A").resize(order.size)
    else:
        assert mask is not None
        where = ImageChops.invert(raw(mask).convert("RGBA").getchannel("A")).resize(order.size)
    box = where.getbbox()
    if box is None:
        return base
    scene = paint_scene(order.prompt, order.seed, (box[2] - box[0], box[3] - box[1]))
    annotate(scene, order.prompt, order.facts)
    base.paste(scene, box[:2], where.crop(box))
    return base


def see_through(image: Image.Image) -> Image.Image:
    """The picture in an oval, nothing around it."""
    alpha = Image.new("L", image.size)
    ImageDraw.Draw(alpha).ellipse((0, 0, image.width - 1, image.height - 1), fill=255)
    image = image.convert("RGBA")
    image.putalpha(alpha)
    return image


def previews(drawing: Drawing, count: int) -> list[bytes]:
    """Half-finished pictures, each sharper than the one before, in the file format of the finished one."""
    whole = Image.open(io.BytesIO(drawing.data))
    whole.load()
    form = whole.format or "PNG"
    shown = []
    for number in range(count):
        buffer = io.BytesIO()
        radius = max(whole.size) / 24 / 2**number
        whole.filter(ImageFilter.GaussianBlur(radius)).save(buffer, form)
        shown.append(buffer.getvalue())
    return shown


def moved(image: Image.Image, pixels: float) -> Image.Image:
    """The picture resampled to the right and down, as models return what they were told to keep."""
    if not pixels:
        return image
    reach = math.ceil(abs(pixels)) + 1
    wide = Image.fromarray(numpy.pad(numpy.asarray(image), ((reach, reach), (reach, reach), (0, 0)), mode="edge"))
    corner = reach - pixels
    source = (corner, corner, corner + image.width, corner + image.height)
    return wide.resize(image.size, Image.Resampling.BICUBIC, box=source)


COMPOSITIONS: tuple[tuple[str, Callable[[Order], Image.Image]], ...] = (
    ("flux-pro-1.0-fill", filled_picture),
    ("flux-pro-1.0-expand", expanded_picture),
    ("flux-pro-1.0-canny", controlled_picture),
    ("flux-pro-1.0-depth", controlled_picture),
    ("flux-tools/outpainting-v1", outpainted_picture),
    ("flux-tools/erase-v1", erased_picture),
    ("flux-tools/deblur-v1", sharpened_picture),
    ("flux-tools/vto-", edited_picture),
    ("flux-2-", edited_picture),
    ("flux-3-", edited_picture),
    ("flux-kontext-", edited_picture),
    ("flux-", new_picture),
    ("", openai_picture),
)
"""Start of the endpoint's name -> composition; the first that fits counts."""


def draw(order: Order) -> Drawing:
    """The picture for an order whose pictures have no problem. CPU work: call it in a thread."""
    compose = next(function for start, function in COMPOSITIONS if order.endpoint.startswith(start))
    image = moved(compose(order), order.shift) if order.pictures else compose(order)
    if order.grain:
        noise = Image.effect_noise(image.size, order.grain).convert(image.mode)
        image = ImageChops.add(image, noise, offset=-128)  # the noise lies around the middle grey
    name, mime, options = ENCODERS[order.output_format]
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return Drawing(data=buffer.getvalue(), mime=mime, width=image.width, height=image.height)
