"""Free times near a wanted one, for everybody who came too late."""

from collections.abc import Iterable, Iterator
import datetime as dt
import heapq
from typing import Final, NamedTuple, TypedDict
from zoneinfo import ZoneInfo

from ghar.calendar.models import Subject
from ghar.calendar.services.busy import BusyTimes, overlap
from ghar.calendar.services.claims import PartyKeys, Span
from ghar.lib import clock

HOW_MANY: Final = 3
FIRST_HOUR, LAST_HOUR = dt.time(9), dt.time(19)
STEP: Final = dt.timedelta(minutes=30)
# How many days before and after the wanted one to look: nearly always the first are enough. A
# calendar that is full for so long has no near times.
REACHES: Final = (2, 14, 60)


class Alternative(TypedDict):
    start_at: str
    end_at: str
    timezone: str


class FreeDay(NamedTuple):
    """A day of the place, and when something of the wanted length can start on it."""

    date: dt.date
    starts: list[dt.datetime]


def busy_around(
    *, subject: Subject, keys: PartyKeys, wanted: Span, days: int = REACHES[0]
) -> BusyTimes:
    """So many days before and after `wanted`: by default as far as alternatives are sought first."""
    reach = dt.timedelta(days=days + 1)
    return BusyTimes(subject=subject, keys=keys, window=(wanted[0] - reach, wanted[1] + reach))


def suggest_alternatives(
    *,
    subject: Subject,
    keys: PartyKeys,
    wanted: Span,
    timezone: str,
    bookable: Span,
    known: BusyTimes | None = None,
) -> list[Alternative]:
    """The three free times within sensible hours of `timezone` that are nearest to `wanted`.

    They start inside `bookable` and do not overlap each other. `known`: what somebody has just read
    by `busy_around`.
    """
    start, end = wanted
    found: list[Span] = []
    for days in REACHES:
        busy = known or busy_around(subject=subject, keys=keys, wanted=wanted, days=days)
        known = None  # further on it tells nothing
        found = _first_free(_nearest_first(start, timezone, bookable, days), end - start, busy)
        if len(found) == HOW_MANY:
            break
    return [
        {"start_at": s.isoformat(), "end_at": e.isoformat(), "timezone": timezone}
        for s, e in sorted(found)
    ]


def _first_free(starts: Iterable[dt.datetime], length: dt.timedelta, busy: BusyTimes) -> list[Span]:
    found: list[Span] = []
    for start in starts:
        span = (start, start + length)
        if busy.leave_free(span) and not any(overlap(span, other) for other in found):
            found.append(span)
        if len(found) == HOW_MANY:
            break
    return found


def _nearest_first(
    wanted: dt.datetime, timezone: str, bookable: Span, days: int
) -> Iterator[dt.datetime]:
    """Each half hour of each day's wall clock; times that a clock change skips are dropped."""
    zone = ZoneInfo(timezone)
    day = wanted.astimezone(zone).date()
    steps = [dt.timedelta(days=number) for number in range(days + 1)]
    back = (m for step in steps for m in reversed([*_half_hours(day - step, zone, bookable)]))
    ahead = (m for step in steps for m in _half_hours(day + step, zone, bookable))
    return heapq.merge(
        (moment for moment in back if moment < wanted),
        (moment for moment in ahead if moment >= wanted),
        key=lambda moment: abs(moment - wanted),
    )


def list_free_times(
    *,
    subject: Subject,
    keys: PartyKeys,
    length: dt.timedelta,
    timezone: str,
    bookable: Span,
    days: int,
) -> list[FreeDay]:
    """The free half hours of the first `days` days of `bookable`; a full day has none."""
    zone, begin = ZoneInfo(timezone), bookable[0]
    window = (begin, begin + dt.timedelta(days=days + 1))
    busy = BusyTimes(subject=subject, keys=keys, window=window)
    first = begin.astimezone(zone).date()
    dates = (first + dt.timedelta(days=offset) for offset in range(days))
    return [
        FreeDay(
            date,
            [
                start
                for start in _half_hours(date, zone, bookable)
                if busy.leave_free((start, start + length))
            ],
        )
        for date in dates
    ]


def _half_hours(date: dt.date, zone: ZoneInfo, bookable: Span) -> Iterator[dt.datetime]:
    """Of the sensible hours of one day, in UTC."""
    first, last = bookable
    local = dt.datetime.combine(date, FIRST_HOUR)
    while local.time() <= LAST_HOUR:
        moment = clock.instant_of(local, zone)
        if moment and first <= moment <= last:
            yield moment
        local += STEP
