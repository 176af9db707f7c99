"""How a visit ends: cancelled, over, or never agreed; and one step back."""

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.calendar.services.claims import release
from ghar.calendar.services.entries import cancel_entry, silence_entry
from ghar.calendar.services.sweeps import Step, take_each
from ghar.calendar.states import NEVER_AGREED
from ghar.errors import Invalid, InvalidTransition
from ghar.lib import clock
from ghar.lib.actors import SYSTEM, Actor
from ghar.lib.pairs import lock_pair
from ghar.properties.services.moves import lock_listing
from moderation.models import Block
from visits.models import Visit, VisitEvent, VisitQuerySet
from visits.policies import steps as policies
from visits.policies.settings import current_settings
from visits.rules.words import holds, with_words
from visits.services import telling
from visits.services.assigning import keep_agent, somebody_is_free
from visits.services.records import (
    COLUMNS,
    WORDS,
    change,
    fold,
    lock_visit,
    put,
    record,
    restore,
    save,
)
from visits.services.reliability import forget_ending, note_cancellation, note_ending
from visits.services.scheduling import withdraw_reschedule
from visits.services.slots import enter_calendar, enter_silently, rebook, subject_of
from visits.states import STEPS, VISITOR, Outcome, VisitEventType, VisitStatus

ENDINGS: Final = {"cancel": VisitEventType.CANCELLED, "expire": VisitEventType.EXPIRED}


@transaction.atomic
def cancel_visit(*, visit: Visit, reason: str = "", by: Actor) -> Visit:
    """End it from any active state; the time is free at once.

    Forms and serializers ask for the reason; only the flatmates' app has no field for it.
    """
    visit = lock_visit(visit)
    now = clock.now()
    side = policies.side_of(visit, by)
    if policies.is_repeat(visit, "cancel", side):
        return visit
    policies.check_step(visit, "cancel", by, now)
    return _end(visit, verb="cancel", reason=reason, by=by, side=side, now=now)


@transaction.atomic
def complete_visit(
    *,
    visit: Visit,
    notes: str = "",
    feedback: str = "",
    outcome: str | None = None,
    by: Actor,
) -> Visit:
    """It took place, or should have: `outcome` says which; empty where nobody told us, None where
    the caller did not say.
    """
    visit = lock_visit(visit)
    now = clock.now()
    side = policies.side_of(visit, by)
    repeats = policies.is_repeat(visit, "complete", side) and outcome in (None, visit.outcome)
    if repeats and _has_said(visit, by, notes) and _has_said(visit, by, feedback):
        return visit
    policies.check_step(visit, "complete", by, now)
    outcome = Outcome.ATTENDED if outcome is None else outcome
    said = _said(visit, side, notes, feedback)
    changes = change(
        visit,
        status=VisitStatus.COMPLETED,
        outcome=outcome,
        actual_date=visit.scheduled_date if policies.took_place(outcome) else None,
        completed_at=now,
        follow_up_date=_follow_up_date(visit, now),
        **said,
    )
    release(subject_of(visit))
    silence_entry(subject_of(visit))
    note_ending(visit, now=now)
    record(visit, VisitEventType.COMPLETED, by=by, side=side, changes=changes, now=now)
    if policies.is_frozen(visit):
        telling.hint(visit)  # nobody is asked about a place that nobody sees
    else:
        telling.tell(visit, verb="complete", by=by, now=now)
    return visit


def _said(visit: Visit, side: str, notes: str, feedback: str) -> dict[str, str]:
    """The columns that these words change. After a tour the other side may write down what the visitor
    said, unless they have said it themselves; all else is added to the notes.
    """
    is_visitors = side == VISITOR or (visit.is_tour and not visit.visitor_feedback)
    said = {"visitor_feedback": feedback} if feedback and is_visitors else {}
    together = with_words(visit.visit_notes, notes)
    if not is_visitors:
        together = with_words(together, feedback)
    if together != visit.visit_notes:
        said["visit_notes"] = together
    limit: Any = COLUMNS["visit_notes"].max_length
    if "visit_notes" in said and len(together) > limit:
        field = "notes" if notes else "feedback"
        raise Invalid.field(field, _("Together with the notes that stand this is too long."))
    return said


def _has_said(visit: Visit, by: Actor, words: str) -> bool:
    """Whether this stands there, or has stood there before somebody rewrote it."""
    texts = [visit.visit_notes, visit.visitor_feedback]
    step = visit.last_step
    if step is not None and str(step.actor_id) == by.actor_id:
        texts += [step.changes.get(name, "") for name in ("visit_notes", "visitor_feedback")]
    return any(holds(text, words) for text in texts)


def _follow_up_date(visit: Visit, now: dt.datetime) -> dt.date | None:
    """When to ask again, for those whom somebody promised it."""
    if not visit.follow_up_required or visit.follow_up_date:
        return visit.follow_up_date
    later = dt.timedelta(days=current_settings().follow_up_days)
    return (now + later).astimezone(ZoneInfo(visit.timezone)).date()


