"""What stands in rooms and around houses."""

from ghar.management.pictures.brush import SKIES, Brush, darker, lighter


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
