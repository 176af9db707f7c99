"""What the people of these tests do, in one line each."""

import datetime as dt

from django.db import transaction
import time_machine

from flatmates.models import Match
from flatmates.services.matches import make_match
from ghar.lib import clock
from visits.models import Visit
from visits.services import booking, closing

# No row has it; fixed, so that a test keeps its name in every process.
UNKNOWN_ID = "01900000-0000-7000-8000-000000000000"


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """A time `day` days ahead, at an hour of Kigali (two ahead of UTC all year)."""
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + dt.timedelta(days=day, hours=hour - 2, minutes=minute)


def tour(listing, by, *, day=3, hour=10, **more) -> Visit:
    return booking.schedule_visit(by=by, listing=listing, scheduled_date=at(day, hour), **more)


@transaction.atomic
def matched(one, other) -> Match:
    return make_match(before=None, one=one, other=other, context_listing=None, now=clock.now())


def meet(listing, by, other, *, day=3, hour=10, **more) -> Visit:
    return tour(
        listing, by, day=day, hour=hour, visit_context="flatmate_meet", counterparty=other, **more
    )


def complete(visit: Visit, by, **how: str) -> Visit:
    """Once it has begun."""
    with time_machine.travel(fresh(visit).scheduled_date, tick=False):
        return closing.complete_visit(visit=visit, by=by, **how)


def fresh(visit: Visit) -> Visit:
    return Visit.objects.for_detail().get(pk=visit.pk)


def types(visit: Visit) -> list[str]:
    return list(visit.events.values_list("event_type", flat=True))
