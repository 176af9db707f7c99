"""What the pages suggest to somebody who plans a visit: free times, and places to meet."""

import datetime as dt
from typing import Final

from django.db.models import Q

from flatmates.models import Match, Swipe
from ghar.calendar.services.alternatives import FreeDay, list_free_times
from ghar.properties.models import Property
from visits import assignment
from visits.models import Visit
from visits.policies.booking import bookable
from visits.services.slots import keys_of_party, subject_of

DAYS: Final = 7
PLACES: Final = 12


def free_days(visit: Visit, *, now: dt.datetime) -> list[FreeDay]:
    """When a visit, made or not yet, could take place; the time that it has counts as free.

    A tour is suggested for when somebody could show the place. Other times are not refused.
    """
    days = list_free_times(
        subject=subject_of(visit),
        keys=keys_of_party(visit),
        length=visit.length,
        timezone=visit.timezone,
        bookable=bookable(now),
        days=DAYS,
    )
    team = assignment.team_for(visit) if visit.is_tour else []
    if not team:
        return days
    return [
        FreeDay(date, [start for start in starts if assignment.is_staffed(team, visit, start)])
        for date, starts in days
    ]


def meeting_places(match: Match) -> list[Property]:
    """Where two who matched could meet: the place by which they met, then what either offers or
    likes; live ones alone.
    """
    pair, context = [match.first_id, match.second_id], match.context_listing_id
    liked = Swipe.objects.likes().filter(user__in=pair, listing__isnull=False)
    known = Q(pk=context) | Q(owner__in=pair) | Q(pk__in=liked.values("listing"))
    found = Property.objects.live().for_cards().select_related("owner").filter(known)
    newest = list(found.order_by("-rank_at", "-id")[:PLACES])
    return sorted(newest, key=lambda listing: listing.pk != context)
