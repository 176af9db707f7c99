"""Agreed viewings for calendar programs, with what their reader may know."""

from collections.abc import Iterator
import datetime as dt

from django.utils.translation import gettext as _

from ghar.accounts.models import Principal, User
from ghar.calendar.ics import Details, build_calendar
from ghar.calendar.models import CalendarEntry
from ghar.calendar.services.entries import find_entry
from ghar.calendar.services.feed import register_writer
from ghar.calendar.services.invitations import register_details
from ghar.errors import NotFound
from ghar.lib import clock, rls
from viewings.models import ViewingRequest
from viewings.policies.address import visible_place
from viewings.services.booking import SUBJECT_TYPE, subject_of
from viewings.services.links import route_for


def calendar_file(viewing: ViewingRequest, *, by: Principal) -> bytes:
    """NotFound until a time has been agreed; after a cancellation the file withdraws it."""
    entry = find_entry(subject_of(viewing))
    if entry is None:
        raise NotFound
    return build_calendar(entry, _details(viewing, by))


def feed_of(user: User, since: dt.datetime) -> Iterator[tuple[CalendarEntry, Details]]:
    """What the private feed of this person says about viewings."""
    entries = CalendarEntry.objects.standing(SUBJECT_TYPE, since)
    own = ViewingRequest.objects.sought_by(user) | ViewingRequest.objects.hosted_by(user)
    agreed = own.filter(pk__in=entries.values("subject_id"))
    # Calendar programs have no account: nobody acts as anybody yet.
    with rls.acting_for(user):
        viewings = {viewing.pk: viewing for viewing in agreed.for_detail()}
        for entry in entries.filter(subject_id__in=viewings):
            yield entry, _details(viewings[entry.subject_id], user)


def details_for(entry: CalendarEntry, reader: Principal) -> Details | None:
    with rls.acting_for(reader):
        found = ViewingRequest.objects.visible_to(reader).for_calendar()
        viewing = found.filter(pk=entry.subject_id).first()
        return _details(viewing, reader) if viewing else None


def _details(viewing: ViewingRequest, by: Principal) -> Details:
    now = clock.now()
    return Details(
        summary=_("Viewing: %(place)s") % {"place": viewing.listing.title},
        description=_("Open your viewing to change or cancel it."),
        location=visible_place(viewing, viewing.side_of(by), now) or viewing.listing.place,
        path=route_for(viewing, by, now=now),
    )


register_writer(SUBJECT_TYPE, feed_of)
register_details(SUBJECT_TYPE, details_for)
