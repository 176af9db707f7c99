"""The verbs of what people keep: searches with their alerts, and the shortlist."""

from collections.abc import Mapping
import datetime as dt
from typing import Any, Final
import uuid

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ghar.accounts.models import User
from ghar.errors import Conflict, Invalid, ListingNotAvailable
from ghar.lib import clock
from ghar.lib.formats import format_day, format_money
from ghar.properties.models import (
    NAME_LENGTH,
    Property,
    SavedListing,
    SavedMatch,
    SavedSearch,
    city_key,
)
from ghar.properties.services.alerts import plan_alert
from ghar.properties.states import AlertFrequency, PropertyType, Purpose

MAX_SEARCHES: Final = 20
TOO_MANY: Final = gettext_lazy(
    "You keep %(n)d searches already. Please remove one that you need no longer."
)
NO_FILTER: Final = gettext_lazy("Please choose at least one filter, such as the city.")
_COPIED: Final = ("purpose", "currency", "price_min", "price_max")


@transaction.atomic
def save_search(
    *,
    by: User,
    filters: Mapping[str, Any],
    name: str = "",
    frequency: str = AlertFrequency.DAILY,
) -> SavedSearch:
    """Keep filters that search_listings understands; at most MAX_SEARCHES a person.

    Without a name it gets one from its filters. Raises Invalid, and Conflict (TOO_MANY_SEARCHES).
    """
    now = clock.now()
    kept = kept_filters(filters)
    _check_filters(kept)
    # One at a time for each person, or two tabs would pass the limit together.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if SavedSearch.objects.of(by).count() >= MAX_SEARCHES:
        raise Conflict(TOO_MANY % {"n": MAX_SEARCHES}, code="TOO_MANY_SEARCHES")
    search = SavedSearch(
        user=by,
        name=name or describe_filters(kept)[:NAME_LENGTH],
        filters=kept,
        frequency=frequency,
        city=city_key(kept.get("city", "")),
        property_types=kept.get("property_type", []),
        **{column: kept[column] for column in _COPIED if column in kept},
    )
    plan_alert(search, now=now)
    search.save()
    return search


@transaction.atomic
def change_search(
    *, search: SavedSearch, by: User, name: str = "", frequency: str = ""
) -> SavedSearch:
    """Rename it, or tell at other times. What is left out stays."""
    now = clock.now()
    search = _lock(search)
    search.name = name or search.name
    if frequency and frequency != search.frequency:
        search.frequency = frequency
        plan_alert(search, now=now)
        if frequency == AlertFrequency.OFF:
            # Else it would come as old news, should the alerts be wanted again.
            search.matches.untold().update(told_at=now)
    search.save()
    return search


@transaction.atomic
def delete_search(*, search: SavedSearch, by: User) -> None:
    _lock(search).delete()


def mark_seen(*, search: SavedSearch, by: User) -> None:
    """The reader has looked: nothing of it is new any more."""
    SavedMatch.objects.filter(search=search).unseen().update(is_seen=True)


@transaction.atomic
def save_listing(*, listing: Property, by: User, note: str | None = None) -> SavedListing:
    """On the shortlist, once; `note` replaces the one that is there, None leaves it."""
    saved = SavedListing.objects.of(by).filter(listing=listing).first()
    if saved is None:
        if not listing.is_live:
            raise ListingNotAvailable
        saved, _is_new = SavedListing.objects.get_or_create(
            user=by, listing=listing, defaults={"title": listing.title}
        )
    if note is not None and note != saved.note:
        saved.note = note
        saved.save(update_fields=["note"])
    return saved


def unsave_listing(*, listing_id: uuid.UUID, by: User) -> None:
    """Off the shortlist; one that is not there stays away."""
    SavedListing.objects.of(by).filter(listing=listing_id).delete()


def describe_filters(filters: Mapping[str, Any]) -> str:
    """What a search asks for, in the reader's words: "Room, Kigali, up to RWF 300,000"."""
    return ", ".join(words_of_filters(filters).values()) or _("My search")


def words_of_filters(filters: Mapping[str, Any]) -> dict[str, str]:
    """The same, filter by filter."""
    words = {"q": filters["q"]} if "q" in filters else {}
    if kinds := filters.get("property_type"):
        words["property_type"] = ", ".join(str(PropertyType(kind).label) for kind in kinds)
    if "purpose" in filters:
        words["purpose"] = str(Purpose(filters["purpose"]).label)
    words |= {name: filters[name] for name in ("locality", "city") if name in filters}
    if "bedrooms_min" in filters:
        words["bedrooms_min"] = _("%(n)s bedrooms or more") % {"n": filters["bedrooms_min"]}
    for name, text in (("price_min", _("from %(price)s")), ("price_max", _("up to %(price)s"))):
        if name in filters:
            words[name] = text % {"price": format_money(filters[name], filters["currency"])}
    if "move_in" in filters:  # a date, or as JSON keeps it
        day = dt.date.fromisoformat(str(filters["move_in"]))
        words["move_in"] = _("move in by %(day)s") % {"day": format_day(day)}
    return words


def kept_filters(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Without what asks for nothing; the order is no filter."""
    return {
        name: value
        for name, value in filters.items()
        if value not in (None, "", []) and name != "sort"
    }


def _check_filters(filters: Mapping[str, Any]) -> None:
    if not filters:
        raise Invalid.field("filters", NO_FILTER)
    if {"price_min", "price_max"} & set(filters) and "currency" not in filters:
        raise Invalid.field("currency", _("Please say in which currency the price is."))


def _lock(search: SavedSearch) -> SavedSearch:
    return (
        SavedSearch.objects.select_related("user").select_for_update(of=("self",)).get(pk=search.pk)
    )
