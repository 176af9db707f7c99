"""Drawn pictures of rooms and houses for the demo: calm, varied, and nobody's property.

`draw(scene, seed)` is deterministic. Everything is placed in a unit square and scaled, and drawn at
twice the size so that edges come out smooth.
"""

from collections.abc import Callable
import io
from pathlib import Path
import random
from typing import NamedTuple

from PIL import Image, ImageDraw

from ghar.properties.images import clean_image

WIDTH, HEIGHT = 1200, 900
_SCALE = 2

Colour = tuple[int, int, int]
Job = tuple[str, int, Path]


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


# --- furniture ----------------------------------------------------------------------------------


def shell(brush: Brush) -> float:
    """Walls and floor, with the corner of the room somewhere; returns the height of the floor."""
    palette, floor = brush.palette, brush.between(0.6, 0.78)
    corner = brush.between(0.1, 0.9)
    brush.gradient(0, 0, corner, floor, lighter(palette.wall, 0.2), palette.wall)
    brush.gradient(
        corner, 0, 1 - corner, floor, darker(palette.wall, 0.12), darker(palette.wall, 0.04)
    )
    brush.gradient(0, floor, 1, 1 - floor, palette.floor, darker(palette.floor, 0.2))
    for plank in range(1, brush.random.randint(4, 9)):
        y = floor + (1 - floor) * (plank / 9) ** 0.8
        brush.box(0, y, 1, 0.003, darker(palette.floor, 0.12))
    brush.box(0, floor - 0.018, 1, 0.018, palette.soft)
    return floor


def window(brush: Brush, x: float, y: float, w: float, h: float) -> None:
    top, bottom = brush.random.choice(SKIES)
    brush.box(x - 0.012, y - 0.016, w + 0.024, h + 0.032, brush.palette.soft)
    brush.gradient(x, y, w, h, top, bottom)
    hill = brush.between(0.55, 0.85)
    brush.shape(
        [
            (x, y + h),
            (x, y + h * hill),
            (x + w * brush.between(0.2, 0.8), y + h * (hill - 0.15)),
            (x + w, y + h * (hill + 0.08)),
            (x + w, y + h),
        ],
        (126, 158, 116),
    )
    for pane in range(1, brush.random.randint(2, 4)):
        brush.box(x + w * pane / 3, y, 0.007, h, brush.palette.soft)
    if brush.chance(0.6):
        for side in (x - 0.05, x + w - 0.01):
            brush.gradient(
                side,
                y - 0.05,
                0.06,
                h + 0.14,
                brush.palette.accent,
                darker(brush.palette.accent, 0.3),
            )


def plant(brush: Brush, x: float, floor: float) -> None:
    height = brush.between(0.14, 0.3)
    brush.box(x - 0.03, floor - 0.02, 0.06, 0.09, brush.palette.accent, round_=0.2)
    for _ in range(9):
        tip = x + brush.between(-0.09, 0.09)
        green = (70 + brush.random.randint(0, 40), 120 + brush.random.randint(0, 40), 80)
        brush.shape(
            [(x - 0.012, floor), (tip, floor - height * brush.between(0.6, 1)), (x + 0.012, floor)],
            green,
        )


def lamp(brush: Brush, x: float, floor: float) -> None:
    brush.box(x, floor - 0.42, 0.007, 0.44, (60, 56, 54))
    brush.shape(
        [
            (x - 0.05, floor - 0.36),
            (x - 0.03, floor - 0.47),
            (x + 0.037, floor - 0.47),
            (x + 0.057, floor - 0.36),
        ],
        (252, 232, 178),
    )


def frames(brush: Brush, x: float, y: float) -> None:
    for index in range(brush.random.randint(1, 3)):
        w, h = brush.between(0.07, 0.12), brush.between(0.1, 0.2)
        left = x + index * 0.14
        brush.box(left, y, w, h, brush.palette.wood)
        brush.box(
            left + 0.008,
            y + 0.01,
            w - 0.016,
            h - 0.02,
            lighter(brush.palette.accent, brush.between(0.2, 0.8)),
        )


def rug(brush: Brush, floor: float) -> None:
    x, w = brush.between(0.1, 0.4), brush.between(0.35, 0.55)
    y = floor + (1 - floor) * 0.45
    colour = lighter(brush.palette.accent, brush.between(0.1, 0.6))
    brush.oval(x, y, w, (1 - floor) * 0.5, colour)
    brush.oval(x + 0.03, y + 0.015, w - 0.06, (1 - floor) * 0.5 - 0.03, lighter(colour, 0.3))


