"""Agreed visits for calendar programs, with what their reader may know."""

import uuid

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ghar.accounts.models import User
from ghar.calendar.ics import Details, build_calendar
from ghar.calendar.models import CalendarEntry
from ghar.calendar.services.entries import get_entry
from ghar.calendar.services.invitations import register_details
from ghar.lib import clock
from visits.models import Visit
from visits.policies.address import visible_place
from visits.services.slots import SUBJECT_TYPE, subject_of


def calendar_file(visit: Visit, *, by: User) -> bytes:
    """NotFound until a time has been agreed; after a cancellation the file withdraws it."""
    return build_calendar(get_entry(subject_of(visit)), _details(visit, by))


def details_of(entries: QuerySet[CalendarEntry], reader: User) -> dict[uuid.UUID, Details]:
    own = Visit.objects.of(reader).filter(pk__in=entries.values("subject_id"))
    return {visit.pk: _details(visit, reader) for visit in own.for_detail()}


def _details(visit: Visit, by: User) -> Details:
    return Details(
        summary=_("Visit: %(place)s") % {"place": visit.listing.title},
        description=_("Open your visit to change or cancel it."),
        location=visible_place(visit, visit.side_of(by), clock.now()) or visit.listing.place,
        path=visit.get_absolute_url(),
    )


register_details(SUBJECT_TYPE, details_of)
