"""Finding live listings. Every filter and distance uses what is public, the cell's centre above all."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from django.contrib.postgres.search import SearchQuery
from django.db.models import BooleanField, F, FloatField, Func, Q, QuerySet, Value
from django.db.models.functions import ASin, Cos, Least, Power, Radians, Sin, Sqrt
from django.utils.translation import gettext_lazy as _

from ghar.errors import Invalid
from ghar.lib.geo import EARTH_RADIUS_M, bounding_box, cell_box
from ghar.lib.places import find_city
from ghar.properties.models import CELL_POINT, Property, PropertyQuerySet
from ghar.properties.states import Currency

Rows = TypeVar("Rows", bound=QuerySet[Any])
DEFAULT_RADIUS_KM: Final = 25.0
ORDERS: Final = {
    "newest": ("-rank_at", "-id"),
    "price": ("price_amount", "id"),
    "-price": ("-price_amount", "-id"),
    "distance": ("distance", "id"),
}


def search_listings(filters: Mapping[str, Any]) -> PropertyQuerySet:
    """Live listings that meet all of `filters`; a filter that is empty asks for nothing.

    Names as in SearchInput, money in minor units, `move_in` a date, `lat`, `lng` and `radius_km` numbers;
    with a position each row carries `distance` in metres.
    """
    asked = {name: value for name, value in filters.items() if value not in (None, "", [])}
    listings = Property.objects.live()
    for name, condition in _CONDITIONS.items():
        if name in asked:
            listings = listings.filter(condition(asked[name]))
    if "lat" in asked:
        radius_km = asked.get("radius_km", DEFAULT_RADIUS_KM)
        listings = within(listings, asked["lat"], asked["lng"], radius_km * 1000)
    return listings


def order_of(sort: str, *, currency: str = "") -> tuple[str, ...]:
    """The keyset of a sort, for ghar.api.pages.paginate.

    Rupees and francs do not compare: prices stand currency by currency, `currency` first.
    """
    keys = ORDERS[sort or "newest"]
    if not sort.endswith("price"):
        return keys
    # There are two of them, so that either comes first in one of the two directions.
    return ("-currency" if currency == max(Currency.values) else "currency", *keys)


def check_price_has_one_meaning(listings: PropertyQuerySet, filters: Mapping[str, Any]) -> None:
    """Minor units mean nothing while listings of two currencies match; then `currency` is needed."""
    asks_price = any(filters.get(name) is not None for name in ("price_min", "price_max"))
    if not asks_price or filters.get("currency"):
        return
    if listings.order_by().values_list("currency").distinct().count() > 1:
        raise Invalid.field("currency", _("Please say in which currency the price is."))


def in_city(name: str) -> Q:
    city = find_city(name)
    names = (city.name, *city.aliases) if city else (name,)
    same = Q()
    for each in names:
        same |= Q(city__iexact=each)
    return same


def _says(words: str) -> Q:
    """Words as people type them: quotes, OR and minus are understood, plurals are English."""
    exact = SearchQuery(words, config="simple", search_type="websearch")
    return Q(search=exact | SearchQuery(words, config="english", search_type="websearch"))


_CONDITIONS: Final[dict[str, Callable[[Any], Q]]] = {
    "q": _says,
    "city": in_city,
    "locality": lambda name: Q(locality__iexact=name),
    "property_type": lambda kinds: Q(property_type__in=kinds),
    "purpose": lambda purpose: Q(purpose=purpose),
    "currency": lambda currency: Q(currency=currency),
    "price_min": lambda amount: Q(price_amount__gte=amount),
    "price_max": lambda amount: Q(price_amount__lte=amount),
    "bedrooms_min": lambda number: Q(bedrooms__gte=number),
    "bedrooms_max": lambda number: Q(bedrooms__lte=number),
    "sharing_type": lambda kind: Q(sharing_type=kind),
    # A place that is open to anybody is open to the seeker too.
    "gender_preference": lambda gender: Q(gender_preference__in=[gender, "any"]),
    "move_in": lambda day: Q(available_from=None) | Q(available_from__lte=day),
    "amenities": lambda wanted: Q(amenities__contains=wanted),
}


def within(rows: Rows, latitude: float, longitude: float, radius_m: float) -> Rows:
    """Rows whose public cell has its centre in the circle, each with its `distance` in metres.

    The box is for the index, the circle for the truth.
    """
    box = bounding_box(latitude, longitude, radius_m)
    if box.west <= box.east:
        near = Q(_in_box(box.south, box.west, box.north, box.east))
    else:  # across the date line
        near = Q(_in_box(box.south, box.west, box.north, 180.0)) | Q(
            _in_box(box.south, -180.0, box.north, box.east)
        )
    near_rows = rows.filter(near).annotate(distance=_metres_to(latitude, longitude))
    return near_rows.filter(distance__lte=radius_m)


def in_area(cell: str) -> Q:
    """Whose public cell lies in this area (a geohash, as ghar.properties.areas makes them)."""
    return Q(_in_box(*cell_box(cell)))


def _in_box(south: float, west: float, north: float, east: float) -> Func:
    corners = [
        Func(Value(west), Value(south), function="point"),
        Func(Value(east), Value(north), function="point"),
    ]
    return Func(
        CELL_POINT,
        Func(*corners, function="box"),
        template="(%(expressions)s)",
        arg_joiner=" <@ ",
        output_field=BooleanField(),
    )


def _metres_to(latitude: float, longitude: float) -> Any:
    """ghar.lib.geo.haversine_m in SQL."""
    there, across = F("cell_latitude"), F("cell_longitude")
    half_lat = Radians(there - Value(latitude)) / 2
    half_lon = Radians(across - Value(longitude)) / 2
    cosines = Cos(Radians(Value(latitude))) * Cos(Radians(there))
    chord = Power(Sin(half_lat), 2) + cosines * Power(Sin(half_lon), 2)
    one = Value(1.0, output_field=FloatField())
    return Value(2 * EARTH_RADIUS_M) * ASin(Sqrt(Least(chord, one)))
