"""Photos of the demo: street scenes drawn here, so that they are nobody else's, sent as a telephone sends them."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 960, 720
_HORIZON = 400

_SKY, _SKY_LOW = (164, 203, 232), (238, 240, 232)
_GRASS, _ASPHALT, _PAVING = (123, 160, 92), (98, 98, 102), (189, 180, 166)
_WALLS = ((214, 178, 140), (188, 128, 104), (226, 214, 190), (160, 148, 140), (206, 160, 120))


def _scene(ground: tuple[int, int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (WIDTH, HEIGHT), ground)
    draw = ImageDraw.Draw(image)
    for y in range(_HORIZON):
        part = y / _HORIZON
        draw.line((0, y, WIDTH, y), fill=tuple(round(a + (b - a) * part) for a, b in zip(_SKY, _SKY_LOW, strict=True)))
    for number in range(7):
        left, top = number * 150 - 40, 150 + (number * 67) % 110
        draw.rectangle((left, top, left + 150, _HORIZON), fill=_WALLS[number % len(_WALLS)])
        for row in range(top + 22, _HORIZON - 40, 58):
            for column in range(left + 20, left + 130, 44):
                draw.rectangle((column, row, column + 24, row + 34), fill=(92, 104, 116), outline=(245, 240, 230))
    return image, draw


def _tree(draw: ImageDraw.ImageDraw, x: int, foot: int, size: int) -> None:
    draw.rectangle((x - size // 12, foot - size, x + size // 12, foot), fill=(104, 78, 56))
    for angle in range(0, 360, 45):
        turn = math.radians(angle)
        cx, cy = x + math.cos(turn) * size * 0.28, foot - size * 1.15 + math.sin(turn) * size * 0.24
        shade = 96 + angle % 90 // 3
        draw.ellipse((cx - size * 0.3, cy - size * 0.3, cx + size * 0.3, cy + size * 0.3), fill=(66, shade + 26, 58))


def _crossing() -> Image.Image:
    image, draw = _scene(_ASPHALT)
    draw.polygon([(0, _HORIZON), (WIDTH, _HORIZON), (WIDTH, 450), (0, 450)], fill=_PAVING)
    for number in range(7):
        left = 90 + number * 120
        draw.polygon([(left, 470), (left + 62, 470), (left + 24, HEIGHT), (left - 60, HEIGHT)], fill=(226, 224, 216))
    for x, colour in ((90, (170, 54, 44)), (700, (54, 84, 130))):
        draw.rounded_rectangle((x, 372, x + 190, 446), 22, fill=colour)
        draw.rounded_rectangle((x + 34, 332, x + 150, 384), 18, fill=colour)
        for wheel in (x + 42, x + 148):
            draw.ellipse((wheel - 22, 424, wheel + 22, 468), fill=(40, 40, 42))
    return image


def _bench() -> Image.Image:
    image, draw = _scene(_GRASS)
    draw.polygon([(300, _HORIZON), (560, _HORIZON), (960, HEIGHT), (100, HEIGHT)], fill=_PAVING)
    _tree(draw, 170, 560, 250)
    _tree(draw, 830, 520, 200)
    for y in (500, 524, 572):
        draw.rounded_rectangle((380, y, 700, y + 16), 4, fill=(142, 98, 60))
    for x in (410, 660):
        draw.rectangle((x, 500, x + 14, 650), fill=(58, 60, 62))
    return image


def _fountain() -> Image.Image:
    image, draw = _scene(_PAVING)
    draw.ellipse((250, 560, 710, 680), fill=(150, 146, 138))
    draw.ellipse((285, 575, 675, 662), fill=(110, 168, 190))
    draw.rectangle((455, 420, 505, 620), fill=(120, 116, 110))
    for side in (-1, 1):
        draw.arc(
            (480 - 130 if side < 0 else 480, 400, 480 if side < 0 else 610, 640),
            180,
            360,
            fill=(225, 240, 246),
            width=9,
        )
    _tree(draw, 90, 520, 210)
    return image


def _bicycles() -> Image.Image:
    image, draw = _scene(_PAVING)
    for x in range(170, 900, 210):
        draw.arc((x - 44, 470, x + 44, 640), 180, 360, fill=(70, 74, 78), width=10)
        for wheel in (x - 78, x + 78):
            draw.ellipse((wheel - 54, 540, wheel + 54, 648), outline=(34, 34, 36), width=7)
        draw.line((x - 78, 594, x - 20, 506, x + 52, 506, x + 78, 594), fill=(176, 60, 44), width=8)
        draw.line((x - 20, 506, x + 6, 594, x + 52, 506), fill=(176, 60, 44), width=8)
    return image


def _meadow() -> Image.Image:
    image, draw = _scene(_GRASS)
    for number in range(420):
        x, y = number * 37 % WIDTH, 420 + number * 53 % 300
        colour = ((236, 214, 92), (214, 104, 132), (240, 240, 236), (96, 140, 70))[number % 4]
        draw.line((x, y, x + number % 9 - 4, y - 26), fill=(84, 124, 62), width=3)
        draw.ellipse((x - 5, y - 34, x + 5, y - 24), fill=colour)
    _tree(draw, 760, 500, 260)
    return image


_SCENES: Final[dict[str, tuple[Callable[[], Image.Image], str]]] = {
    "crossing": (_crossing, "Des bandes blanches usées, entre deux voitures garées."),
    "bench": (_bench, "Un banc de bois sous deux arbres, au bord d’une allée."),
    "fountain": (_fountain, "Une fontaine ronde sur une place pavée."),
    "bicycles": (_bicycles, "Quatre vélos rouges attachés à des arceaux."),
    "meadow": (_meadow, "De l’herbe haute et des fleurs, devant un grand arbre."),
}
NAMES: Final = tuple(_SCENES)


def draw_photo(name: str) -> tuple[bytes, str]:
    """A JPEG of one of NAMES, and what it shows, in French."""
    scene, description = _SCENES[name]
    written = io.BytesIO()
    scene().filter(ImageFilter.GaussianBlur(0.8)).save(written, "JPEG", quality=88)
    return written.getvalue(), description
