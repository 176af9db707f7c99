"""Calendar files (RFC 5545 and 5546). Times stand in UTC, which every calendar program reads."""

from collections.abc import Iterable
import datetime as dt
from email.utils import parseaddr
from typing import NamedTuple

from django.conf import settings
from icalendar import Calendar, Event

from ghar.calendar.models import CalendarEntry
from ghar.lib import clock

PRODUCT = "-//ghar//ghar//EN"


class Details(NamedTuple):
    """What the reader of this file may know."""

    summary: str
    description: str
    location: str
    path: str


def build_calendar(entry: CalendarEntry, details: Details, *, attendee: str | None = None) -> bytes:
    """One entry as a file: a REQUEST while it stands, a CANCEL of the same UID afterwards.

    A mail program takes it up by itself only for `attendee`, the address that it came to.
    """
    calendar, event = _calendar(method_of(entry)), _event(entry, details, stamp=clock.now())
    if attendee:
        # They have agreed on the site; an answer to the file would reach nobody.
        agreed = {"partstat": "ACCEPTED", "rsvp": "FALSE"}
        event.add("attendee", f"mailto:{attendee}", parameters=agreed)
    calendar.add_component(event)
    return calendar.to_ical()


def method_of(entry: CalendarEntry) -> str:
    return "REQUEST" if entry.is_active else "CANCEL"


def build_feed(rows: Iterable[tuple[CalendarEntry, Details]]) -> bytes:
    """Many entries to subscribe to. Stamped with their last change: same entries, same bytes."""
    calendar = _calendar("PUBLISH")
    for entry, details in rows:
        calendar.add_component(_event(entry, details, stamp=entry.updated_at))
    return calendar.to_ical()


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(entry: CalendarEntry, details: Details, *, stamp: dt.datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", stamp)
    event.add("dtstart", entry.start_at)
    event.add("dtend", entry.end_at)
    event.add("status", "CONFIRMED" if entry.is_active else "CANCELLED")
    event.add("organizer", f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    event.add("summary", details.summary)
    event.add("description", details.description)
    event.add("location", details.location)
    event.add("url", f"{settings.BASE_URL.rstrip('/')}{details.path}")
    return event
