"""How a viewing ends: cancelled, completed, or run out."""

from collections.abc import Iterable
import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ghar.calendar.models import Claim
from ghar.calendar.services.claims import release, release_hold
from ghar.calendar.services.entries import cancel_entry
from ghar.calendar.services.sweeps import Step, take_each
from ghar.calendar.states import NEVER_AGREED, NO_LONGER, NO_TIMES, NOT_OFFERED
from ghar.lib import clock, rls
from ghar.lib.actors import SYSTEM, Actor
from ghar.notifications.services.notices import Notice
from viewings.models import ViewingRequest
from viewings.policies import steps as policies
from viewings.policies.settings import current_settings
from viewings.services import telling
from viewings.services.booking import SUBJECT_TYPE, subject_of
from viewings.services.records import (
    Happening,
    as_payload,
    lock_viewing,
    mark_option,
    record,
)
from viewings.services.reliability import agreed_start, note_ending
from viewings.services.scheduling import fall_back
from viewings.states import EventType, OptionStatus, Outcome


@transaction.atomic
def cancel_viewing(*, viewing: ViewingRequest, by: Actor, reason: str = "") -> ViewingRequest:
    """End it from any active state; the time is free at once."""
    viewing = lock_viewing(viewing)
    side = policies.check_side(viewing, "cancel", by)
    if policies.is_repeat(viewing, "cancel"):
        return viewing
    target = policies.check_step(viewing, "cancel", by)
    happening = Happening(EventType.CANCELLED, side, {"reason": reason})
    return _end(viewing, happening, target=target, by=by, notice=telling.CANCELLED, reason=reason)


@transaction.atomic
def complete_viewing(
    *, viewing: ViewingRequest, by: Actor, outcome: str | None = None
) -> ViewingRequest:
    """It took place, or should have: `outcome` says which; empty where nobody knows, None where the
    caller did not say. Closed so before it begins, which no page offers, it was called off.
    """
    now = clock.now()
    viewing = lock_viewing(viewing)
    side = policies.check_side(viewing, "complete", by)
    if policies.is_repeat(viewing, "complete") and outcome in (None, viewing.outcome):
        return viewing
    target = policies.check_step(viewing, "complete", by)
    if outcome is None and not policies.has_begun(viewing, now):
        happening = Happening(EventType.COMPLETED, side, {"outcome": ""})
        return _end(viewing, happening, target=target, by=by, notice=telling.CANCELLED)
    policies.check_has_begun(viewing, by, now)
    start = agreed_start(viewing)
    viewing.status = target
    outcome = Outcome.ATTENDED if outcome is None else outcome
    viewing.outcome = outcome
    viewing.save(update_fields=["status", "outcome", "updated_at"])
    release(subject_of(viewing))
    note_ending(viewing, start=start, now=now)
    happening = Happening(EventType.COMPLETED, side, {"outcome": outcome})
    record(viewing, happening, by=by, action="completed", now=now)
    telling.hint(viewing)
    return viewing


def close_past_viewings(*, now: dt.datetime) -> int:
    """Complete what was agreed for over a day ago, or two weeks where it is on hold; end what nobody
    confirmed in time, or go back to what was agreed; how many.
    """
    limits, viewings = current_settings(), ViewingRequest.objects
    long_ago = now - limits.until_closed_on_hold
    with rls.acting_as(rls.WORKER):
        past = [
            *viewings.taken_place_before(now - limits.until_completed).not_frozen(),
            *viewings.taken_place_before(long_ago).frozen(),
        ]
        run_out = list(viewings.run_out_at(now).not_waiting_since(long_ago))
        unanswered = list(viewings.without_times_since(now - limits.without_times))
    closed = _sweep(_complete, past, now) + _sweep(_expire, run_out, now)
    return closed + _sweep(_give_up, unanswered, now)


def release_expired_holds(*, now: dt.datetime) -> int:
    """Free the selected times that nobody confirmed in time; the number of requests."""
    holds = Claim.objects.expired_holds(now).filter(subject_type=SUBJECT_TYPE)
    ids = set(holds.values_list("subject_id", flat=True))
    return _sweep(_release_hold, [ViewingRequest(pk=pk) for pk in sorted(ids)], now)


