"""What the end of a viewing says about its people; moderation keeps it and counts."""

import datetime as dt
import uuid

from django.db import transaction

from ghar.accounts.models import Principal, SeekerSession
from ghar.lib import clock, rls
from moderation.models import Dispute
from moderation.rules.reliability import (
    OTHER,
    VISITOR,
    Ending,
    is_time_to_report,
    presences,
)
from moderation.services import attendance, disputes
from moderation.services.disputes import OtherSide
from moderation.states import DisputeKind
from viewings.models import ViewingRequest
from viewings.policies import steps as policies
from viewings.services import telling
from viewings.services.booking import SUBJECT_TYPE, subject_of
from viewings.services.links import route_for
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


def _private_link(viewing_id: uuid.UUID, session: SeekerSession) -> str:
    with rls.acting_for(session):
        viewing = ViewingRequest.objects.get(pk=viewing_id)
    return route_for(viewing, session, now=clock.now())


disputes.register_route(SUBJECT_TYPE, _private_link)


# --- Disputes -------------------------------------------------------------------------------------
def disputable(viewing: ViewingRequest, *, by: Principal, now: dt.datetime) -> DisputeKind | None:
    """What the reader can tell us that went wrong, if anything."""
    return disputes.disputable(
        subject=subject_of(viewing), by=by, other=_who_may_be_absent(viewing, by, now), now=now
    )


def objection(viewing: ViewingRequest, *, by: Principal) -> Dispute | None:
    """What the reader has said about how it went, and what came of it."""
    return disputes.objection(subject=subject_of(viewing), by=by)


@transaction.atomic
def dispute_outcome(
    *,
    viewing: ViewingRequest,
    message: str,
    by: Principal,
    kind: str = DisputeKind.RECORD,
) -> ViewingRequest:
    """Object to what is held against oneself, or say that the other side did not come; a moderator
    decides.
    """
    now = clock.now()
    viewing = lock_viewing(viewing)
    side = policies.party_side(viewing, by)
    other = _who_may_be_absent(viewing, by, now)
    disputes.dispute(
        subject=subject_of(viewing),
        kind=DisputeKind(kind),
        message=message,
        by=by,
        other=other,
        now=now,
    )
    record(viewing, Happening(EventType.DISPUTED, side), by=by, action="disputed", now=now)
    telling.hint(viewing)
    return viewing


def _who_may_be_absent(
    viewing: ViewingRequest, by: Principal, now: dt.datetime
) -> OtherSide | None:
    """The other one of the two who had agreed, about the time and for a week.

    Whoever closes the viewing says it with that, and a seeker without an account leaves no trace.
    """
    start = _start_to_keep(viewing)
    if start is None or not is_time_to_report(start, now):
        return None
    if "complete" in policies.allowed_actions(viewing, by, now):
        return None
    others = {SEEKER: viewing.poster, POSTER: viewing.seeker}
    side = policies.party_side(viewing, by)
    if side == POSTER and viewing.outcome:
        return None
    person = others.get(side)
    # Whoever claims a session may find that it asked for their own place.
    if person is None or person == by:
        return None
    return OtherSide(person, person == viewing.poster, start)


def _start_to_keep(viewing: ViewingRequest) -> dt.datetime | None:
    """When it is to take place, or was: whoever never came may have closed it."""
    if viewing.is_active:
        return agreed_start(viewing)
    if viewing.is_cancelled or viewing.chosen is None:
        return None
    start = viewing.chosen.start_at
    # Closed before it began, it was called off.
    off = viewing.events.filter(event_type=EventType.COMPLETED, created_at__lt=start)
    return None if off.exists() else start
