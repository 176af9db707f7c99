"""Agreed visits for calendar programs, with what their reader may know."""

from collections.abc import Iterator
import datetime as dt

from django.utils.translation import gettext as _

from ghar.accounts.models import User
from ghar.calendar.ics import Details, build_calendar
from ghar.calendar.models import CalendarEntry
from ghar.calendar.services.entries import find_entry
from ghar.calendar.services.feed import register_writer
from ghar.calendar.services.invitations import register_details
from ghar.errors import NotFound
from ghar.lib import clock
from visits.models import Visit
from visits.policies.address import visible_place
from visits.services.slots import SUBJECT_TYPE, subject_of


def calendar_file(visit: Visit, *, by: User) -> bytes:
    """NotFound until a time has been agreed; after a cancellation the file withdraws it."""
    entry = find_entry(subject_of(visit))
    if entry is None:
        raise NotFound
    return build_calendar(entry, _details(visit, by))


def feed_of(user: User, since: dt.datetime) -> Iterator[tuple[CalendarEntry, Details]]:
    """What the private feed of this person says about visits."""
    entries = CalendarEntry.objects.standing(SUBJECT_TYPE, since)
    own = Visit.objects.of(user).filter(pk__in=entries.values("subject_id"))
    visits = {visit.pk: visit for visit in own.for_detail()}
    for entry in entries.filter(subject_id__in=visits):
        yield entry, _details(visits[entry.subject_id], user)


def details_for(entry: CalendarEntry, reader: User) -> Details | None:
    visit = Visit.objects.of(reader).for_detail().filter(pk=entry.subject_id).first()
    return _details(visit, reader) if visit else None


def _details(visit: Visit, by: User) -> Details:
    return Details(
        summary=_("Visit: %(place)s") % {"place": visit.listing.title},
        description=_("Open your visit to change or cancel it."),
        location=visible_place(visit, visit.side_of(by), clock.now()) or visit.listing.place,
        path=visit.get_absolute_url(),
    )


register_writer(SUBJECT_TYPE, feed_of)
register_details(SUBJECT_TYPE, details_for)
