"""Agreeing on a time: confirm, propose another, take that back; and what is noted about a visit."""

import datetime as dt
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.calendar.services.claims import release_hold
from ghar.calendar.services.entries import silence_entry
from ghar.errors import Invalid
from ghar.lib import clock
from ghar.lib.actors import Actor
from visits.models import Visit
from visits.policies import steps as policies
from visits.policies.booking import check_time
from visits.services import telling
from visits.services.assigning import keep_agent
from visits.services.records import change, fold, lock_visit, put, record, restore, save
from visits.services.slots import enter_calendar, propose_time, rebook, subject_of
from visits.states import VisitEventType as E
from visits.states import VisitStatus

# What a proposal changes and its withdrawal puts back.
ROUND: Final = ("status", "status_before", "scheduled_date", "rescheduled_from", "proposed_by")


@transaction.atomic
def confirm_visit(*, visit: Visit, by: User) -> Visit:
    """Agree to the time that waits. A new one takes the place of the one that stood until now."""
    visit = lock_visit(visit)
    now = clock.now()
    side = policies.side_of(visit, by)
    if policies.is_repeat(visit, "confirm", side):
        return visit
    policies.check_step(visit, "confirm", by, now)
    was, is_new_time = visit.agent, visit.has_proposal
    changes = put(visit, status=VisitStatus.CONFIRMED)
    if is_new_time:
        rebook(visit, now=now)
        changes |= keep_agent(visit, by=by, now=now)
    save(visit, changes)
    enter_calendar(visit, now=now)
    record(visit, E.CONFIRMED, by=by, side=side, changes=changes, now=now)
    telling.tell(visit, verb="confirm", by=by, now=now, was=was)
    return visit


@transaction.atomic
def reschedule_visit(
    *, visit: Visit, new_date: dt.datetime, reason: str = "", by: User, field: str = "new_date"
) -> Visit:
    """Propose another time. The one that stands is kept until somebody agrees.

    `field`: the caller's word for the time, which an error names.
    """
    visit = lock_visit(visit)
    now = clock.now()
    side = policies.check_step(visit, "reschedule", by, now)
    check_time(new_date, now=now, field=field)
    if new_date in (visit.scheduled_date, visit.standing_date):
        raise Invalid.field(field, _("This is the time already."))
    was, changes = visit.agent, _first_of_round(visit)
    changes |= put(
        visit,
        scheduled_date=new_date.astimezone(dt.UTC),
        status=VisitStatus.RESCHEDULED,
        proposed_by=side,
        reschedule_count=visit.reschedule_count + 1,
    )
    propose_time(visit, now=now)
    changes |= keep_agent(visit, by=by, now=now)
    save(visit, changes)
    silence_entry(subject_of(visit))
    told = changes | {"reason": reason}
    record(visit, E.RESCHEDULED, by=by, side=side, changes=told, now=now)
    telling.tell(visit, verb="reschedule", by=by, now=now, was=was)
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
    visit = lock_visit(visit)
    now = clock.now()
    side = policies.check_step(visit, "withdraw", by, now)
    was, changes = visit.agent, put(visit, **_before_round(visit))
    release_hold(subject_of(visit))
    changes |= keep_agent(visit, by=by, now=now)
    save(visit, changes)
    if visit.is_confirmed:
        enter_calendar(visit, now=now)
    record(visit, E.WITHDRAWN, by=by, side=side, changes=changes, now=now)
    telling.tell(visit, verb="withdraw", by=by, now=now, was=was)
    return visit


def _before_round(visit: Visit) -> dict[str, Any]:
    """What the first proposal of the round changed, as it was before."""
    events = list(visit.events.all())
    opening = [e.event_type == E.RESCHEDULED and "status_before" in e.changes for e in events]
    first = max(n for n, opens in enumerate(opening) if opens)
    before = fold(events[:first])
    return restore({name: before[name] for name in ROUND})


@transaction.atomic
def edit_visit(
    *, visit: Visit, changes: dict[str, Any], by: User, read: dict[str, str] | None = None
) -> Visit:
    """Change what is noted about a visit; each side its own fields.

    `read`: the words that stood there when they were read; Conflict (STALE_NOTES) if others do now.
    """
    visit = lock_visit(visit)
    now = clock.now()
    side = policies.check_can_edit(visit, changes, by)
    policies.check_unchanged(visit, read or {})
    new = {name: value for name, value in changes.items() if getattr(visit, name) != value}
    policies.check_follow_up(visit, new.get("follow_up_date"), now)
    if new:
        change(visit, **new)
        record(visit, E.NOTED, by=by, side=side, changes=new, now=now)
        telling.tell(visit, verb="note", by=by, now=now)
    return visit
