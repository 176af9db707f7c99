"""The calendar file of an agreed viewing, with what its reader may know."""

from django.utils.translation import gettext as _

from ghar.accounts.models import Principal
from ghar.calendar.ics import Details, build_calendar
from ghar.calendar.services.entries import find_entry
from ghar.errors import NotFound
from viewings.models import ViewingRequest
from viewings.policies import visible_place
from viewings.services.booking import subject_of


def calendar_file(viewing: ViewingRequest, *, by: Principal) -> bytes:
    """NotFound until a time has been agreed; after a cancellation the file withdraws it."""
    entry = find_entry(subject_of(viewing))
    if entry is None:
        raise NotFound
    details = Details(
        summary=_("Viewing: %(place)s") % {"place": viewing.listing.title},
        description=_("Open your viewing to change or cancel it."),
        location=visible_place(viewing, viewing.side_of(by)) or viewing.listing.place,
        path=viewing.get_absolute_url(),
    )
    return build_calendar(entry, details)
