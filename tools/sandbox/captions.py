"""Writes onto a picture what was asked: prompt, model, seed, the SANDBOX mark and small input pictures."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

MARK = "SANDBOX"
PANEL_SHARE = 0.22
"""Height of the caption panel; fixed, so that the next edit's panel covers this one."""
SMALLEST = 96
"""Pictures with a shorter side get no text: it could not be read."""
LONGEST_TEXT = 400
LAST_LATIN = 0xFF
"""Last character that Pillow's built-in font surely draws."""
WHITE = (255, 255, 255)
SOFT_WHITE = (214, 222, 235)

Box = tuple[int, int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def font_for(text: str, pixels: int) -> Font:
    """Pillow's own font for Latin text, DejaVu for the rest where the system has it."""
    if any(ord(letter) > LAST_LATIN for letter in text):
        try:
            return ImageFont.truetype("DejaVuSans.ttf", pixels)
        except OSError:
            pass
    return ImageFont.load_default(size=pixels)


def frosted(image: Image.Image, box: Box, radius: int) -> None:
    """Blur and darken a rounded box in place."""
    area = image.crop(box)
    soft = area.filter(ImageFilter.GaussianBlur(max(2.0, (box[3] - box[1]) / 6)))
    soft = ImageEnhance.Brightness(soft).enhance(0.45)
    soft = Image.blend(soft, Image.new("RGB", soft.size, (16, 20, 34)), 0.45)
    mask = Image.new("L", soft.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, soft.width - 1, soft.height - 1), radius=radius, fill=255)
    image.paste(soft, box[:2], mask)


def broken(word: str, font: Font, width: float) -> list[str]:
    """A word cut into parts that fit."""
    parts, start = [], 0
    for end in range(1, len(word) + 1):
        if end - start > 1 and font.getlength(word[start:end]) > width:
            parts.append(word[start : end - 1])
            start = end - 1
    return [*parts, word[start:]]


def wrapped(text: str, font: Font, width: float) -> list[str]:
    lines: list[str] = []
    for word in [part for whole in text.split() for part in broken(whole, font, width)]:
        candidate = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(candidate) <= width:
            lines[-1] = candidate
        else:
            lines.append(word)
    return lines


def shortened(lines: list[str], most: int, font: Font, width: float) -> list[str]:
    """At most `most` lines, the last one ending in … when text is left out."""
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and font.getlength(last + "…") > width:
        last = last[:-1]
    return [*lines[: most - 1], last + "…"]


def fitted_text(text: str, width: float, height: float, largest: int) -> tuple[list[str], Font, int]:
    """(lines, font, line height) in the largest size that fits the box, shortened when even the smallest does not."""
    text = text[:LONGEST_TEXT] + ("…" if len(text) > LONGEST_TEXT else "")
    smallest = max(9, largest // 3)
    pixels = largest
    while True:
        font, line_height = font_for(text, pixels), round(pixels * 1.25)
        lines, most = wrapped(text, font, width), max(1, int(height // line_height))
        if len(lines) <= most or pixels <= smallest:
            return shortened(lines, most, font, width), font, line_height
        pixels = max(smallest, round(pixels * 0.88))


def add_panel(image: Image.Image, prompt: str, facts: str) -> None:
    """The prompt and one line of facts on a frosted panel along the bottom."""
    width, height = image.size
    margin = max(4, min(width, height) // 40)
    panel_height = max(44, round(height * PANEL_SHARE)) - margin
    box = (margin, height - margin - panel_height, width - margin, height - margin)
    frosted(image, box, radius=margin)
    draw = ImageDraw.Draw(image)
    inner_width, left, bottom = width - 4 * margin, 2 * margin, box[3] - margin // 2
    facts_pixels = max(9, round(panel_height * 0.16))
    facts_lines, facts_font, facts_height = fitted_text(facts, inner_width, facts_pixels * 1.25, facts_pixels)
    draw.text((left, bottom - facts_height), facts_lines[0], font=facts_font, fill=SOFT_WHITE)
    room = bottom - facts_height - box[1] - margin
    lines, font, line_height = fitted_text(prompt or "(no prompt)", inner_width, room, max(11, round(room * 0.5)))
    top = box[1] + margin // 2 + max(0, (room - len(lines) * line_height) // 2)
    for row, line in enumerate(lines):
        draw.text((left, top + row * line_height), line, font=font, fill=WHITE)


def add_mark(image: Image.Image) -> None:
    """The word SANDBOX in the top left corner."""
    margin = max(4, min(image.size) // 40)
    font = font_for(MARK, max(11, min(image.size) // 30))
    left, top, right, bottom = (round(value) for value in font.getbbox(MARK))
    pad = max(3, margin // 2)
    box = (margin, margin, margin + right - left + 4 * pad, margin + bottom - top + 2 * pad)
    frosted(image, box, radius=(box[3] - box[1]) // 2)
    ImageDraw.Draw(image).text((box[0] + 2 * pad - left, box[1] + pad - top), MARK, font=font, fill=WHITE)


def add_thumbnails(image: Image.Image, thumbnails: Sequence[Image.Image]) -> None:
    """Input pictures as a row of framed squares in the top right corner, in the order they were sent."""
    margin = max(4, min(image.size) // 40)
    side = max(16, min(min(image.size) // 5, (image.width // 2) // max(1, len(thumbnails)) - margin))
    frame = max(1, side // 24)
    for place, thumbnail in enumerate(reversed(thumbnails)):
        small = ImageOps.fit(thumbnail.convert("RGB"), (side, side))
        framed = ImageOps.expand(small, border=frame, fill=WHITE)
        image.paste(framed, (image.width - (place + 1) * (side + margin + 2 * frame), margin))


def annotate(image: Image.Image, prompt: str, facts: str, thumbnails: Sequence[Image.Image] = ()) -> None:
    """All marks of a sandbox picture, in place; nothing on a picture too small to read."""
    if min(image.size) < SMALLEST:
        return
    add_panel(image, prompt, facts)
    add_mark(image)
    if thumbnails:
        add_thumbnails(image, thumbnails)
