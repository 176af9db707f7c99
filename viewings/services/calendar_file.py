"""Agreed viewings for calendar programs, with what their reader may know."""

import uuid

from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from ghar.accounts.models import Principal
from ghar.calendar.ics import Details, build_calendar
from ghar.calendar.models import CalendarEntry
from ghar.calendar.services.entries import get_entry
from ghar.calendar.services.invitations import register_details
from ghar.lib import clock, rls
from viewings.models import ViewingRequest
from viewings.policies.address import visible_place
from viewings.services.booking import SUBJECT_TYPE, subject_of
from viewings.services.links import route_for
from viewings.states import SEEKER


def calendar_file(viewing: ViewingRequest, *, by: Principal) -> bytes:
    """NotFound until a time has been agreed; after a cancellation the file withdraws it."""
    return build_calendar(get_entry(subject_of(viewing)), _details(viewing, by))


def details_of(entries: QuerySet[CalendarEntry], reader: Principal) -> dict[uuid.UUID, Details]:
    own = ViewingRequest.objects.sought_by(reader) | ViewingRequest.objects.hosted_by(reader)
    told = own.filter(pk__in=entries.values("subject_id")).for_calendar()
    # Calendar programs and workers have no account: nobody acts as anybody yet.
    with rls.acting_for(reader):
        viewings = list(told)
        # Whose times tell whether a seeker may know the address.
        sought = [viewing for viewing in viewings if viewing.side_of(reader) == SEEKER]
        prefetch_related_objects(sought, "options")
        return {viewing.pk: _details(viewing, reader) for viewing in viewings}


def _details(viewing: ViewingRequest, by: Principal) -> Details:
    now = clock.now()
    return Details(
        summary=_("Viewing: %(place)s") % {"place": viewing.listing.title},
        description=_("Open your viewing to change or cancel it."),
        location=visible_place(viewing, viewing.side_of(by), now) or viewing.listing.place,
        path=route_for(viewing, by, now=now),
    )


register_details(SUBJECT_TYPE, details_of)