@transaction.atomic
def undo_step(*, visit: Visit, by: User) -> Visit:
    """Take one's own last step back. The time is booked anew: SlotTaken if somebody has it now."""
    _wait_for_whoever_ends(visit)
    visit = lock_visit(visit)
    now = clock.now()
    prefetch_related_objects([visit], "events")
    side = policies.check_step(visit, "undo", by, now)
    if visit.is_tour and not visit.is_active and _are_apart(visit):
        raise InvalidTransition(details={"allowed": policies.allowed_actions(visit, by, now)})
    before = _before_last_step(visit)
    policies.check_undo(visit, before["status"], by, now)
    was, was_agreed, was_active = visit.agent, visit.is_agreed, visit.is_active
    changes = put(visit, **restore(before))
    rebook(visit, now=now)
    changes |= keep_agent(visit, by=by, now=now)
    save(visit, changes)
    if visit.is_confirmed:
        enter_calendar(visit, now=now)
    elif was_agreed and not visit.is_agreed:
        cancel_entry(subject_of(visit))
    elif visit.is_agreed:
        # The old time is agreed once more, and a new one proposed.
        enter_silently(visit)
    if not was_active:
        forget_ending(visit, now=now)
    record(visit, VisitEventType.UNDONE, by=by, side=side, changes=changes, now=now)
    telling.tell(visit, verb="undo", by=by, now=now, was=was, was_agreed=was_agreed)
    return visit


def _are_apart(visit: Visit) -> bool:
    return Block.objects.between(visit.user_id, visit.host_id).exists()


def _wait_for_whoever_ends(visit: Visit) -> None:
    """A cancelled visit is not among those that a withdrawal or a block ends: it comes back
    before, and is ended, or afterwards, and is refused. In the order in which a booking locks.
    """
    lock_pair(visit.user_id, visit.counterparty_id or visit.host_id)
    lock_listing(visit.listing)


def _before_last_step(visit: Visit) -> dict[str, Any]:
    """The values that the last step changed, as they were before; without words that somebody has
    written since.
    """
    events: list[VisitEvent] = list(visit.events.all())
    last = max(n for n, event in enumerate(events) if event.event_type in STEPS)
    before, since = fold(events[:last]), WORDS.intersection(fold(events[last + 1 :]))
    return {name: before[name] for name in events[last].changes if name in before.keys() - since}


def end_visit(visit: Visit, *, reason: str, now: dt.datetime) -> None:
    """What happened elsewhere ends it: the listing is withdrawn, or the two have parted.

    Of a visit that the caller has locked.
    """
    side = policies.check_step(visit, "cancel", SYSTEM, now)
    _end(visit, verb="cancel", reason=reason, by=SYSTEM, side=side, now=now)


def expire_unagreed(now: dt.datetime) -> int:
    """End what nobody agreed to in time, or go back to the time that stood; how many."""
    return _sweep(_expire, Visit.objects.never_agreed_by(now), now)


def complete_past(now: dt.datetime) -> int:
    """Close what was agreed for over a day ago, or two weeks where it is on hold; how many."""
    limits, visits = current_settings(), Visit.objects
    usual = visits.over_by(now - limits.until_completed).not_frozen()
    on_hold = visits.over_by(now - limits.until_closed_on_hold).frozen()
    return _sweep(_complete, usual, now) + _sweep(_complete, on_hold, now)


def _sweep(step: Step[Visit], visits: VisitQuerySet, now: dt.datetime) -> int:
    return take_each(step, list(visits.order_by("pk")), lock=lock_visit, now=now)


def _expire(visit: Visit, now: dt.datetime) -> bool:
    # It may have moved since the sweep looked.
    if not policies.is_past_unagreed(visit, now):
        return False
    if not policies.falls_back(visit, now):
        side = policies.check_step(visit, "expire", SYSTEM, now)
        _end(visit, verb="expire", reason=NEVER_AGREED, by=SYSTEM, side=side, now=now)
        return True
    # What is on hold stands as it is until it goes on.
    if policies.is_frozen(visit):
        return False
    withdraw_reschedule(visit=visit, by=SYSTEM)
    return True


def _complete(visit: Visit, now: dt.datetime) -> bool:
    # Somebody may have said how it was since the sweep looked.
    if not policies.closes_by_itself(visit, now):
        return False
    complete_visit(visit=visit, by=SYSTEM, outcome="")
    return True


def _end(visit: Visit, *, verb: str, reason: str, by: Actor, side: str, now: dt.datetime) -> Visit:
    """Free the time, withdraw the entry and its reminders, and tell everybody."""
    agreed_for = visit.standing_date if visit.is_agreed else None
    changes = change(
        visit, status=VisitStatus.CANCELLED, cancellation_reason=reason, cancelled_by=side
    )
    release(subject_of(visit))
    cancel_entry(subject_of(visit))
    if agreed_for:
        note_cancellation(visit, at=agreed_for, now=now)
    record(visit, ENDINGS[verb], by=by, side=side, changes=changes, now=now)
    telling.tell(visit, verb=verb, by=by, now=now, was_agreed=agreed_for is not None)
    if visit.agent_id:
        somebody_is_free()
    return visit
