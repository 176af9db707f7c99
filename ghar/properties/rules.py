"""What can be said of a listing by its values alone."""

from collections.abc import Iterable
import datetime as dt
from hashlib import sha256
import json
from typing import Any, Final
import uuid

from django.conf import settings

from ghar.lib.geo import cell_centre, geohash
from ghar.lib.places import find_city, find_position
from ghar.properties.states import SHARED_TYPES, PropertyType, SharingType

CELL_PRECISION: Final = 6
# How long a listing is taken for available after its poster last touched it.
LIVE_FOR: Final = dt.timedelta(days=60)
# How far ahead of its time a first approval ranks.
BOOST: Final = dt.timedelta(hours=24)

# What an approval is about: when all of it is the same, a clean check puts the listing back.
APPROVED_FIELDS: Final = (
    *("city", "locality", "society", "address", "unit", "latitude", "longitude", "contact_phone"),
)
# What only the poster, staff and a confirmed visitor read.
PRIVATE_FACTS: Final = ("address", "unit", "latitude", "longitude", "contact_phone")
REQUIRED_TO_SUBMIT: Final = ("title", "city", "price_amount", "currency")

# Changing these keeps a live listing live; it is scored again all the same.
KEEPS_LIVE: Final = frozenset(
    {
        *("price_amount", "currency", "rent_period", "deposit_amount", "amenities", "furnishing"),
        *("available_from", "occupants", "flatmates_wanted", "gender_preference"),
        *("extra_costs_amount", "costs_included", "lives_here", "has_own_bathroom"),
    }
)
# How the poster wants to be visited says nothing about the place.
NOT_SCORED: Final = frozenset({"viewing_confirmation", "timezone"})
DECIDE_PLACE: Final = frozenset({"city", "locality", "latitude", "longitude"})
DECIDE_MARKET: Final = frozenset({"city", "currency", "contact_phone"})
_PHONE_PREFIXES: Final = {"IN": "+91", "RW": "+250"}
_MARKET_OF_LANGUAGE: Final = {"hi": "IN", "rw": "RW"}


def touched(now: dt.datetime) -> dict[str, Any]:
    """The columns that start the clock of staleness anew."""
    return {"expires_at": now + LIVE_FOR, "asked_at": None}


def may_prefer_gender(*, property_type: str, sharing_type: str) -> bool:
    """Only who shares the home may say with whom: never the owner of a whole one."""
    if property_type in SHARED_TYPES:
        return sharing_type != SharingType.ENTIRE_FLAT
    return property_type == PropertyType.ROOM and sharing_type == SharingType.SHARED_ROOM


def approval_digest(listing: Any, photo_ids: Iterable[uuid.UUID]) -> str:
    """Photos, address and phone in one value."""
    facts = [getattr(listing, name) for name in APPROVED_FIELDS]
    content = json.dumps([facts, sorted(map(str, photo_ids))])
    return sha256(content.encode()).hexdigest()


def market_of(*, city: str, currency: str = "", phone: str = "") -> str | None:
    """The key of settings.MARKETS that the city, else the currency, else the phone points at."""
    found = find_city(city)
    if found is not None:
        return found.country
    for country, market in settings.MARKETS.items():
        if currency and market["currency"] == currency:
            return country
    return next((c for c, prefix in _PHONE_PREFIXES.items() if phone.startswith(prefix)), None)


def area_unit_of(listing: Any) -> str:
    """That of its market, see settings.MARKETS; empty where none is known yet."""
    phone = listing.contact_phone or ""
    market = market_of(city=listing.city, currency=listing.currency, phone=phone)
    return str(settings.MARKETS[market]["area_unit"]) if market else ""


def market_of_reader(*, zone: str, languages: Iterable[str]) -> str | None:
    """The key of settings.MARKETS that the reader's time zone, else the first telling one of the
    language tags ("rw", "en-IN") points at.
    """
    for country, market in settings.MARKETS.items():
        if market["timezone"] == zone:
            return country
    for tag in languages:
        language, _, region = tag.partition("-")
        if region.upper() in settings.MARKETS:
            return region.upper()
        if language in _MARKET_OF_LANGUAGE:
            return _MARKET_OF_LANGUAGE[language]
    return None


def public_cell(
    *, city: str, locality: str, latitude: float | None, longitude: float | None
) -> tuple[str, float | None, float | None]:
    """(geohash, latitude, longitude) of the cell that everybody may know; ("", None, None) if none.

    Only the centre of the cell is ever used in public, so that no distance betrays the house.
    """
    if latitude is None or longitude is None:
        position = find_position(city, locality)
        if position is None:
            return "", None, None
        latitude, longitude = position
    cell = geohash(latitude, longitude, CELL_PRECISION)
    return cell, *cell_centre(cell)
