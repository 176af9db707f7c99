"""Telling people what is new for their saved searches.

A listing that becomes live leaves a row; a worker finds the searches that want it and notes each
pair once (SavedMatch). Alerts are told from those notes, at once or in the reader's morning, with
the search locked: no two workers tell the same, and nothing is lost between them.
"""

from collections.abc import Callable, Iterable, Sequence
import datetime as dt
from typing import Any, Final
import uuid
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import UUIDField, Value
from django.utils.functional import lazy
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from ghar.lib.claim import claim_due, failing_alone
from ghar.lib.formats import format_money
from ghar.lib.wake import wake
from ghar.models import DueState
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from ghar.properties.models import ListingArrival, Property, SavedMatch, SavedSearch
from ghar.properties.search import search_listings
from ghar.properties.states import AlertFrequency

BATCH: Final = 200
SHOWN: Final = 5
MORNING: Final = dt.time(8)
# A weekly alert keeps its weekday, also when a worker was late.
_NOT_BEFORE: Final = {
    AlertFrequency.DAILY.value: dt.timedelta(),
    AlertFrequency.WEEKLY.value: dt.timedelta(days=6),
}
_TITLE: Final = ngettext_lazy(
    "%(n)d new place for “%(name)s”", "%(n)d new places for “%(name)s”", "n"
)


def announce_listing(*, listing: Property, now: dt.datetime) -> None:
    """Somebody may have waited for it; a worker finds out who."""
    if listing.is_live:
        ListingArrival.objects.create(listing=listing, due_at=now)
        wake("properties.match_new_listings")


def match_new_listings(*, now: dt.datetime) -> int:
    """Note whose searches want the listings that became live; the number of listings."""
    arrivals = claim_due(ListingArrival.objects.select_related("listing"), now=now)
    return sum(_try(_match, arrival, now=now) for arrival in arrivals)


def send_due_alerts(*, now: dt.datetime) -> int:
    """Tell every search whose time has come; the number of people's alerts that went out."""
    sent = 0
    while searches := claim_due(SavedSearch.objects.due(now), now=now):
        sent += sum(_try(_tell, search, now=now) for search in searches)
    return sent


def plan_alert(search: SavedSearch, *, now: dt.datetime) -> None:
    """Set when the search is told next, after it or its frequency is new; the caller saves."""
    is_instant = search.frequency == AlertFrequency.INSTANT
    moment = now if is_instant else next_alert(search.frequency, search.user.timezone, now)
    _wait_until(search, moment, now=now)


def next_alert(frequency: str, zone: str, now: dt.datetime) -> dt.datetime | None:
    """The next morning at eight in `zone` that this frequency means; None where none is planned."""
    if frequency not in _NOT_BEFORE:
        return None
    earliest = (now + _NOT_BEFORE[frequency]).astimezone(ZoneInfo(zone))
    day = earliest.date() + dt.timedelta(days=earliest.time() >= MORNING)
    return dt.datetime.combine(day, MORNING, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def _wait_until(search: SavedSearch, moment: dt.datetime | None, *, now: dt.datetime) -> None:
    search.state = DueState.DUE if moment else DueState.DONE
    search.due_at = moment or now
    search.attempts, search.lease_until, search.last_error = 0, None, ""


def _try(work: Callable[..., bool], row: Any, *, now: dt.datetime) -> bool:
    with failing_alone(row):
        return work(row, now=now)
    return False


def _match(arrival: ListingArrival, *, now: dt.datetime) -> bool:
    candidates = SavedSearch.objects.that_may_want(arrival.listing).order_by("pk")
    searches = list(candidates[:BATCH])
    while searches:
        _match_batch(arrival.listing, searches, now=now)
        searches = list(candidates.filter(pk__gt=searches[-1].pk)[:BATCH])
    arrival.delete()
    return True


@transaction.atomic
def _match_batch(listing: Property, searches: Sequence[SavedSearch], *, now: dt.datetime) -> None:
    wanting = _searches_that_find(listing, searches)
    if not wanting:
        return
    # Locked in one order, against deadlocks; and whoever tells one of them now comes first or last.
    locked = SavedSearch.objects.filter(pk__in=wanting).order_by("pk")
    pks = list(locked.select_for_update(no_key=True).values_list("pk", flat=True))
    SavedMatch.objects.bulk_create(
        [SavedMatch(search_id=pk, listing=listing) for pk in pks], ignore_conflicts=True
    )
    instant = SavedSearch.objects.filter(pk__in=pks).told_at_once()
    if instant.update(state=DueState.DUE, due_at=now, attempts=0, lease_until=None):
        wake("properties.send_due_alerts")


def _searches_that_find(listing: Property, searches: Sequence[SavedSearch]) -> set[uuid.UUID]:
    """Asked of the search itself, all in one statement."""
    first, *others = (
        search_listings(search.filters)
        .filter(pk=listing.pk)
        .order_by()
        .annotate(asked=Value(search.pk, output_field=UUIDField()))
        .values_list("asked", flat=True)
        for search in searches
    )
    return set(first.union(*others, all=True))


@transaction.atomic
def _tell(search: SavedSearch, *, now: dt.datetime) -> bool:
    due = SavedSearch.objects.due(now).select_related("user")
    found = due.select_for_update(of=("self",), no_key=True).filter(pk=search.pk).first()
    if found is None:  # somebody else told it, or it was switched off
        return False
    count = _mark_told(found, now=now)
    if count:
        _notify(found, count, now=now)
    _wait_until(found, next_alert(found.frequency, found.user.timezone, now), now=now)
    found.last_run_at = now
    found.save()
    return bool(count)


def _mark_told(search: SavedSearch, *, now: dt.datetime) -> int:
    """How many are told now. What no longer fits is forgotten, so that it can come in again."""
    fitting = search_listings(search.filters).exclude(owner=search.user_id).order_by()
    untold = search.matches.untold()
    count = untold.filter(listing__in=fitting.values("pk")).update(told_at=now)
    untold.delete()
    return count


def _notify(search: SavedSearch, count: int, *, now: dt.datetime) -> None:
    told = Property.objects.filter(saved_matches__search=search, saved_matches__told_at=now)
    notify(
        Line(
            to=search.user,
            type=NotificationType.SAVED_SEARCH,
            title=_title(search.name, count),
            body=_in_words(list(told.newest()[:SHOWN]), count),
            route=search.get_absolute_url(),
        ),
        now=now,
        purpose=Purpose.MARKETING,
    )


def _count_places(name: str, count: int) -> str:
    return _TITLE % {"n": count, "name": name}


def _list_places(listings: Iterable[Property], count: int) -> str:
    lines = [
        _("%(title)s: %(price)s")
        % {"title": Truncator(each.title).chars(60), "price": _price_of(each)}
        for each in listings
    ]
    if count > len(lines):
        lines.append(_("and %(n)d more") % {"n": count - len(lines)})
    return "\n".join(lines)


def _price_of(listing: Property) -> str:
    return format_money(listing.price_amount or 0, listing.currency)


# Said in the reader's language, when the message is written.
_title = lazy(_count_places, str)
_in_words = lazy(_list_places, str)
