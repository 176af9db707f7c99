"""What becomes of viewings when their listing is held or withdrawn, or a side is suspended, leaves
or blocks the other.
"""

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import Q

from ghar.accounts.models import User
from ghar.calendar.services.entries import freeze_entries
from ghar.lib import rls
from ghar.lib.actors import SYSTEM
from ghar.notifications.services.notices import Notice
from ghar.properties.models import Property
from ghar.properties.policies import (
    ends_appointments,
    freezes_appointments,
    thaws_appointments,
    touches_appointments,
)
from viewings.models import ViewingRequest, ViewingRequestQuerySet
from viewings.policies import steps as policies
from viewings.services import telling
from viewings.services.booking import SUBJECT_TYPE
from viewings.services.closing import end_between_people, end_with_listing
from viewings.services.records import Happening, record
from viewings.states import POSTER, SEEKER, EventType


@transaction.atomic
def follow_listing(*, listing: Property, old: str, now: dt.datetime) -> None:
    """Freeze, unfreeze or end the viewings of a listing whose status was `old`."""
    # Whoever moved the listing sees at most their own viewings.
    with rls.acting_as(rls.WORKER):
        if ends_appointments(listing):
            for viewing in _not_begun(listing.viewing_requests.all(), now):
                end_with_listing(viewing)
        elif freezes_appointments(listing, old):
            _freeze(_untouched(listing), telling.FROZEN, [SEEKER], is_frozen=True, now=now)
        elif thaws_appointments(listing, old):
            _freeze(_untouched(listing), telling.UNFROZEN, [SEEKER], is_frozen=False, now=now)


@transaction.atomic
def follow_person(*, person: User, now: dt.datetime) -> None:
    """Freeze what was agreed with somebody who was suspended, or let it go on; tell the others."""
    notice = telling.WAITS if person.is_suspended else telling.GOES_ON
    with rls.acting_as(rls.WORKER):
        for side, theirs in ((SEEKER, Q(poster=person)), (POSTER, Q(seeker=person))):
            viewings = _locked(ViewingRequest.objects.filter(theirs))
            waiting = [viewing for viewing in viewings if policies.hangs_on(viewing, person)]
            _freeze(waiting, notice, [side], is_frozen=person.is_suspended, now=now)


@transaction.atomic
def leave(*, person: User) -> None:
    """Somebody deletes their account: what was planned with them is cancelled, before the rows go
    with the account and leave the other side busy at that time.
    """
    with rls.acting_as(rls.WORKER):
        for viewing in _locked(ViewingRequest.objects.filter(Q(poster=person) | Q(seeker=person))):
            end_between_people(viewing)


def keep_apart(one: User, other: User, *, now: dt.datetime) -> None:
    """One of them has blocked the other: what they had planned is cancelled."""
    with rls.acting_as(rls.WORKER):
        for viewing in _not_begun(_between(one, other), now):
            end_between_people(viewing)


def lock_between(one: User, other: User) -> None:
    """What the two have agreed with each other."""
    with rls.acting_as(rls.WORKER):
        _lock(_between(one, other))


def lock_plans(person: User) -> None:
    """What the person has agreed with anybody."""
    with rls.acting_as(rls.WORKER):
        _lock(ViewingRequest.objects.filter(Q(poster=person) | Q(seeker=person)))


def lock_at(listing: Property, old: str) -> None:
    """What the new status of the listing will freeze, unfreeze or end."""
    if touches_appointments(listing, old):
        with rls.acting_as(rls.WORKER):
            _lock(listing.viewing_requests.all())


def _between(one: User, other: User) -> ViewingRequestQuerySet:
    theirs = Q(seeker=one, poster=other) | Q(seeker=other, poster=one)
    return ViewingRequest.objects.filter(theirs)


def _not_begun(requests: ViewingRequestQuerySet, now: dt.datetime) -> list[ViewingRequest]:
    """What has begun takes place, or somebody is missed there: it is not called off."""
    return [
        viewing
        for viewing in _locked(requests)
        if not (viewing.is_confirmed and policies.has_begun(viewing, now))
    ]


def _untouched(listing: Property) -> list[ViewingRequest]:
    """Those that no suspension stops already."""
    viewings = _locked(listing.viewing_requests.all())
    return [viewing for viewing in viewings if not policies.has_suspended_side(viewing)]


def _freeze(
    viewings: list[ViewingRequest],
    notice: Notice,
    sides: list[str],
    *,
    is_frozen: bool,
    now: dt.datetime,
) -> None:
    freeze_entries(SUBJECT_TYPE, [viewing.pk for viewing in viewings], is_frozen=is_frozen)
    event = EventType.FROZEN if is_frozen else EventType.UNFROZEN
    for viewing in viewings:
        record(viewing, Happening(event, SYSTEM.actor_kind), by=SYSTEM, action=event, now=now)
    for viewing in viewings:
        telling.tell(viewing, notice, sides=sides, now=now)


def _locked(requests: ViewingRequestQuerySet) -> list[ViewingRequest]:
    """The active ones, locked: a verb that is under way sees what stops it."""
    ids = _lock(requests)
    return (
        list(ViewingRequest.objects.for_detail().filter(pk__in=ids).order_by("pk")) if ids else []
    )


def _lock(requests: ViewingRequestQuerySet) -> list[uuid.UUID]:
    rows = requests.active().order_by("pk").select_for_update(no_key=True)
    return list(rows.values_list("pk", flat=True))
