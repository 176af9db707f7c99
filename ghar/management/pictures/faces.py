"""Friendly faces of people who do not exist, for the demo."""

from typing import NamedTuple

from ghar.management.pictures.brush import PALETTES, Brush, Colour, darker, lighter

SKINS: list[Colour] = [
    (92, 60, 44), (116, 76, 54), (138, 92, 64), (160, 108, 76), (182, 128, 92), (204, 150, 112),
]  # fmt: skip
HAIRS: list[Colour] = [(28, 24, 24), (42, 32, 28), (58, 40, 32), (74, 50, 36), (96, 90, 88)]
INK: Colour = (38, 28, 26)
PAPER: Colour = (250, 246, 240)


class Head(NamedTuple):
    """Where the face is, and what colours it has."""

    x: float
    y: float
    w: float
    h: float
    skin: Colour
    hair: Colour
    has_beard: bool = False


def long_hair(brush: Brush) -> None:
    head = _begin(brush)
    length = brush.between(0.55, 0.78)
    brush.box(head.x - 0.035, head.y + 0.02, head.w + 0.07, length, head.hair, round_=0.42)
    _shoulders(brush, head)
    _face(brush, head)
    _fringe(brush, head, depth=brush.between(0.34, 0.46))
    if brush.chance(0.5):
        for side in (head.x - 0.012, head.x + head.w - 0.006):
            brush.oval(side, head.y + head.h * 0.66, 0.018, 0.03, (226, 180, 84))


def short_hair(brush: Brush) -> None:
    head = _begin(brush)
    head = head._replace(has_beard=brush.chance(0.4))
    _shoulders(brush, head)
    top = brush.between(0.03, 0.09)
    brush.part(head.x - 0.015, head.y - top, head.w + 0.03, head.h * 0.9 + top, 180, 360, head.hair)
    _face(brush, head)
    _fringe(brush, head, depth=brush.between(0.22, 0.36))


def _begin(brush: Brush) -> Head:
    """A plain wall with a light disc, and a head in the middle of it."""
    wall = brush.random.choice(PALETTES).wall
    brush.gradient(0, 0, 1, 1, lighter(wall, 0.35), darker(wall, 0.08))
    brush.oval(0.17, 0.06, 0.66, 0.88, lighter(wall, 0.5))
    w, h = brush.between(0.25, 0.29), brush.between(0.45, 0.5)
    skin, hair = brush.random.choice(SKINS), brush.random.choice(HAIRS)
    return Head(0.5 - w / 2, 0.2 + brush.between(-0.02, 0.02), w, h, skin, hair)


def _shoulders(brush: Brush, head: Head) -> None:
    cloth = brush.random.choice([brush.palette.accent, (66, 92, 120), (150, 74, 66), (70, 110, 92)])
    width = brush.between(0.56, 0.66)
    chin = head.y + head.h
    brush.oval(0.5 - width / 2, chin + 0.08, width, 0.7, cloth)
    brush.box(0.445, chin - 0.12, 0.11, 0.26, darker(head.skin, 0.14), round_=0.4)
    if brush.chance(0.5):
        brush.part(0.42, chin, 0.16, 0.2, 0, 180, darker(head.skin, 0.14))
    else:
        brush.shape(
            [(0.43, chin + 0.09), (0.5, chin + 0.2), (0.57, chin + 0.09)], darker(head.skin, 0.14)
        )


def _face(brush: Brush, head: Head) -> None:
    for side in (head.x - 0.018, head.x + head.w - 0.022):
        brush.oval(side, head.y + head.h * 0.42, 0.04, 0.1, darker(head.skin, 0.08))
    brush.oval(head.x, head.y, head.w, head.h, head.skin)
    eyes = head.y + head.h * 0.47
    apart = head.w * 0.21
    for middle in (0.5 - apart, 0.5 + apart):
        brush.oval(middle - 0.021, eyes - 0.017, 0.042, 0.034, PAPER)
        brush.oval(middle - 0.012, eyes - 0.017, 0.024, 0.034, INK)
        brush.oval(middle - 0.003, eyes - 0.011, 0.007, 0.01, PAPER)
        brush.box(middle - 0.028, eyes - 0.056, 0.056, 0.012, head.hair, round_=0.5)
        brush.oval(middle - 0.034, eyes + 0.06, 0.06, 0.05, _rosy(head.skin))
    brush.oval(0.488, eyes + 0.055, 0.024, 0.03, darker(head.skin, 0.16))
    if head.has_beard:
        _beard(brush, head)
    _smile(brush, eyes + 0.1)
    if brush.chance(0.3):
        _glasses(brush, eyes, apart)


def _smile(brush: Brush, y: float) -> None:
    width = brush.between(0.07, 0.1)
    brush.part(0.5 - width / 2, y - 0.03, width, 0.1, 0, 180, (120, 46, 46))
    brush.part(0.5 - width * 0.4, y - 0.01, width * 0.8, 0.05, 0, 180, PAPER)


def _glasses(brush: Brush, eyes: float, apart: float) -> None:
    left, upper, width, height = 0.036, 0.044, 0.072, 0.088
    size = brush.image.size
    for middle in (0.5 - apart, 0.5 + apart):
        corners = (middle - left, eyes - upper, middle - left + width, eyes - upper + height)
        box = [part * size[number % 2] for number, part in enumerate(corners)]
        brush.draw.rounded_rectangle(box, radius=size[1] * 0.03, outline=INK, width=size[1] // 150)
    brush.box(0.5 - apart + left, eyes - 0.006, 2 * (apart - left), 0.01, INK)


def _fringe(brush: Brush, head: Head, *, depth: float) -> None:
    """Hair over the forehead, parted in the middle, on a side, or not at all."""
    brush.part(head.x - 0.006, head.y - 0.012, head.w + 0.012, head.h * depth, 180, 360, head.hair)
    middle = brush.random.choice([0.36, 0.5, 0.64])
    parting = head.x + head.w * middle
    brush.shape(
        [
            (parting, head.y + head.h * depth * 0.16),
            (parting - 0.05, head.y + head.h * depth * 0.52),
            (parting + 0.05, head.y + head.h * depth * 0.52),
        ],
        head.skin,
    )


def _beard(brush: Brush, head: Head) -> None:
    brush.part(head.x + 0.012, head.y + 0.02, head.w - 0.024, head.h - 0.012, 35, 145, head.hair)


def _rosy(skin: Colour) -> Colour:
    red, green, blue = skin
    return min(red + 22, 255), green, blue
