"""Who may do what with a listing now, beyond what the table of steps says."""

import datetime as dt
from typing import Final

from ghar.errors import Conflict, InvalidTransition, NotAllowed, is_allowed
from ghar.lib.actors import Actor
from ghar.lib.transitions import Transition
from ghar.properties.models import Property
from ghar.properties.states import (
    ADMIN,
    EDITABLE,
    FREEZES_APPOINTMENTS,
    HAS_OPEN_POINTS,
    OWNER,
    SYSTEM,
    TRANSITIONS,
    ListingStatus,
    PauseReason,
)

EDIT: Final = "edit"
# What only a moderator undoes while `is_paused_by_moderation`.
BRINGS_BACK: Final = frozenset({"resume", "renew"})


def roles_of(listing: Property, by: Actor) -> set[str]:
    if by.actor_kind == "system":
        return {SYSTEM}
    roles = {ADMIN} if by.is_admin else set()
    if by.actor_id == str(listing.owner_id):
        roles.add(OWNER)
    return roles


def check_step(listing: Property, *, verb: str, by: Actor) -> Transition:
    """The step that `verb` means for this caller now; NotAllowed or InvalidTransition else."""
    roles = roles_of(listing, by)
    if not roles:
        raise NotAllowed
    step = TRANSITIONS.find(verb, listing.status)
    if step is None or (verb in BRINGS_BACK and _is_kept_down(listing, roles)):
        raise _not_now(listing, by)
    if not step.actors & roles:
        raise NotAllowed
    return step


def check_move_in(listing: Property, *, by: Actor, now: dt.datetime) -> None:
    """Its poster brings no room back whose move-in date is over; what we took down, we may."""
    if OWNER in roles_of(listing, by) and listing.is_move_in_over(now):
        raise Conflict(
            PauseReason.MOVE_IN_PASSED.label,
            code="MOVE_IN_PASSED",
            details={
                "available_from": str(listing.available_from),
                "allowed": allowed_actions(listing, by),
            },
        )


def check_can_edit(listing: Property, by: Actor) -> None:
    if OWNER not in roles_of(listing, by):
        raise NotAllowed
    if listing.status not in EDITABLE:
        raise _not_now(listing, by)


def can_edit(listing: Property, by: Actor) -> bool:
    return is_allowed(check_can_edit, listing, by)


def has_open_points(listing: Property) -> bool:
    """Whether the poster finds on the page of reasons what we ask of him."""
    return listing.status in HAS_OPEN_POINTS


def is_discarded(listing: Property) -> bool:
    """Whether its poster threw it away before it was ever sent in."""
    return listing.status == ListingStatus.WITHDRAWN and listing.submitted_at is None


def allowed_actions(listing: Property, by: Actor) -> list[str]:
    """The verbs that this person may use now, "edit" among them, for buttons and API answers."""
    roles = roles_of(listing, by)
    verbs = [v for role in sorted(roles) for v in TRANSITIONS.allowed(listing.status, role)]
    if OWNER in roles and listing.status in EDITABLE:
        verbs.insert(0, EDIT)
    hidden = {"edit_content"} | (BRINGS_BACK if _is_kept_down(listing, roles) else set())
    if listing.needs_new_move_in and ADMIN not in roles:
        hidden.add("resume")
    return [verb for verb in dict.fromkeys(verbs) if verb not in hidden]


def _is_kept_down(listing: Property, roles: set[str]) -> bool:
    """By a moderator, who is somebody else where the poster is one too."""
    is_moderator = OWNER not in roles and roles & {ADMIN, SYSTEM}
    return listing.is_paused_by_moderation and not is_moderator


def _not_now(listing: Property, by: Actor) -> InvalidTransition:
    return InvalidTransition(details={"allowed": allowed_actions(listing, by)})


# --- What it means for visits and viewings ----------------------------------------------------------
def is_held(listing: Property) -> bool:
    return listing.status in FREEZES_APPOINTMENTS


def freezes_appointments(listing: Property, old: str) -> bool:
    """The step from the status `old` to the present one puts them on hold; the next one ends that."""
    return is_held(listing) and old not in FREEZES_APPOINTMENTS


def thaws_appointments(listing: Property, old: str) -> bool:
    return old in FREEZES_APPOINTMENTS and not is_held(listing)


def ends_appointments(listing: Property) -> bool:
    return listing.status == ListingStatus.WITHDRAWN


def touches_appointments(listing: Property, old: str) -> bool:
    return (
        freezes_appointments(listing, old)
        or thaws_appointments(listing, old)
        or ends_appointments(listing)
    )
