"""Which step may be taken now? Each check raises with a reason that a person can read."""

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.errors import (
    Conflict,
    DomainError,
    Invalid,
    InvalidTransition,
    ListingNotAvailable,
    NotAllowed,
    NotFound,
)
from ghar.lib.actors import Actor
from ghar.properties.policies import ends_appointments, is_held
from visits.models import Visit
from visits.policies.booking import NoActiveMatch
from visits.policies.settings import current_settings
from visits.states import (
    ADMIN,
    AGENT,
    COUNTERPARTY,
    HOST,
    SYSTEM,
    TRANSITIONS,
    VISITOR,
    Outcome,
    VisitEventType,
    VisitStatus,
)

# In the order of buttons. "expire" is the system's alone and never offered.
STEPS: Final = ("confirm", "reschedule", "withdraw", "cancel", "complete", "undo", "assign")
# A listing on hold, or a side that is suspended, stops every step but these.
POSSIBLE_ON_HOLD: Final = frozenset({"cancel", "expire"})
# Steps towards a meeting: of two who have parted nobody takes them.
TOGETHER: Final = frozenset({"confirm", "reschedule", "withdraw", "undo"})
# Steps whose repeat changes nothing, with the state that they lead to.
REPEATABLE: Final = {
    "confirm": VisitStatus.CONFIRMED,
    "cancel": VisitStatus.CANCELLED,
    "complete": VisitStatus.COMPLETED,
}
# Who agrees to a time that this side proposed.
AGREES: Final = {
    VISITOR: frozenset({HOST, AGENT, COUNTERPARTY, ADMIN}),
    COUNTERPARTY: frozenset({VISITOR, ADMIN}),
    HOST: frozenset({VISITOR, ADMIN}),
    AGENT: frozenset({VISITOR, ADMIN}),
    ADMIN: frozenset({HOST, COUNTERPARTY}),
}
# Which fields a side may change once the visit is made.
_OF_VISITOR: Final = frozenset({"special_requirements", "visitor_feedback", "interest_level"})
_OF_OTHERS: Final = frozenset({"visit_notes", "follow_up_required", "follow_up_date"})
FIELDS: Final = {VISITOR: _OF_VISITOR}


# --- Steps ----------------------------------------------------------------------------------------
def side_of(visit: Visit, by: Actor) -> str:
    """The side of a caller who has one; NotFound for everybody else."""
    side = SYSTEM if by.actor_kind == "system" else visit.side_of(by)
    if side is None:
        raise NotFound
    return side


def is_repeat(visit: Visit, verb: str, side: str) -> bool:
    """Whether the visit stands already where the step would lead it, for somebody who may step."""
    return visit.status == REPEATABLE.get(verb) and _may_ever(visit, verb, side)


def check_step(visit: Visit, verb: str, by: Actor, now: dt.datetime) -> str:
    """The caller's side; NotAllowed, ListingNotAvailable or InvalidTransition."""
    side = side_of(visit, by)
    refusal = _refusal(visit, verb, side, by, now)
    if refusal is InvalidTransition:
        raise InvalidTransition(details={"allowed": allowed_actions(visit, by, now)})
    if refusal is not None:
        raise refusal
    return side


def check_undo(visit: Visit, target: str, by: Actor, now: dt.datetime) -> None:
    """The step back leads where the table of steps says that it can."""
    event = visit.last_step
    kind = {"completed": "undo_complete", "rescheduled": f"withdraw_to_{target}"}
    steps = {"cancelled": f"undo_cancel_to_{target}", "confirmed": f"undo_confirm_to_{target}"}
    verb = (kind | steps).get(event.event_type if event else "", "")
    if TRANSITIONS.find(verb, visit.status) is None:
        raise InvalidTransition(details={"allowed": allowed_actions(visit, by, now)})


def allowed_actions(visit: Visit, by: Actor, now: dt.datetime) -> list[str]:
    """What this caller can do now, for buttons and API answers."""
    side = SYSTEM if by.actor_kind == "system" else visit.side_of(by)
    if side is None:
        return []
    return [verb for verb in STEPS if _refusal(visit, verb, side, by, now) is None]


def _refusal(
    visit: Visit, verb: str, side: str, by: Actor, now: dt.datetime
) -> type[DomainError] | None:
    if not _may_ever(visit, verb, side):
        return NotAllowed
    if is_frozen(visit) and verb not in POSSIBLE_ON_HOLD and not _is_closing(verb, side):
        return ListingNotAvailable
    if parted := _why_parted(visit, verb):
        return parted
    if not _fits_state(visit, verb, by, now):
        return InvalidTransition
    return None if _may_now(visit, verb, side) else NotAllowed


def _is_closing(verb: str, side: str) -> bool:
    """The end of what nobody comes back to; when, says closes_by_itself."""
    return verb == "complete" and side == SYSTEM