def sofa(brush: Brush, floor: float) -> None:
    x, w = brush.between(0.05, 0.4), brush.between(0.35, 0.5)
    colour = brush.random.choice(
        [brush.palette.accent, darker(brush.palette.wall, 0.35), (88, 96, 104)]
    )
    top = floor - brush.between(0.1, 0.2)
    brush.box(x, top, w, 0.2, darker(colour, 0.15), round_=0.2)
    brush.box(x + 0.02, top + 0.11, w - 0.04, 0.11, colour, round_=0.25)
    for arm in (x - 0.02, x + w - 0.03):
        brush.box(arm, top + 0.07, 0.05, 0.16, darker(colour, 0.08), round_=0.4)
    for cushion in range(brush.random.randint(1, 3)):
        brush.box(
            x + 0.04 + cushion * 0.11, top + 0.03, 0.08, 0.1, lighter(colour, 0.45), round_=0.3
        )


def shelf(brush: Brush, x: float, floor: float) -> None:
    w, h = brush.between(0.13, 0.22), brush.between(0.3, 0.5)
    brush.box(x, floor - h, w, h + 0.03, brush.palette.wood)
    rows = brush.random.randint(3, 5)
    for row_ in range(rows):
        y = floor - h + 0.015 + row_ * h / rows
        brush.box(x + 0.01, y, w - 0.02, h / rows - 0.015, darker(brush.palette.wood, 0.4))
        left = x + 0.014
        while left < x + w - 0.04:
            thick = brush.between(0.008, 0.02)
            tall = (h / rows - 0.02) * brush.between(0.5, 0.95)
            book = brush.random.choice(
                [
                    brush.palette.accent,
                    brush.palette.soft,
                    lighter(brush.palette.accent, 0.4),
                    (90, 110, 120),
                ]
            )
            brush.box(left, y + (h / rows - 0.018) - tall, thick, tall, book)
            left += thick + brush.between(0.001, 0.016)


# --- scenes -------------------------------------------------------------------------------------


def living_room(brush: Brush) -> None:
    floor = shell(brush)
    window(
        brush,
        brush.between(0.08, 0.6),
        brush.between(0.08, 0.18),
        brush.between(0.16, 0.34),
        brush.between(0.25, 0.36),
    )
    if brush.chance(0.5):
        frames(brush, brush.between(0.05, 0.5), brush.between(0.08, 0.2))
    if brush.chance(0.6):
        shelf(
            brush, brush.random.choice([brush.between(0.02, 0.1), brush.between(0.74, 0.82)]), floor
        )
    rug(brush, floor)
    sofa(brush, floor)
    if brush.chance(0.7):
        plant(brush, brush.between(0.06, 0.94), floor)
    if brush.chance(0.6):
        lamp(brush, brush.between(0.08, 0.92), floor)
    table = brush.between(0.25, 0.6)
    brush.box(table, floor + 0.12, brush.between(0.16, 0.26), 0.02, brush.palette.wood)
    brush.box(table + 0.02, floor + 0.13, 0.01, 0.07, darker(brush.palette.wood))
    brush.box(table + 0.14, floor + 0.13, 0.01, 0.07, darker(brush.palette.wood))


def bedroom(brush: Brush) -> None:
    floor = shell(brush)
    on_left = brush.chance(0.5)
    x, w = (brush.between(0.04, 0.16), 0.55) if on_left else (brush.between(0.32, 0.42), 0.56)
    window(
        brush,
        brush.between(0.62, 0.72) if on_left else brush.between(0.06, 0.14),
        brush.between(0.08, 0.2),
        brush.between(0.15, 0.24),
        brush.between(0.26, 0.4),
    )
    head = floor - brush.between(0.18, 0.3)
    brush.box(x, head, w, 0.3, brush.palette.wood, round_=0.1)
    brush.box(x + 0.01, floor - 0.05, w - 0.02, 0.24, brush.palette.soft, round_=0.1)
    fold = brush.between(0.3, 0.6)
    brush.gradient(
        x + 0.01,
        floor - 0.05 + 0.24 * (1 - fold),
        w - 0.02,
        0.24 * fold,
        brush.palette.accent,
        darker(brush.palette.accent, 0.25),
    )
    for side in range(brush.random.randint(1, 2)):
        brush.box(
            x + 0.05 + side * 0.24,
            floor - 0.13,
            0.18,
            0.1,
            lighter(brush.palette.soft, 0.5),
            round_=0.4,
        )
    brush.box(
        x + w + 0.015 if on_left else x - 0.115,
        floor - 0.1,
        0.1,
        0.15,
        brush.palette.wood,
        round_=0.08,
    )
    if brush.chance(0.6):
        frames(brush, x + 0.1, brush.between(0.08, 0.16))
    if brush.chance(0.5):
        lamp(brush, 0.92 if on_left else 0.07, floor)
    if brush.chance(0.5):
        plant(brush, 0.9 if on_left else 0.12, floor)


