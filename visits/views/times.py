"""The times that a page suggests, ready for its radio buttons."""

import datetime as dt
from typing import Any, NamedTuple

from ghar.accounts.models import User
from ghar.lib.formats import format_clock, format_instant, zone_name
from visits.forms import TimeForm
from visits.models import Visit
from visits.services.suggestions import free_days


class Slot(NamedTuple):
    """`value` is the instant; `clock` the time of day at the place, `here` the reader's if another."""

    value: str
    clock: str
    here: str
    is_chosen: bool


class Day(NamedTuple):
    date: dt.date
    slots: list[Slot]
    is_open: bool


def time_choices(visit: Visit, form: TimeForm, *, reader: User, now: dt.datetime) -> dict[str, Any]:
    """What visits/_time_choice.html draws, for a visit made or not yet."""
    zone, here = visit.timezone, _zone_of_reader(reader, visit.timezone, now)
    chosen = str(form["slot"].value() or "")
    days = [
        (date, [_slot(start, zone, here, chosen) for start in starts])
        for date, starts in free_days(visit, now=now)
        if starts
    ]
    opened = _opened(days)
    return {
        "days": [Day(date, slots, number == opened) for number, (date, slots) in enumerate(days)],
        "zone_name": zone_name(zone),
        "reader_zone_name": zone_name(here) if here else "",
        "is_typed": bool(form["day"].value() or form["time"].value()),
    }


def _slot(start: dt.datetime, zone: str, here: str, chosen: str) -> Slot:
    value = start.isoformat()
    mine = format_clock(start, here) if here else ""
    return Slot(value, format_clock(start, zone), mine, value == chosen)


def _opened(days: list[tuple[dt.date, list[Slot]]]) -> int:
    """The day of what was chosen, else the first."""
    chosen = (n for n, (_date, slots) in enumerate(days) if any(slot.is_chosen for slot in slots))
    return next(chosen, 0)


def _zone_of_reader(reader: User, zone: str, now: dt.datetime) -> str:
    """Empty where the reader's clock shows the same."""
    own = reader.timezone
    return own if own and format_instant(now, own) != format_instant(now, zone) else ""
