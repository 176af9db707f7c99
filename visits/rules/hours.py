"""Whether somebody is at work at an instant: weekly hours as the wall clock of their zone.

An instant has exactly one wall clock time, so hours that a clock change skips never come up, and
hours that it repeats count twice.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
import datetime as dt
from itertools import pairwise
import re
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from visits.models.agents import WEEKDAYS

Week = Mapping[str, Sequence[Sequence[str]]]
Span = tuple[dt.datetime, dt.datetime]

HOUR_AND_MINUTE: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
# The end of a day; the start of one is 00:00.
MIDNIGHT: Final = "24:00"
MINUTE: Final = dt.timedelta(minutes=1)
MOST_PAIRS: Final = 6


def is_at_work(span: Span, *, hours: Week, days_off: Collection[dt.date], zone: str) -> bool:
    """Through the whole of `span`, to the minute."""
    start = span[0].replace(second=0, microsecond=0)
    pieces = _even_pieces(start, start + (span[1] - span[0]), ZoneInfo(zone))
    return all(_is_working(*piece, hours, days_off) for piece in pieces)


def _even_pieces(start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> Iterator[Span]:
    """The wall clock of the span, cut in two until the clocks change within none of the pieces."""
    first, last = start.astimezone(zone), (end - MINUTE).astimezone(zone)
    if end - start <= MINUTE or first.utcoffset() == last.utcoffset():
        local = first.replace(tzinfo=None)
        yield local, local + (end - start)
    else:
        middle = start + (end - start) // MINUTE // 2 * MINUTE
        yield from _even_pieces(start, middle, zone)
        yield from _even_pieces(middle, end, zone)


def _is_working(
    start: dt.datetime, end: dt.datetime, hours: Week, days_off: Collection[dt.date]
) -> bool:
    """From one pair of times to the next, which may begin where it ends."""
    while start < end:
        day, clock = start.date(), f"{start.hour:02}:{start.minute:02}"
        pairs = () if day in days_off else hours.get(WEEKDAYS[day.weekday()], ())
        closing = next((close for opening, close in pairs if opening <= clock < close), None)
        if closing is None:
            return False
        hour, minute = map(int, closing.split(":"))
        start = dt.datetime.combine(day, dt.time()) + dt.timedelta(hours=hour, minutes=minute)
    return True


def problems_of(week: object) -> list[str]:
    """What is wrong with hours that somebody typed; empty for good ones."""
    if not isinstance(week, dict):
        return [
            str(_('Please give days with pairs of times, as in {"mon": [["09:00", "18:00"]]}.'))
        ]
    unknown = [day for day in week if day not in WEEKDAYS]
    found = [str(_("%(day)s is no day: use mon to sun.")) % {"day": day} for day in unknown]
    judged = [(day, _problem_of_day(week[day])) for day in WEEKDAYS if day in week]
    return found + [f"{day}: {problem}" for day, problem in judged if problem]


def _problem_of_day(pairs: object) -> str:
    if not isinstance(pairs, list) or len(pairs) > MOST_PAIRS or not all(map(_is_pair, pairs)):
        return str(_("please give pairs of times such as 09:00 and 18:00."))
    if any(start >= end for start, end in pairs):
        return str(_("each time must end after it starts."))
    if any(one[1] > other[0] for one, other in pairwise(sorted(pairs))):
        return str(_("the times overlap."))
    return ""


def _is_pair(pair: object) -> bool:
    if not isinstance(pair, list) or len(pair) != 2:
        return False
    start, end = pair
    return _is_time(start) and (_is_time(end) or end == MIDNIGHT)


def _is_time(text: object) -> bool:
    return isinstance(text, str) and bool(HOUR_AND_MINUTE.fullmatch(text))
