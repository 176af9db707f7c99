"""What becomes of visits when their listing is held or withdrawn, a side is suspended or leaves, or
two people who would have met part or block each other.

Signals of the apps below, sent inside the transaction of their cause, lead here.
"""

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import Q

from flatmates.models import Match
from ghar.accounts.models import User
from ghar.calendar.services.entries import freeze_entries
from ghar.calendar.states import NO_LONGER, NOT_OFFERED, OUT_OF_TOUCH
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.lib.wake import wake
from ghar.properties.models import Property
from ghar.properties.policies import (
    ends_appointments,
    freezes_appointments,
    thaws_appointments,
    touches_appointments,
)
from visits.models import Visit, VisitQuerySet
from visits.policies import steps as policies
from visits.services import telling
from visits.services.closing import end_visit
from visits.services.slots import SUBJECT_TYPE


def follow_listing(*, listing: Property, old: str, now: dt.datetime) -> None:
    """Freeze, unfreeze or end the visits of a listing whose status was `old`. One that has begun takes
    place, or somebody is missed there.
    """
    visits = Visit.objects.filter(listing=listing)
    if ends_appointments(listing):
        for visit in _locked(visits.ahead(now)):
            end_visit(visit, reason=NOT_OFFERED, now=now)
    elif freezes_appointments(listing, old):
        _follow(visits, "freeze", now=now)
    elif thaws_appointments(listing, old):
        _follow(visits, "thaw", now=now)


def follow_person(*, person: User, now: dt.datetime) -> None:
    """What was agreed with somebody who is suspended waits for them."""
    verb = "wait" if person.is_suspended else "go_on"
    _follow(Visit.objects.with_person(person), verb, now=now, besides=person)


def part(*, match: Match, now: dt.datetime) -> None:
    """Two people no longer want to meet: what lies ahead is cancelled."""
    for visit in _locked(Visit.objects.meets_of(match).ahead(now)):
        end_visit(visit, reason=OUT_OF_TOUCH, now=now)


def keep_apart(one: User, other: User, *, now: dt.datetime) -> None:
    """One of them has blocked the other: no tour brings them together any more. The words do not
    say why. Meetings end with their match.
    """
    tours = list(Visit.objects.tours_between(one, other).ahead(now))
    theirs = [tour.pk for tour in tours if {tour.user_id, tour.host_id} == {one.pk, other.pk}]
    for visit in _locked(Visit.objects.filter(pk__in=theirs)):
        end_visit(visit, reason=NO_LONGER, now=now)
    # Of the others one of them is the agent. A worker finds another one, tour by tour: two agents
    # locked in one transaction could deadlock.
    if len(theirs) < len(tours):
        wake("visits.assign_waiting")


def lock_between(one: User, other: User) -> None:
    """What the two have planned with each other."""
    pair = (one.pk, other.pk)
    _lock(Visit.objects.filter(Q(host__in=pair) | Q(counterparty__in=pair), user__in=pair))


def lock_plans(person: User) -> None:
    """What the person has planned with anybody."""
    _lock(Visit.objects.with_person(person))


def lock_plans_and_place(person: User) -> None:
    """The same, and what others have planned at their place."""
    _lock(_with_or_at(person))


def lock_at(listing: Property, old: str) -> None:
    """What the new status of the listing will freeze, unfreeze or end."""
    if touches_appointments(listing, old):
        _lock(Visit.objects.filter(listing=listing))


@transaction.atomic
def leave(*, person: User) -> None:
    """Somebody deletes their account: what was planned with them or at their place is cancelled,
    before the rows go with the account and leave the others busy at that time.
    """
    now = clock.now()
    for visit in _locked(_with_or_at(person)):
        end_visit(visit, reason=NO_LONGER, now=now)


def _with_or_at(person: User) -> VisitQuerySet:
    return Visit.objects.filter(listing__owner=person) | Visit.objects.with_person(person)


def _follow(
    visits: VisitQuerySet, verb: str, *, now: dt.datetime, besides: User | None = None
) -> None:
    """Reminders wait while anything stops a visit; neutral words to who did not cause it.

    One that still waits for something else hears nothing of going on.
    """
    standing = _locked(visits)
    frozen = [visit for visit in standing if policies.is_frozen(visit)]
    going = [visit for visit in standing if not policies.is_frozen(visit)]
    for group, is_frozen in ((frozen, True), (going, False)):
        freeze_entries(SUBJECT_TYPE, [visit.pk for visit in group], is_frozen=is_frozen)
    told = going if verb in ("thaw", "go_on") else frozen
    telling.tell(*told, verb=verb, by=besides or SYSTEM, now=now)


def _locked(visits: VisitQuerySet) -> list[Visit]:
    """The active ones, locked: a verb that is under way sees what stops it."""
    ids = _lock(visits)
    return list(Visit.objects.for_detail().filter(pk__in=ids).order_by("pk")) if ids else []


def _lock(visits: VisitQuerySet) -> list[uuid.UUID]:
    rows = visits.active().order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(rows.values_list("pk", flat=True))