def kitchen(brush: Brush) -> None:
    floor = shell(brush)
    counter = brush.between(0.48, 0.56)
    tile = lighter(brush.palette.wall, 0.4)
    for column in range(24):
        for line in range(4):
            shade = darker(tile, brush.between(0, 0.09))
            brush.box(column / 24, counter - 0.2 + line * 0.05, 1 / 24 - 0.003, 0.046, shade)
    cupboard = brush.random.choice([brush.palette.accent, brush.palette.soft, brush.palette.wood])
    left = brush.between(0, 0.1)
    while left < 1:
        w = brush.between(0.12, 0.2)
        brush.box(left, counter + 0.03, w - 0.008, floor - counter + 0.05, cupboard)
        brush.box(left + w * 0.4, counter + 0.06, w * 0.2, 0.008, darker(cupboard, 0.5))
        if brush.chance(0.45):
            brush.box(left, 0.02, w - 0.008, brush.between(0.15, 0.24), darker(cupboard, 0.06))
        left += w
    # After the cupboards, so that none hangs in front of the light.
    window(brush, brush.between(0.15, 0.65), 0.1, brush.between(0.14, 0.24), 0.2)
    stone = brush.random.choice([(70, 68, 66), (214, 206, 196), brush.palette.wood])
    brush.box(0, counter, 1, 0.035, stone)
    hob = brush.between(0.1, 0.8)
    brush.box(hob, counter - 0.012, 0.16, 0.014, (40, 40, 42))
    brush.box(hob + 0.02, counter - 0.07, 0.07, 0.06, brush.palette.accent, round_=0.2)
    if brush.chance(0.6):
        fridge = brush.random.choice([0.02, 0.82])
        brush.box(fridge, floor - 0.52, 0.16, 0.56, (206, 210, 214), round_=0.06)
        brush.box(fridge, floor - 0.28, 0.16, 0.006, (150, 154, 158))


def bathroom(brush: Brush) -> None:
    floor = shell(brush)
    tile = brush.random.choice(
        [lighter(brush.palette.accent, 0.55), lighter(brush.palette.wall, 0.5), (206, 222, 226)]
    )
    high = brush.between(0.1, 0.4)
    for column in range(16):
        for line in range(int((floor - high) / 0.06) + 1):
            brush.box(
                column / 16,
                high + line * 0.06,
                1 / 16 - 0.003,
                0.056,
                darker(tile, brush.between(0, 0.12)),
            )
    basin = brush.random.choice([brush.between(0.04, 0.22), brush.between(0.5, 0.66)])
    brush.box(basin, floor - 0.24, 0.26, 0.05, (250, 250, 250), round_=0.3)
    brush.box(basin + 0.02, floor - 0.19, 0.22, 0.22, brush.palette.wood)
    brush.oval(basin + 0.03, floor - 0.62, 0.2, 0.27, brush.palette.wood)
    brush.oval(basin + 0.04, floor - 0.607, 0.18, 0.244, (214, 230, 236))
    if brush.chance(0.5):
        brush.box(
            0.55 if basin < 0.3 else 0.04, floor - 0.06, 0.42, 0.2, (250, 250, 250), round_=0.4
        )
    else:
        x = 0.62 if basin < 0.3 else 0.06
        brush.box(x, 0.06, 0.3, floor - 0.02, lighter(tile, 0.5))
        brush.box(x + 0.14, 0.12, 0.01, 0.3, (120, 124, 128))
        brush.oval(x + 0.11, 0.1, 0.08, 0.03, (120, 124, 128))
    if brush.chance(0.7):
        brush.box(basin + 0.3, floor - 0.42, 0.09, 0.22, brush.palette.accent, round_=0.05)
    if brush.chance(0.4):
        plant(brush, brush.between(0.4, 0.95), floor)


