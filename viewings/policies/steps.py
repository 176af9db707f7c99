"""Which step may be taken now? Each check raises with a reason that a person can read."""

import datetime as dt
from typing import Final

from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import Principal, SeekerSession, User
from ghar.errors import (
    InvalidTransition,
    ListingNotAvailable,
    NotAllowed,
    NotFound,
    require_step,
)
from ghar.lib.actors import Actor
from ghar.properties.policies import is_held
from ghar.properties.states import ViewingConfirmation
from viewings.models import ViewingRequest, ViewingTimeOption
from viewings.policies.booking import check_is_ahead
from viewings.policies.settings import current_settings
from viewings.states import (
    ADMIN,
    POSTER,
    SEEKER,
    SYSTEM,
    TRANSITIONS,
    OptionStatus,
    ViewingStatus,
)

# A listing on hold stops every step but these.
POSSIBLE_ON_HOLD: Final = frozenset({"cancel", "expire"})
# So long before the start people know that they will not make it.
LATE_FROM: Final = dt.timedelta(hours=2)
# Steps whose repeat changes nothing, with the state that they lead to.
REPEATABLE: Final = {
    "confirm": ViewingStatus.CONFIRMED,
    "cancel": ViewingStatus.CANCELLED,
    "complete": ViewingStatus.COMPLETED,
}


# --- Steps ----------------------------------------------------------------------------------------
def party_side(viewing: ViewingRequest, by: Actor) -> str:
    """The side of a caller who has one; NotFound for everybody else."""
    side = viewing.side_of(by)
    if side is None:
        raise NotFound
    return side


def check_side(viewing: ViewingRequest, verb: str, by: Actor) -> str:
    """The caller's side, if this side may ever take this step."""
    side = party_side(viewing, by)
    if not any(side in row.actors for row in TRANSITIONS if row.verb == verb):
        raise NotAllowed
    return side


def is_repeat(viewing: ViewingRequest, verb: str, option: ViewingTimeOption | None = None) -> bool:
    """Whether the request stands already where the step would lead it."""
    if verb == "select":
        is_chosen = option is not None and viewing.selected_option_id == option.pk
        return is_chosen and viewing.is_active
    is_there = viewing.status == REPEATABLE.get(verb)
    return is_there and option in (None, viewing.chosen)


def check_step(viewing: ViewingRequest, verb: str, by: Actor) -> str:
    """The state that the step leads to; NotAllowed, ListingNotAvailable or InvalidTransition."""
    side = check_side(viewing, verb, by)
    # The end of what nobody comes back to; when, says closes_by_itself.
    is_closing = verb == "complete" and side == SYSTEM
    if is_frozen(viewing) and verb not in POSSIBLE_ON_HOLD and not is_closing:
        raise ListingNotAvailable
    return require_step(TRANSITIONS, verb=verb, source=viewing.status, actors=[side]).target


def is_frozen(viewing: ViewingRequest) -> bool:
    """A listing that is held or refused, or a side that is suspended, stops what was agreed."""
    return is_held(viewing.listing) or has_suspended_side(viewing)


def has_suspended_side(viewing: ViewingRequest, *, besides: User | None = None) -> bool:
    people = [person for person in (viewing.poster, viewing.seeker) if person is not None]
    return any(person.is_suspended for person in people if person != besides)


def hangs_on(viewing: ViewingRequest, person: User) -> bool:
    """Nothing but a suspension of this person stops it."""
    return not is_held(viewing.listing) and not has_suspended_side(viewing, besides=person)


def closes_by_itself(viewing: ViewingRequest, now: dt.datetime) -> bool:
    """Nobody has said how it was, and no longer will."""
    return viewing.is_confirmed and is_long_over(viewing, now)


def is_long_over(viewing: ViewingRequest, now: dt.datetime) -> bool:
    """What was agreed; on hold nobody can say how it was, and it waits for longer."""
    limits, agreed = current_settings(), viewing.agreed_time
    after = limits.until_closed_on_hold if is_frozen(viewing) else limits.until_completed
    return agreed is not None and agreed.end_at <= now - after


def falls_back(viewing: ViewingRequest, now: dt.datetime) -> bool:
    """The open times have passed unanswered; what was agreed is later than they were, and stands,
    however late the sweep comes. What is on hold waits, and ends with its hold.
    """
    agreed = viewing.agreed_option
    if agreed is None or (is_frozen(viewing) and is_long_over(viewing, now)):
        return False
    return all(option.start_at < agreed.start_at for option in viewing.open_options)


def check_chooses(option: ViewingTimeOption, side: str) -> None:
    """A time is chosen by the side that did not offer it."""
    if side != ADMIN and option.source == side:
        raise NotAllowed(_("The other side chooses among the times that you offered."))


def check_can_select(
    viewing: ViewingRequest, option: ViewingTimeOption, side: str, now: dt.datetime
) -> None:
    """A time is chosen by the other side, while it is open and ahead."""
    check_chooses(option, side)
    if option.status == OptionStatus.REJECTED:
        raise not_now(viewing, side)
    check_is_ahead(option, now)


def has_begun(viewing: ViewingRequest, now: dt.datetime) -> bool:
    return viewing.chosen is not None and viewing.chosen.start_at <= now


