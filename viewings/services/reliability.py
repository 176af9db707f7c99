"""What the end of a viewing says about its people; moderation keeps it and counts."""

import datetime as dt

from moderation.rules.reliability import OTHER, VISITOR, Ending, presences
from moderation.services.attendance import note_attendance
from viewings.models import ViewingRequest
from viewings.services.booking import subject_of
from viewings.states import POSTER, SEEKER

_SIDES = {SEEKER: VISITOR, POSTER: OTHER}


def agreed_start(viewing: ViewingRequest) -> dt.datetime | None:
    """When it is to take place; None while no time is agreed."""
    option = viewing.chosen if viewing.is_confirmed else viewing.agreed_option
    return option.start_at if option else None


def note_ending(
    viewing: ViewingRequest, *, start: dt.datetime | None, by_side: str = "", now: dt.datetime
) -> None:
    """It was to begin at `start`, and is over or cancelled `by_side`. A seeker without an account
    leaves no trace.
    """
    if start is None:
        return
    ending = Ending(viewing.outcome, cancelled_by=_SIDES.get(by_side, ""), notice=start - now)
    people = {VISITOR: viewing.seeker_id, OTHER: viewing.poster_id}
    found = {pk: kept for side, kept in presences(ending).items() if (pk := people[side])}
    if found:
        note_attendance(
            subject=subject_of(viewing),
            presences=found,
            host_id=viewing.poster_id,
            happened_at=start,
            now=now,
        )