def _may_ever(visit: Visit, verb: str, side: str) -> bool:
    """Whether this side takes such steps at all."""
    if verb == "complete":
        # Two who meet have nobody else who could say how it was.
        return side in (HOST, AGENT, ADMIN, SYSTEM) or not visit.is_tour
    if verb == "assign":
        return visit.is_tour and side in (AGENT, ADMIN)
    if verb == "expire":
        return side == SYSTEM
    return side != SYSTEM or verb in ("cancel", "withdraw")


def _may_now(visit: Visit, verb: str, side: str) -> bool:
    if verb == "confirm":
        agrees = AGREES[visit.proposed_by]
        # Of a new time that our team proposes nobody has heard yet, the visitor included.
        return side in agrees or (
            visit.has_proposal and visit.proposed_by == ADMIN and side == VISITOR
        )
    if verb == "withdraw":
        return side in (visit.proposed_by, SYSTEM)
    return True


def _fits_state(visit: Visit, verb: str, by: Actor, now: dt.datetime) -> bool:
    if verb == "assign":
        return visit.is_active and visit.scheduled_date > now
    if verb == "undo":
        return _can_undo(visit, by, now)
    if verb == "withdraw":
        verb = f"withdraw_to_{visit.status_before}"
    if TRANSITIONS.find(verb, visit.status) is None:
        return False
    if verb == "confirm":
        return visit.scheduled_date > now
    if verb == "complete":
        return _has_begun(visit, now)
    if verb == "reschedule":
        # Who stayed away would take the record out of the hands of who did not.
        return not (visit.is_confirmed and _has_begun(visit, now))
    return not verb.startswith("withdraw") or visit.standing_date > now


def _has_begun(visit: Visit, now: dt.datetime) -> bool:
    return visit.scheduled_date <= now


def undo_since(now: dt.datetime) -> dt.datetime:
    """Steps taken from here on can still be taken back."""
    return now - current_settings().undo


def _can_undo(visit: Visit, by: Actor, now: dt.datetime) -> bool:
    """By whoever took the step, while nothing else has happened and it is not too late."""
    step = visit.last_step
    if step is None or str(step.actor_id) != by.actor_id:
        return False
    if step.created_at < undo_since(now):
        return False
    if step.event_type == VisitEventType.COMPLETED:
        return True
    if step.event_type == VisitEventType.RESCHEDULED:
        # The first of a round; to take back a second proposal is to withdraw them all.
        return "status_before" in step.changes and visit.standing_date > now
    is_taken_back = step.event_type in (VisitEventType.CONFIRMED, VisitEventType.CANCELLED)
    return is_taken_back and visit.scheduled_date > now


def is_frozen(visit: Visit) -> bool:
    """A listing that is held or refused, or a side that is suspended, stops what was agreed."""
    return is_held(visit.listing) or any(person.is_suspended for person in _sides(visit))


def _why_parted(visit: Visit, verb: str) -> type[DomainError] | None:
    """Nothing comes back that has ended by itself since, and two who parted plan nothing more."""
    if verb == "undo" and ends_appointments(visit.listing):
        return ListingNotAvailable
    is_matched = visit.is_tour or (visit.match and visit.match.is_active)
    return None if is_matched or verb not in TOGETHER else NoActiveMatch


def _sides(visit: Visit) -> list[User]:
    """The two without whom nothing takes place; another agent is found."""
    other = visit.host if visit.is_tour else visit.counterparty
    return [visit.user, other] if other else [visit.user]


def closes_by_itself(visit: Visit, now: dt.datetime) -> bool:
    """Nobody has said how it was, and no longer will; on hold they cannot say it."""
    limits = current_settings()
    after = limits.until_closed_on_hold if is_frozen(visit) else limits.until_completed
    return visit.is_confirmed and visit.span[1] <= now - after


def falls_back(visit: Visit, now: dt.datetime) -> bool:
    """A proposal that nobody answered lapses; the time that stands is still ahead."""
    return visit.has_proposal and visit.standing_date > now


def is_past_unagreed(visit: Visit, now: dt.datetime) -> bool:
    waits = visit.is_active and not visit.is_confirmed
    return waits and visit.scheduled_date <= now


def took_place(outcome: str) -> bool:
    return outcome == Outcome.ATTENDED


# --- Notes ----------------------------------------------------------------------------------------
def check_can_edit(visit: Visit, changes: dict[str, Any], by: Actor) -> str:
    """Each field is changed by the side that it belongs to."""
    side = side_of(visit, by)
    if set(changes) - FIELDS.get(side, _OF_OTHERS):
        raise NotAllowed(_("This is for the other side to fill in."))
    if is_frozen(visit):
        raise ListingNotAvailable
    return side


def check_unchanged(visit: Visit, read: dict[str, str]) -> None:
    """The words that somebody read still stand there."""
    if any(getattr(visit, name).splitlines() != text.splitlines() for name, text in read.items()):
        raise Conflict(_("Somebody else has changed this meanwhile."), code="STALE_NOTES")


def check_follow_up(visit: Visit, day: dt.date | None, now: dt.datetime) -> None:
    if day and day < now.astimezone(ZoneInfo(visit.timezone)).date():
        raise Invalid.field("follow_up_date", _("This day has passed."))
