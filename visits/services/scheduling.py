"""Agreeing on a time: confirm, propose another, take that back; and what is noted about a visit."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.calendar.services.claims import release_hold
from ghar.calendar.services.entries import silence_entry
from ghar.errors import Invalid, SlotTaken
from ghar.lib import clock
from ghar.lib.actors import Actor
from visits import policies
from visits.models import Visit
from visits.services import telling
from visits.services.assigning import choose_agent
from visits.services.records import change, lock_visit, put, record, save
from visits.services.slots import enter_calendar, propose_time, rebook, subject_of, take_agent
from visits.states import AssignmentTrigger, VisitEventType, VisitStatus


@transaction.atomic
def confirm_visit(*, visit: Visit, by: User) -> Visit:
    """Agree to the time that waits. A new one takes the place of the one that stood until now."""
    now = clock.now()
    visit = lock_visit(visit)
    side = policies.side_of(visit, by)
    if policies.is_repeat(visit, "confirm", side):
        return visit
    policies.check_step(visit, "confirm", by, now)
    was, is_new_time = visit.agent, visit.has_proposal
    changes = put(visit, status=VisitStatus.CONFIRMED)
    if is_new_time:
        rebook(visit, now=now)
        changes |= keep_agent(visit, now=now)
    save(visit, changes)
    enter_calendar(visit, now=now)
    record(visit, VisitEventType.CONFIRMED, by=by, side=side, changes=changes, now=now)
    telling.tell(visit, verb="confirm", by=by, side=side, now=now, was=was)
    return visit


@transaction.atomic
def reschedule_visit(
    *, visit: Visit, new_date: dt.datetime, reason: str = "", by: User
) -> Visit:
    """Propose another time. The one that stands is kept until somebody agrees."""
    now = clock.now()
    visit = lock_visit(visit)
    side = policies.check_step(visit, "reschedule", by, now)
    policies.check_time(new_date, now=now, field="new_date")
    if new_date in (visit.scheduled_date, visit.standing_date):
        raise Invalid.field("new_date", _("This is the time already."))
    was, changes = visit.agent, _first_of_round(visit)
    changes |= put(
        visit,
        scheduled_date=new_date.astimezone(dt.UTC),
        status=VisitStatus.RESCHEDULED,
        proposed_by=side,
        reschedule_count=visit.reschedule_count + 1,
    )
    propose_time(visit, now=now)
    changes |= keep_agent(visit, now=now)
    save(visit, changes)
    silence_entry(subject_of(visit))
    told = changes | {"reason": reason}
    record(visit, VisitEventType.RESCHEDULED, by=by, side=side, changes=told, now=now)
    telling.tell(visit, verb="reschedule", by=by, side=side, now=now, was=was)
    return visit


def _first_of_round(visit: Visit) -> dict[str, Any]:
    """What stands while new times are proposed, however many."""
    if visit.has_proposal:
        return {}
    return put(visit, status_before=visit.status, rescheduled_from=visit.scheduled_date)


@transaction.atomic
def withdraw_reschedule(*, visit: Visit, by: Actor) -> Visit:
    """Take the proposed time back: the visit stands as it did before. The system does so with a
    proposal that nobody answered in time.
    """
    now = clock.now()
    visit = lock_visit(visit)
    side = policies.check_step(visit, "withdraw", by, now)
    was = visit.agent
    first = visit.events.earliest("number")
    changes = put(
        visit,
        status=visit.status_before,
        scheduled_date=visit.standing_date,
        rescheduled_from=None,
        proposed_by=first.changes["proposed_by"],
    )
    release_hold(subject_of(visit))
    changes |= keep_agent(visit, now=now)
    save(visit, changes)
    if visit.is_confirmed:
        enter_calendar(visit, now=now)
    record(visit, VisitEventType.WITHDRAWN, by=by, side=side, changes=changes, now=now)
    telling.tell(visit, verb="withdraw", by=by, side=side, now=now, was=was)
    return visit


@transaction.atomic
def edit_visit(*, visit: Visit, changes: dict[str, Any], by: User) -> Visit:
    """Change what is noted about a visit; each side its own fields."""
    now = clock.now()
    visit = lock_visit(visit)
    side = policies.check_can_edit(visit, changes, by)
    new = {name: value for name, value in changes.items() if getattr(visit, name) != value}
    if new:
        change(visit, **new)
        record(visit, VisitEventType.NOTED, by=by, side=side, changes=new, now=now)
        telling.tell(visit, verb="note", by=by, side=side, now=now)
    return visit




def keep_agent(visit: Visit, *, now: dt.datetime) -> dict[str, Any]:
    """The agent comes along to the time on the row, or another one is found; what that changes."""
    if not visit.is_tour or _comes_along(visit):
        return {}
    was = visit.agent_id, visit.unassigned_since
    choose_agent(visit, trigger=AssignmentTrigger.RESCHEDULE, now=now, without=visit.agent)
    if was == (visit.agent_id, visit.unassigned_since):
        return {}
    return {"agent_id": visit.agent_id, "unassigned_since": visit.unassigned_since}


def _comes_along(visit: Visit) -> bool:
    if visit.agent is None:
        return False
    try:
        with transaction.atomic():
            take_agent(visit=visit, agent=visit.agent)
    except SlotTaken:
        return False
    return True
