"""Live places counted by area, for a map: where one of them stands is never said.

An area is a geohash: the cell that everybody may know of a place, or the larger one that it lies in.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from django.db.models import Count, Min
from django.utils.translation import gettext as _

from ghar.lib.geo import Box, Point, cell_box
from ghar.properties.models import PropertyQuerySet
from ghar.properties.rules import CELL_PRECISION

# So many areas beside each other, and one can still tell them apart on a telephone.
ACROSS: Final = 12


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
    cell: str
    city: str
    locality: str
    currency: str
    purpose: str
    rent_period: str
    number: int
    price_amount: int


def areas_of(listings: PropertyQuerySet, *, within: str = "") -> list[Area]:
    """The areas in which `listings` lie, the fullest first, as fine as they can be told apart.

    `within` an area that the reader has chosen they are smaller than that. One statement.
    """
    kinds = ("cell_geohash", "city", "locality", "currency", "purpose", "rent_period")
    placed = listings.exclude(cell_geohash="").order_by().values_list(*kinds)
    rows = [_Row(*row) for row in placed.annotate(Count("pk"), Min("price_amount"))]
    letters = max(_letters({row.cell for row in rows}), min(len(within) + 1, CELL_PRECISION))
    by_area = defaultdict(list)
    for row in rows:
        by_area[row.cell[:letters]].append(row)
    areas = [_area(cell, rows) for cell, rows in by_area.items()]
    return sorted(areas, key=lambda area: (-area.number, area.name, area.cell))


def is_area(text: str) -> bool:
    try:
        return len(text) <= CELL_PRECISION and bool(cell_box(text))
    except ValueError:
        return False


def _letters(cells: set[str]) -> int:
    """How many letters of `cells` the areas may have."""
    if not cells:
        return 1
    south, west, north, east = _around(cells)

    def fits(letters: int) -> bool:
        one = cell_box("s" * letters)
        in_height, in_width = (north - south) / one.height, (east - west) / one.width
        return max(in_height, in_width) <= ACROSS

    return max(letters for letters in range(1, CELL_PRECISION + 1) if letters == 1 or fits(letters))


def _around(cells: Iterable[str]) -> Box:
    boxes = [cell_box(cell) for cell in cells]
    return Box(
        min(box.south for box in boxes),
        min(box.west for box in boxes),
        max(box.north for box in boxes),
        max(box.east for box in boxes),
    )


def _area(cell: str, rows: list[_Row]) -> Area:
    number = sum(row.number for row in rows)
    box = _around(row.cell for row in rows)
    area = Area(cell, *_name(rows), number, _middle(rows), box)
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


def _name(rows: list[_Row]) -> tuple[str, str]:
    """The part of town and the town, else the town, else that of most and that there are others."""
    cities: Counter[str] = Counter()
    for row in rows:
        cities[row.city] += row.number
    [(city, _number)] = cities.most_common(1)
    if len(cities) > 1:
        return _("%(city)s and around") % {"city": city}, ""
    localities = {row.locality for row in rows}
    locality = localities.pop() if len(localities) == 1 else ""
    return (locality, city) if locality else (city, "")


def _middle(rows: list[_Row]) -> Point:
    """Where most of them are: a large area would else be marked in the fields beside its town."""
    weighed: list[tuple[Any, int]] = [(cell_box(row.cell).centre, row.number) for row in rows]
    total = sum(number for _point, number in weighed)
    return Point(
        sum(point.latitude * number for point, number in weighed) / total,
        sum(point.longitude * number for point, number in weighed) / total,
    )
