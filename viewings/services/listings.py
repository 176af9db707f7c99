"""What becomes of the viewings of a listing that is held, goes on, or is withdrawn."""

import datetime as dt

from django.db import transaction

from ghar.calendar.services.entries import freeze_entries
from ghar.lib import rls
from ghar.lib.actors import SYSTEM
from ghar.properties.models import Property
from viewings import policies
from viewings.models import ViewingRequest
from viewings.services import telling
from viewings.services.booking import SUBJECT_TYPE
from viewings.services.closing import end_with_listing
from viewings.services.records import Happening, record
from viewings.states import SEEKER, EventType


@transaction.atomic
def follow_listing(*, listing: Property, old: str, now: dt.datetime) -> None:
    """Freeze, unfreeze or end the viewings of a listing whose status was `old`."""
    # Whoever moved the listing sees at most their own viewings.
    with rls.acting_as(rls.WORKER):
        if policies.ends_viewings(listing):
            _end_all(listing)
        elif policies.freezes(listing, old):
            _freeze(listing, is_frozen=True, now=now)
        elif policies.thaws(listing, old):
            _freeze(listing, is_frozen=False, now=now)


def _end_all(listing: Property) -> None:
    for viewing in _locked(listing):
        end_with_listing(viewing)


def _freeze(listing: Property, *, is_frozen: bool, now: dt.datetime) -> None:
    viewings = _locked(listing)
    freeze_entries(SUBJECT_TYPE, [viewing.pk for viewing in viewings], is_frozen=is_frozen)
    event = EventType.FROZEN if is_frozen else EventType.UNFROZEN
    notice = telling.FROZEN if is_frozen else telling.UNFROZEN
    for viewing in viewings:
        record(viewing, Happening(event, SYSTEM.actor_kind), by=SYSTEM, action=event, now=now)
    for viewing in viewings:
        telling.tell(viewing, notice, sides=[SEEKER], now=now)


def _locked(listing: Property) -> list[ViewingRequest]:
    """The active requests, locked: a verb that is under way sees the listing's new status."""
    active = ViewingRequest.objects.active().filter(listing=listing).order_by("pk")
    ids = list(active.select_for_update(no_key=True).values_list("pk", flat=True))
    return list(ViewingRequest.objects.for_detail().filter(pk__in=ids).order_by("pk"))
