"""What the end of a visit says about its people; moderation keeps it and counts."""

import datetime as dt

from django.db import transaction

from ghar.accounts.models import User
from ghar.lib import clock
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
from visits.models import Visit
from visits.policies import steps as policies
from visits.rules.safety import stands
from visits.services import telling
from visits.services.records import lock_visit, record
from visits.services.slots import subject_of
from visits.states import COUNTERPARTY, HOST, VisitEventType
from visits.states import VISITOR as VISITOR_SIDE

# The agent and our team are nobody's fault; who shows a tour stands for its host.
_SIDES = {VISITOR_SIDE: VISITOR, HOST: OTHER, COUNTERPARTY: OTHER}


def note_ending(visit: Visit, *, now: dt.datetime) -> None:
    """It is over, or somebody has proved to have come: what is known of each side."""
    _note(visit, Ending(outcome=visit.outcome, arrived=_arrived(visit)), visit.scheduled_date, now)


def note_cancellation(visit: Visit, *, at: dt.datetime, now: dt.datetime) -> None:
    """An agreed time, which was `at`, is cancelled by the side that the row names."""
    ending = Ending(
        cancelled_by=_SIDES.get(visit.cancelled_by, ""), notice=at - now, arrived=_arrived(visit)
    )
    _note(visit, ending, at, now)


def forget_ending(visit: Visit, *, now: dt.datetime) -> None:
    """The last step was taken back; who came, came."""
    attendance.forget_attendance(subject=subject_of(visit))
    note_ending(visit, now=now)


def _note(visit: Visit, ending: Ending, happened_at: dt.datetime, now: dt.datetime) -> None:
    other_id = visit.host_id if visit.is_tour else visit.counterparty_id
    people = {VISITOR: visit.user_id, OTHER: other_id}
    found = {pk: kept for side, kept in presences(ending).items() if (pk := people[side])}
    if found:
        attendance.note_attendance(
            subject=subject_of(visit),
            presences=found,
            host_id=visit.host_id if visit.is_tour else None,
            happened_at=happened_at,
            now=now,
        )


def _arrived(visit: Visit) -> frozenset[str]:
    stamps = {VISITOR: visit.visitor_arrived_at, OTHER: visit.other_arrived_at}
    return frozenset(side for side, moment in stamps.items() if moment)


# --- Disputes -------------------------------------------------------------------------------------
def disputable(visit: Visit, *, by: User, now: dt.datetime) -> DisputeKind | None:
    """What the reader can tell us that went wrong, if anything."""
    return disputes.disputable(
        subject=subject_of(visit), by=by, other=_who_may_be_absent(visit, by, now), now=now
    )


def check_disputable(visit: Visit, *, by: User, now: dt.datetime) -> DisputeKind:
    if (kind := disputable(visit, by=by, now=now)) is None:
        raise disputes.NotDisputable
    return kind


def objection(visit: Visit, *, by: User) -> Dispute | None:
    """What the reader has said about how it went, and what came of it."""
    return disputes.objection(subject=subject_of(visit), by=by)


@transaction.atomic
def dispute_outcome(
    *, visit: Visit, message: str, by: User, kind: str = DisputeKind.RECORD
) -> Visit:
    """Object to what is held against oneself, or say that the other side did not come; a moderator
    decides.
    """
    now = clock.now()
    visit = lock_visit(visit)
    side = policies.side_of(visit, by)
    other = _who_may_be_absent(visit, by, now)
    disputes.dispute(
        subject=subject_of(visit),
        kind=DisputeKind(kind),
        message=message,
        by=by,
        other=other,
        now=now,
    )
    record(visit, VisitEventType.DISPUTED, by=by, side=side, changes={}, now=now)
    telling.hint(visit)
    return visit


def _who_may_be_absent(visit: Visit, by: User, now: dt.datetime) -> OtherSide | None:
    """The other one of the two who had agreed, about the time and for a week.

    Not one who has proved to be there; and whoever closes the visit says it with that.
    """
    if not stands(visit) or not is_time_to_report(visit.standing_date, now):
        return None
    if _has_closed(visit, by) or "complete" in policies.allowed_actions(visit, by, now):
        return None
    person, arrived_at = _other_of_two(visit, by)
    if person is None or arrived_at is not None:
        return None
    return OtherSide(person, visit.is_tour and person == visit.host, visit.standing_date)


def _has_closed(visit: Visit, by: User) -> bool:
    step = visit.last_step
    if step is None or step.event_type != VisitEventType.COMPLETED:
        return False
    return str(step.actor_id) == by.actor_id


def _other_of_two(visit: Visit, by: User) -> tuple[User | None, dt.datetime | None]:
    side = visit.side_of(by)
    if side == VISITOR_SIDE:
        return (visit.host if visit.is_tour else visit.counterparty), visit.other_arrived_at
    return (visit.user if side in _SIDES else None), visit.visitor_arrived_at
