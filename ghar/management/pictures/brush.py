"""A pencil on the unit square, with a palette and a little light and shade.

Drawn at twice the size, so that edges come out smooth.
"""

import random
from typing import NamedTuple

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 900
_SCALE = 2

Colour = tuple[int, int, int]


class Palette(NamedTuple):
    wall: Colour
    floor: Colour
    accent: Colour
    soft: Colour
    wood: Colour


PALETTES = [
    Palette((238, 228, 212), (178, 134, 98), (196, 92, 62), (247, 243, 235), (122, 84, 58)),
    Palette((214, 226, 220), (196, 164, 128), (52, 104, 92), (244, 247, 243), (104, 74, 52)),
    Palette((226, 220, 232), (150, 118, 100), (104, 82, 140), (246, 243, 248), (90, 66, 54)),
    Palette((246, 222, 200), (126, 92, 70), (210, 138, 48), (252, 246, 238), (88, 58, 40)),
    Palette((204, 218, 230), (208, 186, 156), (44, 88, 132), (240, 245, 249), (140, 104, 74)),
    Palette((232, 236, 214), (160, 126, 86), (120, 140, 52), (249, 250, 241), (110, 80, 50)),
    Palette((244, 214, 208), (190, 160, 140), (170, 60, 80), (252, 241, 238), (116, 72, 62)),
    Palette((120, 138, 140), (92, 72, 60), (232, 180, 92), (226, 230, 228), (66, 50, 42)),
]

SKIES = [
    ((150, 200, 235), (232, 242, 248)),
    ((250, 190, 140), (252, 232, 206)),
    ((96, 120, 172), (226, 190, 196)),
    ((184, 214, 214), (244, 246, 236)),
]


class Brush:
    """ImageDraw on the unit square, with a little light and shade."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 -- pictures, not secrets
        self.palette = self.random.choice(PALETTES)
        self.image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), self.palette.wall)
        self.draw = ImageDraw.Draw(self.image)

    def box(
        self, x: float, y: float, w: float, h: float, fill: Colour, *, round_: float = 0
    ) -> None:
        left, top, right, bottom = self._corners(x, y, w, h)
        radius = round_ * min(right - left, bottom - top)
        self.draw.rounded_rectangle((left, top, right, bottom), radius, fill=fill)

    def oval(self, x: float, y: float, w: float, h: float, fill: Colour) -> None:
        self.draw.ellipse(self._corners(x, y, w, h), fill=fill)

    def part(
        self, x: float, y: float, w: float, h: float, start: int, end: int, fill: Colour
    ) -> None:
        """What of an oval lies on one side of the line between two angles; 0 is right, 90 below."""
        self.draw.chord(self._corners(x, y, w, h), start, end, fill=fill)

    def shape(self, points: list[tuple[float, float]], fill: Colour) -> None:
        width, height = self.image.size
        self.draw.polygon([(x * width, y * height) for x, y in points], fill=fill)

    def gradient(self, x: float, y: float, w: float, h: float, top: Colour, bottom: Colour) -> None:
        left, upper, right, lower = map(int, self._corners(x, y, w, h))
        column = Image.new("RGB", (1, 2))
        column.putpixel((0, 0), top)
        column.putpixel((0, 1), bottom)
        size = (max(right - left, 1), max(lower - upper, 1))
        self.image.paste(column.resize(size, Image.Resampling.BILINEAR), (left, upper))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def between(self, low: float, high: float) -> float:
        return self.random.uniform(low, high)

    def finish(self) -> Image.Image:
        return self.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)

    def _corners(self, x: float, y: float, w: float, h: float) -> tuple[float, float, float, float]:
        width, height = self.image.size
        return (
            x * width,
            y * height,
            max((x + w) * width, x * width + 1),
            max((y + h) * height, y * height + 1),
        )


def darker(colour: Colour, share: float = 0.15) -> Colour:
    red, green, blue = (int(part * (1 - share)) for part in colour)
    return red, green, blue


def lighter(colour: Colour, share: float = 0.3) -> Colour:
    red, green, blue = (int(part + (255 - part) * share) for part in colour)
    return red, green, blue
