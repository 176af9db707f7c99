"""Live places counted by area, for a map: where one of them stands is never said.

An area is a geohash: the cell that everybody may know of a place, or the larger one that it lies in.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
import time
from typing import Any, Final, NamedTuple

from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ghar.lib.geo import Box, Point, cell_box
from ghar.properties.models import Property, PropertyQuerySet
from ghar.properties.rules import CELL_PRECISION

# So many areas beside each other, and one can still tell them apart on a telephone.
ACROSS: Final = 12
# Seconds. Whoever asks for the map of everything would else have every live row counted.
KEPT_FOR: Final = 60
# The nine fields of a group of areas that would read the same, from the north-west in lines.
SIDES: Final = (
    gettext_lazy("%(place)s (north-west)"),
    gettext_lazy("%(place)s (north)"),
    gettext_lazy("%(place)s (north-east)"),
    gettext_lazy("%(place)s (west)"),
    gettext_lazy("%(place)s (middle)"),
    gettext_lazy("%(place)s (east)"),
    gettext_lazy("%(place)s (south-west)"),
    gettext_lazy("%(place)s (south)"),
    gettext_lazy("%(place)s (south-east)"),
)


class Area(NamedTuple):
    """`number` places around `centre`, all in cells within `box`. The price is the lowest, in minor
    units; none (and no currency) where the places are not all paid in the same way.
    """

    cell: str
    name: str
    town: str  # of a part of town; else the name says it
    number: int
    centre: Point
    box: Box
    price_amount: int | None = None
    currency: str = ""
    purpose: str = ""
    rent_period: str = ""


class _Row(NamedTuple):
    box: Box
    cell: str
    city: str
    locality: str
    currency: str
    purpose: str
    rent_period: str
    number: int
    price_amount: int


_kept: tuple[float, list[_Row]] = (float("-inf"), [])


def areas_of(listings: PropertyQuerySet, *, within: str = "") -> list[Area]:
    """The areas in which `listings` lie, the fullest first, as fine as they can be told apart.

    `within` an area that the reader has chosen they are smaller than that. One statement.
    """
    return _areas(_counted(listings), within=within)


def areas_of_everything(*, within: str = "") -> list[Area]:
    """The areas of all that is live, as it was a minute ago at most."""
    global _kept  # noqa: PLW0603 -- what every reader of this process sees
    read_at, rows = _kept
    if time.monotonic() - read_at > KEPT_FOR:
        rows = _counted(Property.objects.live())
        _kept = (time.monotonic(), rows)
    return _areas([row for row in rows if row.cell.startswith(within)], within=within)


def forget() -> None:
    """Count anew at the next question."""
    global _kept  # noqa: PLW0603
    _kept = (float("-inf"), [])


def _counted(listings: PropertyQuerySet) -> list[_Row]:
    kinds = ("cell_geohash", "city", "locality", "currency", "purpose", "rent_period")
    placed = listings.exclude(cell_geohash="").order_by().values_list(*kinds)
    counts = placed.annotate(Count("pk"), Min("price_amount"))
    return [_Row(cell_box(row[0]), *row) for row in counts]


def _areas(rows: list[_Row], *, within: str) -> list[Area]:
    letters = max(_letters([row.box for row in rows]), min(len(within) + 1, CELL_PRECISION))
    by_area = defaultdict(list)
    for row in rows:
        by_area[row.cell[:letters]].append(row)
    whole = _whole_towns(by_area.values())
    areas = [_area(cell, rows, whole=whole) for cell, rows in by_area.items()]
    areas.sort(key=lambda area: (-area.number, area.name, area.cell))
    return _told_apart(_told_apart(areas, _by_side), _by_number)


def is_area(text: str) -> bool:
    try:
        return len(text) <= CELL_PRECISION and bool(cell_box(text))
    except ValueError:
        return False


def _letters(boxes: list[Box]) -> int:
    """How many letters of a cell the areas that cover `boxes` may have."""
    if not boxes:
        return 1
    south, west, north, east = _around(boxes)

    def fits(letters: int) -> bool:
        one = cell_box("s" * letters)
        in_height, in_width = (north - south) / one.height, (east - west) / one.width
        return max(in_height, in_width) <= ACROSS

    return max(letters for letters in range(1, CELL_PRECISION + 1) if letters == 1 or fits(letters))


def _around(boxes: Iterable[Box]) -> Box:
    south, west, north, east = zip(*boxes, strict=True)
    return Box(min(south), min(west), max(north), max(east))


def _area(cell: str, rows: list[_Row], *, whole: set[str]) -> Area:
    number = sum(row.number for row in rows)
    box = _around(row.box for row in rows)
    area = Area(cell, *_name(rows, whole=whole), number, _middle(rows), box)
    paid = {(row.currency, row.purpose, row.rent_period) for row in rows}
    if len(paid) > 1:
        return area
    currency, purpose, rent_period = paid.pop()
    return area._replace(
        price_amount=min(row.price_amount for row in rows),
        currency=currency,
        purpose=purpose,
        rent_period=rent_period,
    )


def _whole_towns(areas: Iterable[list[_Row]]) -> set[str]:
    """The towns that lie in one area each. Where all is one town, its name would tell nothing."""
    towns = Counter(city for rows in areas for city in {row.city for row in rows})
    return {city for city, number in towns.items() if number == 1 < len(towns)}


def _name(rows: list[_Row], *, whole: set[str]) -> tuple[str, str]:
    """The part of town, or the largest of several, and the town; else the town, or the largest."""
    [city, *others] = _largest(rows, "city")
    if others:
        return _("%(city)s and around") % {"city": city}, ""
    parts = _largest(rows, "locality")
    if parts == [""] or (city in whole and len(parts) > 1):
        return city, ""
    return _listed(parts), city


def _largest(rows: list[_Row], kind: str) -> list[str]:
    """The cities or localities of `rows`, the one with the most places first."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[getattr(row, kind)] += row.number
    return sorted(counts, key=lambda name: (-counts[name], name))


