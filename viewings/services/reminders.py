"""The words of a viewing's reminders, and the trace that they leave."""

from collections.abc import Sequence
import datetime as dt

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import Principal
from ghar.calendar.models import Reminder, ReminderKind
from ghar.calendar.services import reminders
from ghar.calendar.services.reminders import Letter, Mailing
from ghar.lib.actors import SYSTEM
from ghar.lib.formats import say_time
from ghar.notifications.models import NotificationType, Purpose
from viewings.models import ViewingRequest
from viewings.policies.address import visible_place
from viewings.services.booking import SUBJECT_TYPE, zone_of
from viewings.services.links import route_for
from viewings.services.records import Happening, record
from viewings.states import EventType

TITLES = {
    ReminderKind.H24: _("Viewing tomorrow: {place}"),
    ReminderKind.H2: _("Viewing in two hours: {place}"),
}


def send_due_reminders() -> int:
    agreed = ViewingRequest.objects.confirmed().for_detail()
    mailing = Mailing(agreed, _write, Purpose.VIEWINGS)
    return reminders.send_due_reminders(subject_type=SUBJECT_TYPE, mailing=mailing)


def log_reminder(*, letter: Letter, kind: str, channels: Sequence[str], now: dt.datetime) -> None:
    """One event for each person reminded, however many channels carried it."""
    viewing = letter.about
    told = {
        "kind": kind,
        "to": viewing.side_of(letter.to),
        "channels": [str(channel) for channel in channels],
    }
    happening = Happening(EventType.REMINDED, SYSTEM.actor_kind, told)
    record(viewing, happening, by=SYSTEM, action="reminded", now=now)


def _write(viewing: ViewingRequest, reminder: Reminder, now: dt.datetime) -> Letter | None:
    reader = _reader(viewing, reminder)
    if reader is None:
        return None
    place = visible_place(viewing, viewing.side_of(reader), now)
    return Letter(
        to=reader,
        about=viewing,
        type=NotificationType.VIEWING_REMINDER,
        title=format_lazy(TITLES[ReminderKind(reminder.kind)], place=viewing.listing.title),
        body=format_lazy(
            _("{time}. {place}"),
            time=say_time(reminder.entry.start_at, zone_of(viewing)),
            place=place or _("Open it to see where."),
        ),
        route=route_for(viewing, reader, now=now),
    )


def _reader(viewing: ViewingRequest, reminder: Reminder) -> Principal | None:
    people = (viewing.seeking_principal, viewing.poster)
    return next((who for who in people if who.event_channel == reminder.recipient), None)
