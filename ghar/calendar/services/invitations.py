"""The calendar file that comes with an e-mail about an agreed time.

It says what holds when the e-mail leaves: a late one brings no time that has changed meanwhile.
"""

from collections.abc import Callable
from copy import copy
from typing import Any, Final
import uuid

from django.db.models import QuerySet
from django.utils import translation

from ghar.calendar.ics import Details, build_calendar, method_of
from ghar.calendar.models import CalendarEntry
from ghar.notifications.channels import Attachment
from ghar.notifications.models import Channel, Notification
from ghar.notifications.services.outbox import register_attachment

# What a reader may know of those of these entries that are theirs, by the id of the subject.
Describe = Callable[[QuerySet[CalendarEntry], Any], dict[uuid.UUID, Details]]
DESCRIBE: Final[dict[str, Describe]] = {}


def register_details(subject_type: str, describe: Describe) -> None:
    """Each app that books on the calendar says what its entries tell a reader."""
    DESCRIBE[subject_type] = describe


def invitation_for(line: Notification, reader: Any) -> Attachment | None:
    """None for what is no appointment, or has never been agreed."""
    if line.appointment_id is None:
        return None
    known = CalendarEntry.objects.filter(subject_type__in=DESCRIBE)
    entries = known.filter(subject_id=line.appointment_id)
    entry = entries.first()
    if entry is None:
        return None
    with translation.override(reader.language):
        details = DESCRIBE[entry.subject_type](entries, reader).get(entry.subject_id)
    if details is None:  # for them it is over: it leaves their calendar
        entry, details = _withdrawn(entry), Details(line.title, "", "", line.route)
    file = build_calendar(entry, details, attendee=reader.address_on(Channel.EMAIL))
    return Attachment("appointment.ics", file, f"text/calendar; method={method_of(entry)}")


def _withdrawn(entry: CalendarEntry) -> CalendarEntry:
    theirs = copy(entry)
    theirs.is_active = False
    return theirs


register_attachment(invitation_for)
