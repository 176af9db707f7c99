"""A month of visits as a table of weeks, each on its day where it takes place, and with them what
else the reader has agreed.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterator
import datetime as dt
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.http import Http404

from ghar.accounts.models import User
from ghar.calendar.services.feed import agreed_times
from ghar.lib import clock
from ghar.lib.formats import format_clock
from visits.assignment import DAY_AROUND
from visits.models import Visit
from visits.services.slots import SUBJECT_TYPE

MOST: Final = 200
YEARS: Final = range(2000, 2100)


class Appointment(NamedTuple):
    """`visit` is None for what another app has put into the calendar, which is agreed; `is_proposed`:
    another time of the same visit still stands.
    """

    at: dt.datetime
    clock: str
    title: str
    url: str
    visit: Visit | None = None
    is_proposed: bool = False

    @property
    def is_open(self) -> bool:
        """Not agreed so far."""
        visit = self.visit
        return self.is_proposed or bool(visit and visit.is_active and not visit.is_agreed)


class Cell(NamedTuple):
    date: dt.date
    is_of_month: bool
    is_today: bool
    appointments: list[Appointment]


def month_context(user: User, asked: str) -> dict[str, Any]:
    """`asked` is "2026-11", or empty for this month in the reader's zone."""
    today = clock.now().astimezone(ZoneInfo(user.timezone or "UTC")).date()
    first = _first_day(asked) if asked else today.replace(day=1)
    days = _by_day(user, first)
    weeks = [
        [Cell(day, day.month == first.month, day == today, days[day]) for day in week]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]
    return {
        "first": first,
        "weeks": weeks,
        "weekdays": [cell.date for cell in weeks[0]],
        "busy_days": [c for week in weeks for c in week if c.is_of_month and c.appointments],
        "previous": first - dt.timedelta(days=1),
        "following": first + dt.timedelta(days=31),
    }


def _first_day(asked: str) -> dt.date:
    try:
        first = dt.datetime.strptime(asked, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError as error:
        raise Http404 from error
    if first.year not in YEARS:
        raise Http404
    return first


def _by_day(user: User, first: dt.date) -> dict[dt.date, list[Appointment]]:
    """With the days beside it that fill the first and the last week."""
    start = dt.datetime.combine(first, dt.time(), dt.UTC) - dt.timedelta(days=7) - DAY_AROUND
    end = start + dt.timedelta(days=47) + DAY_AROUND
    days: dict[dt.date, list[Appointment]] = defaultdict(list)
    for zone, appointment in [*_visits(user, start, end), *_agreed_elsewhere(user, start, end)]:
        days[appointment.at.astimezone(ZoneInfo(zone)).date()].append(appointment)
    for appointments in days.values():
        appointments.sort(key=lambda appointment: appointment.at)
    return days


def _visits(user: User, start: dt.datetime, end: dt.datetime) -> Iterator[tuple[str, Appointment]]:
    """Each with the zone of its place."""
    visits = Visit.objects.of(user).within(start, end).for_detail()
    for visit in visits.order_by("scheduled_date", "id")[:MOST]:
        title, url, zone = str(visit.listing), visit.get_absolute_url(), visit.timezone
        for at, is_proposed in _times(visit):
            clock_time = format_clock(at, zone)
            yield zone, Appointment(at, clock_time, title, url, visit, is_proposed)


def _agreed_elsewhere(
    user: User, start: dt.datetime, end: dt.datetime
) -> Iterator[tuple[str, Appointment]]:
    """Viewings, of which visits know nothing: the calendar joins them."""
    for entry, details in agreed_times(user=user, since=start, besides=SUBJECT_TYPE):
        if entry.start_at < end:
            at, zone = entry.start_at, entry.timezone
            yield zone, Appointment(at, format_clock(at, zone), details.summary, details.path)


def _times(visit: Visit) -> list[tuple[dt.datetime, bool]]:
    if visit.has_proposal:
        return [(visit.standing_date, False), (visit.scheduled_date, True)]
    return [(visit.scheduled_date, False)]