def _sweep(step: Step[ViewingRequest], viewings: Iterable[ViewingRequest], now: dt.datetime) -> int:
    return take_each(step, viewings, lock=lock_viewing, now=now)


def _complete(viewing: ViewingRequest, now: dt.datetime) -> bool:
    # Somebody may have said how it was since the sweep looked.
    if not policies.closes_by_itself(viewing, now):
        return False
    complete_viewing(viewing=viewing, by=SYSTEM, outcome="")
    return True


def _release_hold(viewing: ViewingRequest, now: dt.datetime) -> bool:
    option, subject = viewing.chosen, subject_of(viewing)
    # It may have been confirmed, or chosen anew, since the sweep looked.
    if option is None or not Claim.objects.of(subject).expired_holds(now).exists():
        return False
    release_hold(subject)
    mark_option(option, OptionStatus.OFFERED)
    viewing.selected_option = None
    viewing.save(update_fields=["selected_option", "updated_at"])
    happening = Happening(EventType.HOLD_EXPIRED, SYSTEM.actor_kind, as_payload(option))
    record(viewing, happening, by=SYSTEM, action="hold_expired", now=now)
    sides = telling.all_but(SYSTEM.actor_kind)
    telling.tell(viewing, telling.HOLD_ENDED, sides=sides, option=option, now=now)
    return True


def _expire(viewing: ViewingRequest, now: dt.datetime) -> bool:
    still_due = ViewingRequest.objects.run_out_at(now).filter(pk=viewing.pk)
    if not still_due.exists():
        return False
    if policies.falls_back(viewing, now):
        fall_back(viewing, now=now)
        return True
    _run_out(viewing, notice=telling.RAN_OUT, reason=NEVER_AGREED)
    return True


def _give_up(viewing: ViewingRequest, now: dt.datetime) -> bool:
    # Somebody may have proposed a time since the sweep looked.
    if viewing.options.all() or not viewing.is_open:
        return False
    _run_out(viewing, notice=telling.UNANSWERED, reason=NO_TIMES)
    return True


def _run_out(viewing: ViewingRequest, *, notice: Notice, reason: str) -> None:
    target = policies.check_step(viewing, "expire", SYSTEM)
    happening = Happening(EventType.EXPIRED, SYSTEM.actor_kind)
    _end(viewing, happening, target=target, by=SYSTEM, notice=notice, reason=reason)


def end_with_listing(viewing: ViewingRequest) -> None:
    """The listing is withdrawn: what was asked for it ends."""
    _end_by_itself(viewing, notice=telling.WITHDRAWN, reason=NOT_OFFERED)


def end_between_people(viewing: ViewingRequest) -> None:
    """One of the two deletes their account, or blocks the other; the words do not say which."""
    _end_by_itself(viewing, notice=telling.CANCELLED, reason=NO_LONGER)


def _end_by_itself(viewing: ViewingRequest, *, notice: Notice, reason: str) -> None:
    viewing = lock_viewing(viewing)
    target = policies.check_step(viewing, "cancel", SYSTEM)
    happening = Happening(EventType.CANCELLED, SYSTEM.actor_kind, {"reason": reason})
    _end(viewing, happening, target=target, by=SYSTEM, notice=notice, reason=reason)


def _end(
    viewing: ViewingRequest,
    happening: Happening,
    *,
    target: str,
    by: Actor,
    notice: Notice,
    reason: str = "",
) -> ViewingRequest:
    """Free the time, withdraw the entry and its reminders, and tell both sides."""
    now, start = clock.now(), agreed_start(viewing)
    viewing.status, viewing.cancellation_reason = target, reason
    viewing.save(update_fields=["status", "cancellation_reason", "updated_at"])
    release(subject_of(viewing))
    cancel_entry(subject_of(viewing))
    note_ending(viewing, start=start, by_side=happening.actor, now=now)
    record(viewing, happening, by=by, action=happening.type, now=now)
    telling.tell(
        viewing,
        notice,
        sides=telling.all_but(happening.actor),
        by_side=happening.actor,
        was_agreed=start is not None,
        now=now,
        reason=viewing.shown_reason or _("No reason was given."),
    )
    return viewing