def _listed(parts: list[str]) -> str:
    """At most two of `parts` by name; a place that names no part is among the others."""
    names = dict(zip(("first", "second"), filter(None, parts), strict=False))
    if len(parts) == 1:
        return parts[0]
    if len(names) == 1:
        return _("%(first)s and others") % names
    if len(parts) == 2:
        return _("%(first)s and %(second)s") % names
    return _("%(first)s, %(second)s and others") % names


def _told_apart(areas: list[Area], name: Callable[[Area, list[Area]], str]) -> list[Area]:
    """`areas`, with a new name for each that reads the same as others."""
    alike = defaultdict(list)
    for area in areas:
        alike[area.name, area.town].append(area)
    groups = [(area, alike[area.name, area.town]) for area in areas]
    return [
        area._replace(name=name(area, group)) if len(group) > 1 else area for area, group in groups
    ]


def _by_side(area: Area, alike: list[Area]) -> str:
    """Where in the group its cell lies, which says no more than the cell."""
    group = _around(cell_box(each.cell) for each in alike)
    latitude, longitude = cell_box(area.cell).centre
    line = int((group.north - latitude) / group.height * 3)
    column = int((longitude - group.west) / group.width * 3)
    return str(SIDES[line * 3 + column] % {"place": area.name})


def _by_number(area: Area, alike: list[Area]) -> str:
    number = alike.index(area) + 1
    return _("%(place)s, part %(number)d") % {"place": area.name, "number": number}


def _middle(rows: list[_Row]) -> Point:
    """Where most of them are: a large area would else be marked in the fields beside its town."""
    weighed: list[tuple[Any, int]] = [(row.box.centre, row.number) for row in rows]
    total = sum(number for _point, number in weighed)
    return Point(
        sum(point.latitude * number for point, number in weighed) / total,
        sum(point.longitude * number for point, number in weighed) / total,
    )
