"""What the end of a visit says about its people; moderation keeps it and counts."""

import datetime as dt

from django.db import transaction

from ghar.accounts.models import User
from ghar.lib import clock
from moderation.models import Dispute
from moderation.rules.reliability import OTHER, VISITOR, Ending, presences
from moderation.services import attendance
from visits import policies
from visits.models import Visit
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
def can_dispute(visit: Visit, *, by: User, now: dt.datetime) -> bool:
    return attendance.disputable(subject=subject_of(visit), by=by, now=now) is not None


def objection(visit: Visit, *, by: User) -> Dispute | None:
    """What the reader has said against how it ended, and what came of it."""
    if visit.is_active:
        return None
    return attendance.objection(subject=subject_of(visit), by=by)


def check_can_dispute(visit: Visit, *, by: User, now: dt.datetime) -> None:
    attendance.check_can_dispute(subject=subject_of(visit), by=by, now=now)


@transaction.atomic
def dispute_outcome(*, visit: Visit, message: str, by: User) -> Visit:
    """Object to what is held against oneself, within a week; a moderator decides."""
    now = clock.now()
    visit = lock_visit(visit)
    side = policies.side_of(visit, by)
    attendance.dispute_attendance(subject=subject_of(visit), message=message, by=by, now=now)
    record(visit, VisitEventType.DISPUTED, by=by, side=side, changes={}, now=now)
    telling.hint(visit)
    return visit