def check_has_begun(viewing: ViewingRequest, by: Actor, now: dt.datetime) -> None:
    """Nobody says how it was before; whoever calls it off cancels it."""
    if not has_begun(viewing, now):
        raise InvalidTransition(
            _("It has not begun. Until then it can be cancelled."),
            details={"allowed": allowed_actions(viewing, by, now)},
        )


def check_can_reschedule(viewing: ViewingRequest, by: Actor, now: dt.datetime) -> None:
    """Not once the agreed time has come: who stayed away would take the record out of the hands of
    who did not.
    """
    if viewing.is_confirmed and has_begun(viewing, now):
        raise InvalidTransition(details={"allowed": allowed_actions(viewing, by, now)})


def check_can_tell(viewing: ViewingRequest, to: str, by: Actor) -> str:
    """The caller's side; a message goes to the other one."""
    side = party_side(viewing, by)
    if side == to:
        raise NotAllowed(_("A message goes to the other side."))
    _check_goes_on(viewing, side)
    return side


def check_can_run_late(viewing: ViewingRequest, by: Actor, now: dt.datetime) -> str:
    """The caller's side: one of the two who meet, around the agreed time."""
    side = party_side(viewing, by)
    if side not in (SEEKER, POSTER):
        raise NotAllowed
    _check_goes_on(viewing, side)
    time = viewing.chosen if viewing.is_confirmed else None
    if time is None or not time.start_at - LATE_FROM <= now < time.end_at:
        raise not_now(viewing, side)
    return side


def check_can_give_meeting_point(viewing: ViewingRequest, by: Actor) -> str:
    side = party_side(viewing, by)
    if side not in (POSTER, ADMIN):
        raise NotAllowed
    _check_goes_on(viewing, side)
    return side


def check_can_settle(viewing: ViewingRequest, by: Actor) -> str:
    side = party_side(viewing, by)
    if not by.is_admin:
        raise NotAllowed
    return side


def check_is_visitor(viewing: ViewingRequest, by: Principal) -> SeekerSession:
    """The seeker, if they have no account: an account verifies its contacts in its settings."""
    if party_side(viewing, by) != SEEKER or not isinstance(by, SeekerSession):
        raise NotAllowed
    return by


def confirms_itself(viewing: ViewingRequest, option: ViewingTimeOption, side: str) -> bool:
    """The seeker picked a time of a poster who lets picked times stand."""
    is_auto = viewing.listing.viewing_confirmation == ViewingConfirmation.AUTO
    return is_auto and side == SEEKER and option.source == POSTER


def needs_flag(viewing: ViewingRequest) -> bool:
    """So many reschedules that somebody of the team should look."""
    return viewing.round > current_settings().reschedules_until_flag


def not_now(viewing: ViewingRequest, side: str) -> InvalidTransition:
    return InvalidTransition(details={"allowed": TRANSITIONS.allowed(viewing.status, side)})


# --- What to show -------------------------------------------------------------------------------
def allowed_actions(viewing: ViewingRequest, by: Actor, now: dt.datetime) -> list[str]:
    """What this caller can do now, for buttons and API answers."""
    side = viewing.side_of(by)
    if side is None:
        return []
    steps = [s for s in TRANSITIONS.allowed(viewing.status, side) if s != "expire"]
    if is_frozen(viewing):
        return [step for step in steps if step in POSSIBLE_ON_HOLD]
    theirs = selectable(viewing, side)
    hidden = {"complete"}
    if has_begun(viewing, now):
        hidden = {"reschedule"} if viewing.is_confirmed else set()
    if not theirs:
        hidden.add("select")
    if not theirs and viewing.selected_option_id is None:
        hidden.add("confirm")
    if viewing.is_active:
        steps += ["meeting_point", "notify"] if side in (POSTER, ADMIN) else ["notify"]
    if viewing.is_flagged and by.is_admin:
        steps.append("settle")
    return [step for step in steps if step not in hidden]


def selectable(viewing: ViewingRequest, side: str) -> list[ViewingTimeOption]:
    """The open times among which this side chooses."""
    return [option for option in viewing.open_options if side == ADMIN or option.source != side]


def next_step(viewing: ViewingRequest, side: str | None) -> str:
    """The one thing that stands next, seen from `side`.

    choose, confirm or offer: it is for this side to do; wait: for the other one; the rest says how
    things stand: agreed, frozen, cancelled, completed.
    """
    if not viewing.is_active:
        return "cancelled" if viewing.is_cancelled else "completed"
    if is_frozen(viewing):
        return "frozen"
    if viewing.is_confirmed:
        return "agreed"
    if viewing.chosen is not None:
        return "wait" if side == SEEKER else "confirm"
    if selectable(viewing, side or SEEKER):
        return "choose"
    return "wait" if viewing.open_options or side == SEEKER else "offer"


def needs_answer_of(viewing: ViewingRequest, side: str) -> bool:
    """Whether this side is the one that everybody waits for."""
    return next_step(viewing, side) in ("choose", "confirm", "offer")


def _check_goes_on(viewing: ViewingRequest, side: str) -> None:
    if is_frozen(viewing):
        raise ListingNotAvailable
    if not viewing.is_active:
        raise not_now(viewing, side)
