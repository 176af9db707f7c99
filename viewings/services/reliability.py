"""What the end of a viewing says about its people; moderation keeps it and counts."""

import datetime as dt

from django.db import transaction

from ghar.accounts.models import Principal, User
from ghar.errors import NotAllowed
from ghar.lib import clock
from moderation.models import Dispute
from moderation.rules.reliability import OTHER, VISITOR, Ending, presences
from moderation.services import attendance
from viewings import policies
from viewings.models import ViewingRequest
from viewings.services import telling
from viewings.services.booking import subject_of
from viewings.services.records import Happening, lock_viewing, record
from viewings.states import POSTER, SEEKER, EventType

_SIDES = {SEEKER: VISITOR, POSTER: OTHER}


def agreed_start(viewing: ViewingRequest) -> dt.datetime | None:
    """When it is to take place; None while no time is agreed."""
    option = viewing.agreed_time
    return option.start_at if option else None


def note_ending(
    viewing: ViewingRequest, *, start: dt.datetime | None, by_side: str = "", now: dt.datetime
) -> None:
    """It was to begin at `start`, and is over or was called off `by_side`. A seeker without an account
    leaves no trace.
    """
    if start is None:
        return
    outcome = "" if by_side else viewing.outcome
    ending = Ending(outcome, cancelled_by=_SIDES.get(by_side, ""), notice=start - now)
    people = {VISITOR: viewing.seeker_id, OTHER: viewing.poster_id}
    found = {pk: kept for side, kept in presences(ending).items() if (pk := people[side])}
    if found:
        attendance.note_attendance(
            subject=subject_of(viewing),
            presences=found,
            host_id=viewing.poster_id,
            happened_at=start,
            now=now,
        )


def can_dispute(viewing: ViewingRequest, *, by: Principal, now: dt.datetime) -> bool:
    """A session leaves no trace, and has nothing to object to."""
    if viewing.is_active or not isinstance(by, User):
        return False
    return attendance.disputable(subject=subject_of(viewing), by=by, now=now) is not None


def objection(viewing: ViewingRequest, *, by: Principal) -> Dispute | None:
    """What the reader has said against how it ended, and what came of it."""
    if viewing.is_active or not isinstance(by, User):
        return None
    return attendance.objection(subject=subject_of(viewing), by=by)


@transaction.atomic
def dispute_outcome(*, viewing: ViewingRequest, message: str, by: Principal) -> ViewingRequest:
    """Object to what is held against oneself, within a week; a moderator decides."""
    if not isinstance(by, User):
        raise NotAllowed
    now = clock.now()
    viewing = lock_viewing(viewing)
    side = policies.party_side(viewing, by)
    attendance.dispute_attendance(subject=subject_of(viewing), message=message, by=by, now=now)
    record(viewing, Happening(EventType.DISPUTED, side), by=by, action="disputed", now=now)
    telling.hint(viewing)
    return viewing