def facade(brush: Brush) -> None:
    top, bottom = brush.random.choice(SKIES)
    ground = brush.between(0.76, 0.88)
    brush.gradient(0, 0, 1, ground, top, bottom)
    for _ in range(brush.random.randint(1, 4)):
        x, y = brush.between(-0.1, 0.9), brush.between(0.04, 0.3)
        for puff in range(3):
            brush.oval(x + puff * 0.05, y - (puff == 1) * 0.02, 0.12, 0.06, lighter(bottom, 0.6))
    brush.shape(
        [
            (0, ground),
            (0, ground - brush.between(0.05, 0.3)),
            (brush.between(0.2, 0.5), ground - brush.between(0.1, 0.35)),
            (1, ground - brush.between(0, 0.25)),
            (1, ground),
        ],
        (132, 164, 124),
    )
    brush.gradient(0, ground, 1, 1 - ground, (146, 172, 112), (112, 138, 88))
    x, w = brush.between(0.06, 0.36), brush.between(0.36, 0.6)
    floors = brush.random.choice([1, 2, 2, 3, 4, 6])
    h = min(0.2 + floors * 0.1, ground - 0.08)
    house(brush, x, ground - h, w, h, floors)
    for _ in range(brush.random.randint(1, 3)):
        tree(
            brush, brush.random.choice([brush.between(0.01, x), brush.between(x + w, 0.99)]), ground
        )
    brush.shape(
        [(x + w * 0.42, ground), (x + w * 0.58, ground), (x + w * 0.8, 1), (x + w * 0.2, 1)],
        (206, 194, 174),
    )


def house(brush: Brush, x: float, y: float, w: float, h: float, floors: int) -> None:
    wall = brush.random.choice(
        [brush.palette.wall, brush.palette.soft, brush.palette.accent, brush.palette.floor]
    )
    brush.gradient(x, y, w, h, lighter(wall, 0.1), darker(wall, 0.1))
    if floors < 3 and brush.chance(0.75):
        peak = x + w * brush.between(0.3, 0.7)
        brush.shape(
            [(x - 0.04, y), (peak, y - brush.between(0.1, 0.22)), (x + w + 0.04, y)],
            brush.random.choice([(164, 82, 58), (96, 84, 84), brush.palette.wood]),
        )
    else:
        brush.box(x - 0.012, y - 0.02, w + 0.024, 0.03, darker(wall, 0.25))
    columns = brush.random.randint(2, 5)
    step_x, step_y = w / columns, h / floors
    door = brush.random.randrange(columns)
    for level in range(floors):
        for column in range(columns):
            left, upper = x + column * step_x, y + level * step_y
            if level == floors - 1 and column == door:
                brush.box(
                    left + step_x * 0.3,
                    upper + step_y * 0.3,
                    step_x * 0.4,
                    step_y * 0.7,
                    brush.palette.wood,
                )
                continue
            glass = brush.random.choice([(150, 186, 206), (252, 226, 164), (110, 140, 160)])
            brush.box(
                left + step_x * 0.2,
                upper + step_y * 0.2,
                step_x * 0.6,
                step_y * 0.55,
                brush.palette.soft,
            )
            brush.box(
                left + step_x * 0.24, upper + step_y * 0.24, step_x * 0.52, step_y * 0.47, glass
            )
            if floors > 1 and brush.chance(0.4):
                brush.box(
                    left + step_x * 0.12,
                    upper + step_y * 0.68,
                    step_x * 0.76,
                    step_y * 0.18,
                    darker(wall, 0.3),
                )


def tree(brush: Brush, x: float, ground: float) -> None:
    height = brush.between(0.18, 0.5)
    brush.box(x - 0.01, ground - height * 0.5, 0.02, height * 0.52, (104, 78, 58))
    for _ in range(5):
        size = brush.between(0.08, 0.16)
        green = (66 + brush.random.randint(0, 50), 116 + brush.random.randint(0, 50), 74)
        brush.oval(
            x - size / 2 + brush.between(-0.05, 0.05),
            ground - height * brush.between(0.7, 1.1),
            size,
            size * 1.2,
            green,
        )


SCENES: dict[str, Callable[[Brush], None]] = {
    "exterior": facade,
    "room": living_room,
    "bedroom": bedroom,
    "kitchen": kitchen,
    "bathroom": bathroom,
}


def draw(scene: str, seed: int) -> Image.Image:
    """A picture of `scene` (a key of SCENES), 1200 x 900, the same for the same seed."""
    brush = Brush(seed)
    SCENES[scene](brush)
    return brush.finish()


def draw_files(job: Job) -> None:
    """Draw a picture and write its clean sizes into a folder. Runs in processes without Django."""
    scene, seed, folder = job
    drawn = io.BytesIO()
    draw(scene, seed).save(drawn, "JPEG", quality=92)
    folder.mkdir(parents=True)
    for size, data in clean_image(drawn.getvalue()).files.items():
        (folder / f"{size}.jpg").write_bytes(data)
