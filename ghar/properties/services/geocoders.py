"""Who knows where a place is; settings.GEOCODER names one of them."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from geopy.exc import GeopyError
from geopy.geocoders import Nominatim

from ghar.errors import Unavailable
from ghar.lib.geo import Point
from ghar.lib.places import find_position

Geocoder = Callable[[str, str], Point | None]
TIMEOUT: Final = 5


def find(city: str, locality: str) -> Point | None:
    """The place, or None if the provider does not know it; Unavailable while it is away."""
    return GEOCODERS[settings.GEOCODER](city, locality)


def _nominatim(city: str, locality: str) -> Point | None:
    """A Nominatim at settings.GEOCODER_URL. It hears of a part of town, never of a street."""
    address = urlsplit(settings.GEOCODER_URL)
    service = Nominatim(
        user_agent=f"ghar ({settings.BASE_URL})",
        scheme=address.scheme,
        domain=f"{address.netloc}{address.path}".rstrip("/"),
        timeout=TIMEOUT,
    )
    words = ", ".join(part for part in (locality, city) if part)
    countries = [country.lower() for country in settings.MARKETS]
    try:
        found = service.geocode(words, country_codes=countries)
    except GeopyError as error:
        raise Unavailable(str(error)) from error
    return Point(found.latitude, found.longitude) if found else None


GEOCODERS: Final[dict[str, Geocoder]] = {"bundled": find_position, "nominatim": _nominatim}
