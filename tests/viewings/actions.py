"""What the people of these tests do, in one line each."""

import datetime as dt

import time_machine

from ghar.lib import clock
from viewings.models import ViewingRequest
from viewings.policies.booking import ProposedTime
from viewings.services import closing, requests, scheduling

ZONE = "Africa/Kigali"


def at(day: int, hour: int, *, minutes: int = 30) -> ProposedTime:
    """A time `day` days ahead, at an hour of Kigali (two ahead of UTC all year)."""
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight + dt.timedelta(days=day, hours=hour - 2)
    return ProposedTime(start, start + dt.timedelta(minutes=minutes), ZONE)


def soon(**ahead: int) -> ProposedTime:
    start = clock.now() + dt.timedelta(**ahead)
    return ProposedTime(start, start + dt.timedelta(minutes=30), ZONE)


def ask(listing, by, *, hours=(10,), day=3) -> ViewingRequest:
    times = [at(day, hour) for hour in hours]
    return requests.create_request(listing=listing, by=by, times=times)


def confirm_first(viewing: ViewingRequest, by) -> ViewingRequest:
    option = viewing.options.first()
    return scheduling.confirm_viewing(viewing=viewing, option=option, by=by)


def complete(viewing: ViewingRequest, by, **how: str) -> ViewingRequest:
    """Once it has begun."""
    with time_machine.travel(fresh(viewing).selected_option.start_at, tick=False):
        return closing.complete_viewing(viewing=viewing, by=by, **how)


def fresh(viewing: ViewingRequest) -> ViewingRequest:
    return ViewingRequest.objects.for_detail().get(pk=viewing.pk)


def as_body(*times: ProposedTime) -> list[dict]:
    return [
        {"start_at": t.start_at.isoformat(), "end_at": t.end_at.isoformat(), "timezone": t.timezone}
        for t in times
    ]
