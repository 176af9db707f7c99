"""The calendar file that comes with an e-mail about an agreed time.

It says what holds when the e-mail leaves: a late one brings no time that has changed meanwhile.
"""

from copy import copy
from typing import Any

from django.utils import translation

from ghar.calendar.ics import Details, build_calendar, method_of
from ghar.calendar.models import CalendarEntry
from ghar.calendar.services.entries import DESCRIBE
from ghar.notifications.channels import Attachment
from ghar.notifications.models import Channel, Notification
from ghar.notifications.services.outbox import register_attachment


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
