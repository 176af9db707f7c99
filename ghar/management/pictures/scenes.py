"""Drawn pictures of rooms and houses for the demo: calm, varied, and nobody's property."""

from collections.abc import Callable
import io
from pathlib import Path

from PIL import Image

from ghar.management.pictures.brush import SKIES, Brush, darker, lighter
from ghar.management.pictures.faces import long_hair, short_hair
from ghar.management.pictures.things import (
    frames,
    house,
    lamp,
    plant,
    rug,
    shelf,
    shell,
    sofa,
    tree,
    window,
)
from ghar.properties.images import clean_image

Job = tuple[str, int, Path]


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


SCENES: dict[str, Callable[[Brush], None]] = {
    "exterior": facade,
    "room": living_room,
    "bedroom": bedroom,
    "kitchen": kitchen,
    "bathroom": bathroom,
    "long hair": long_hair,
    "short hair": short_hair,
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
