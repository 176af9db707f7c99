"""A viewing on the calendar: it takes the seeker, the poster and a seat of the place."""

import datetime as dt

from ghar.calendar.models import Subject
from ghar.calendar.services.alternatives import Alternative, suggest_alternatives
from ghar.calendar.services.busy import BusyTimes
from ghar.calendar.services.claims import (
    PartyKeys,
    Span,
    book_time,
    hold_time,
    key_of,
    lock_party,
    make_permanent,
    seats_of,
)
from ghar.calendar.services.entries import upsert_entry
from ghar.calendar.services.reminders import plan_reminders
from ghar.errors import SlotTaken
from ghar.notifications.models import Purpose
from viewings.models import ViewingRequest, ViewingTimeOption
from viewings.policies.booking import bookable, hold_end

SUBJECT_TYPE = "viewing"


def subject_of(viewing: ViewingRequest) -> Subject:
    return Subject(SUBJECT_TYPE, viewing.pk)


def keys_of_party(viewing: ViewingRequest) -> PartyKeys:
    people = [key_of(viewing.seeking_principal)]
    # Whoever claims a session may find that it asked for their own place: one person, one row.
    is_own = viewing.seeking_principal == viewing.poster
    # At an open house the poster receives several visitors at once.
    if viewing.listing.capacity == 1 and not is_own:
        people.append(key_of(viewing.poster))
    return PartyKeys(people, seats_of(viewing.listing_id, viewing.listing.capacity))


def hold(viewing: ViewingRequest, option: ViewingTimeOption, *, now: dt.datetime) -> dt.datetime:
    """Keep the option's time until the returned instant; SlotTaken with three alternatives."""
    party, until = lock_party(keys_of_party(viewing)), hold_end(option.start_at, now)
    try:
        hold_time(subject=subject_of(viewing), party=party, span=option.span, until=until)
    except SlotTaken:
        raise _slot_taken(viewing, option, now) from None
    return until


def book(viewing: ViewingRequest, option: ViewingTimeOption, *, now: dt.datetime) -> None:
    """Give the option's time to the viewing for good; SlotTaken with three alternatives."""
    subject = subject_of(viewing)
    if viewing.selected_option_id == option.pk and viewing.agreed_option_id is None:
        # All of it is held already, and nothing else.
        make_permanent(subject)
        return
    party = lock_party(keys_of_party(viewing))
    try:
        book_time(subject=subject, party=party, span=option.span)
    except SlotTaken:
        raise _slot_taken(viewing, option, now) from None


def check_not_taken(
    viewing: ViewingRequest, option: ViewingTimeOption, *, now: dt.datetime
) -> None:
    """SlotTaken if the option could not be booked: why somebody's choice came too late."""
    busy = _busy_times(viewing, option.span)
    if not busy.leave_free(option.span):
        raise _slot_taken(viewing, option, now)


def taken_options(viewing: ViewingRequest) -> list[ViewingTimeOption]:
    """The open options whose times somebody else has by now."""
    options = viewing.open_options
    if not options:
        return []
    window = min(o.start_at for o in options), max(o.end_at for o in options)
    busy = _busy_times(viewing, window)
    return [option for option in options if not busy.leave_free(option.span)]


def _busy_times(viewing: ViewingRequest, window: Span) -> BusyTimes:
    return BusyTimes(subject=subject_of(viewing), keys=keys_of_party(viewing), window=window)


def alternatives_to(
    viewing: ViewingRequest, option: ViewingTimeOption, now: dt.datetime
) -> list[Alternative]:
    return suggest_alternatives(
        subject=subject_of(viewing),
        keys=keys_of_party(viewing),
        wanted=option.span,
        timezone=zone_of(viewing),
        bookable=bookable(now),
    )


def enter_calendar(viewing: ViewingRequest, option: ViewingTimeOption, *, now: dt.datetime) -> None:
    """The agreed time as a calendar entry, with the reminders of both sides."""
    entry = upsert_entry(subject=subject_of(viewing), span=option.span, timezone=zone_of(viewing))
    plan_reminders(
        entry=entry,
        recipients=[viewing.seeking_principal, viewing.poster],
        purpose=Purpose.VIEWINGS,
        now=now,
    )


def zone_of(viewing: ViewingRequest) -> str:
    """Where the place is, times are said in its zone."""
    return viewing.listing.timezone or "UTC"


def _slot_taken(viewing: ViewingRequest, option: ViewingTimeOption, now: dt.datetime) -> SlotTaken:
    return SlotTaken(details={"alternatives": alternatives_to(viewing, option, now)})
