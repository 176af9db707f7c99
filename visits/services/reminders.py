"""The words of a visit's reminders, and the trace that they leave."""

from collections.abc import Sequence
import datetime as dt

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.calendar.models import Reminder, ReminderKind
from ghar.calendar.services import reminders
from ghar.calendar.services.reminders import Letter, Mailing
from ghar.lib.actors import SYSTEM
from ghar.lib.formats import say_time
from ghar.notifications.models import NotificationType, Purpose
from visits.models import Visit
from visits.policies.address import visible_place
from visits.services.records import record
from visits.services.slots import SUBJECT_TYPE
from visits.states import SYSTEM as SYSTEM_SIDE
from visits.states import VisitEventType

TITLES = {
    ReminderKind.H24: _("Visit tomorrow: {place}"),
    ReminderKind.H2: _("Visit in two hours: {place}"),
}


def send_due_reminders() -> int:
    agreed = Visit.objects.confirmed().for_detail()
    mailing = Mailing(agreed, _write, Purpose.VIEWINGS)
    return reminders.send_due_reminders(subject_type=SUBJECT_TYPE, mailing=mailing)


def log_reminder(*, letter: Letter, kind: str, channels: Sequence[str], now: dt.datetime) -> None:
    """One event for each person reminded, however many channels carried it."""
    visit = letter.about
    told = {
        "kind": kind,
        "to": visit.side_of(letter.to),
        "channels": [str(channel) for channel in channels],
    }
    reminded = VisitEventType.REMINDED
    record(visit, reminded, by=SYSTEM, side=SYSTEM_SIDE, changes=told, now=now)


def _reader(visit: Visit, reminder: Reminder) -> User | None:
    return next((p for p in visit.parties if p.event_channel == reminder.recipient), None)


def _write(visit: Visit, reminder: Reminder, now: dt.datetime) -> Letter | None:
    """None for an agent who has been relieved."""
    reader = _reader(visit, reminder)
    if reader is None:
        return None
    place = visible_place(visit, visit.side_of(reader), now)
    return Letter(
        to=reader,
        about=visit,
        type=NotificationType.VISIT_REMINDER,
        title=format_lazy(TITLES[ReminderKind(reminder.kind)], place=visit.listing.title),
        body=format_lazy(
            _("{time}. {place}"),
            time=say_time(reminder.entry.start_at, visit.timezone),
            place=place or _("Open it to see where."),
        ),
        route=visit.get_absolute_url(),
    )
