"""May this person's profile be changed or shown now?"""

import datetime as dt
from typing import Final

from django.utils.translation import gettext_lazy as _

from flatmates.models import Profile
from flatmates.states import ADMIN, OWNER, PROFILE_TRANSITIONS, SYSTEM, ProfileStatus
from ghar.errors import (
    Conflict,
    Invalid,
    InvalidTransition,
    NotAllowed,
    is_allowed,
    require_step,
)
from ghar.lib.actors import Actor
from ghar.lib.transitions import Transition

EDIT: Final = "edit"
# What nobody is shown without. Only who is a draft, or becomes one again by it, may lack it.
REQUIRED: Final = ("mode", "city", "age", "onboarding_completed")
MAY_LACK_FACTS: Final = frozenset({ProfileStatus.DRAFT, ProfileStatus.ACTIVE})


def roles_of(profile: Profile, by: Actor) -> set[str]:
    if by.actor_kind == "system":
        return {SYSTEM}
    roles = {ADMIN} if by.is_admin else set()
    if by.actor_id == str(profile.user_id):
        roles.add(OWNER)
    return roles


def check_can_edit(profile: Profile, by: Actor) -> None:
    if OWNER not in roles_of(profile, by):
        raise NotAllowed
    if profile.user.is_suspended:
        raise NotAllowed(_("Your account is suspended. You can appeal."))


def check_stays_complete(profile: Profile) -> None:
    """What was once published is not emptied while it is out of sight: it could come back so."""
    emptied = missing_facts(profile)
    if emptied and profile.status not in MAY_LACK_FACTS:
        message = str(_("This cannot be left empty."))
        raise Invalid(details={"fields": {name: [message] for name in emptied}})


def check_step(profile: Profile, *, verb: str, by: Actor) -> Transition:
    """The step that `verb` means for this caller now; NotAllowed or InvalidTransition else."""
    roles = roles_of(profile, by)
    if not roles:
        raise NotAllowed
    if verb == "resume" and _is_kept_down(profile, roles):
        raise InvalidTransition(details={"allowed": allowed_actions(profile, by)})
    return require_step(PROFILE_TRANSITIONS, verb=verb, source=profile.status, actors=roles)


def check_can_resume(profile: Profile, by: Actor, now: dt.datetime) -> None:
    check_can_edit(profile, by)
    check_step(profile, verb="resume", by=by)
    if profile.is_move_in_over(now):
        raise Conflict(
            _("Your move-in date has passed. Choose a new one, or none, to be shown again."),
            code="MOVE_IN_PASSED",
            details={"move_in_date": str(profile.move_in_date)},
        )


def check_can_review(profile: Profile, by: Actor) -> None:
    """Staff, and never one's own words."""
    roles = roles_of(profile, by)
    if ADMIN not in roles or OWNER in roles:
        raise NotAllowed


def check_was_read(profile: Profile, version: int) -> None:
    """What is decided about is what the reviewer has read, and nothing newer."""
    if version != profile.content_version:
        raise Conflict(
            _("This profile changed while you were looking at it. Please read it again."),
            code="STALE_CASE",
            details={"version": profile.content_version},
        )


def can_review(profile: Profile, by: Actor) -> bool:
    return is_allowed(check_can_review, profile, by)


def missing_facts(profile: Profile) -> list[str]:
    return [name for name in REQUIRED if not getattr(profile, name)]


def may_publish(profile: Profile) -> bool:
    """Nothing is missing, and no moderator keeps it down."""
    is_kept_down = profile.is_paused_by_moderation or profile.user.is_suspended
    return not missing_facts(profile) and not is_kept_down


def allowed_actions(profile: Profile, by: Actor) -> list[str]:
    """What this person can do now, for buttons and API answers."""
    roles = roles_of(profile, by)
    verbs = [v for role in sorted(roles) for v in PROFILE_TRANSITIONS.allowed(profile.status, role)]
    if _is_kept_down(profile, roles):
        verbs = [verb for verb in verbs if verb != "resume"]
    # A new text is sent again by itself.
    verbs = [verb for verb in dict.fromkeys(verbs) if verb != "resubmit"]
    return [EDIT, *verbs] if OWNER in roles else verbs


def _is_kept_down(profile: Profile, roles: set[str]) -> bool:
    return profile.is_paused_by_moderation and roles == {OWNER}
