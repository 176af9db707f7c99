"""Free times near a wanted one, for everybody who came too late."""

from collections.abc import Iterator
import datetime as dt
from typing import Final, TypedDict
from zoneinfo import ZoneInfo

from ghar.calendar.models import Subject
from ghar.calendar.services.busy import BusyTimes, overlap
from ghar.calendar.services.claims import Party, Span

HOW_MANY: Final = 3
FIRST_HOUR, LAST_HOUR = dt.time(9), dt.time(19)
STEP: Final = dt.timedelta(minutes=30)
# How far from the wanted day to look. A calendar that is full for so long has no near times.
REACH_DAYS: Final = 60


class Alternative(TypedDict):
    start_at: str
    end_at: str
    timezone: str


def suggest_alternatives(
    *, subject: Subject, party: Party, wanted: Span, timezone: str, bookable: Span
) -> list[Alternative]:
    """The three free times within sensible hours of `timezone` that are nearest to `wanted`.

    They start inside `bookable` and do not overlap each other.
    """
    start, end = wanted
    length = end - start
    reach = dt.timedelta(days=REACH_DAYS + 1)
    busy = BusyTimes(subject=subject, party=party, window=(start - reach, end + reach))
    found: list[Span] = []
    for candidate in sorted(_candidates(start, timezone, bookable), key=lambda c: abs(c - start)):
        span = (candidate, candidate + length)
        if busy.leave_free(span) and not any(overlap(span, other) for other in found):
            found.append(span)
        if len(found) == HOW_MANY:
            break
    return [
        {"start_at": s.isoformat(), "end_at": e.isoformat(), "timezone": timezone}
        for s, e in sorted(found)
    ]


def _candidates(wanted: dt.datetime, timezone: str, bookable: Span) -> Iterator[dt.datetime]:
    """Each half hour of each day's wall clock; times that a clock change skips are dropped."""
    zone = ZoneInfo(timezone)
    day = wanted.astimezone(zone).date()
    first, last = bookable
    for offset in range(-REACH_DAYS, REACH_DAYS + 1):
        local = dt.datetime.combine(day + dt.timedelta(days=offset), FIRST_HOUR)
        while local.time() <= LAST_HOUR:
            moment = local.replace(tzinfo=zone).astimezone(dt.UTC)
            exists = moment.astimezone(zone).replace(tzinfo=None) == local
            if exists and first <= moment <= last:
                yield moment
            local += STEP
